"""Hearing: what everybody says about a subject, as the method weighs it, on one topic under one view."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from candor.scoring.credit import BY_RECOGNISER, NAMED, credit, returned
from candor.scoring.totals import Heard
from candor.scoring.voices import Voices, prominence, weigh

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from candor.scoring.backing import Backing
    from candor.scoring.world import View, World

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]


def hear(world: World, subjects: Ints, topic: int, view: View, *, in_full: bool = True, late_too: bool = True) -> Heard:
    """Return the voices about `subjects` (ascending person numbers) on the topic, on other topics, and of late.

    Unless `in_full`, N and prominence are found only where they weigh something: for endorsements and lists. Unless
    `late_too`, nothing is said of late.
    """
    heard = Heard(
        subjects=subjects.size,
        on_topic=_weigh(world, subjects, topic, view, recent=False, in_full=in_full),
        other_topics=_weigh_other_topics(world, subjects, topic, view),
        recent=of_late(world, subjects, view, in_full=in_full) if late_too else _silence(world, view),
    )
    return _with_backing(world, heard, view)


def seen_apart(world: World, heard: Heard, views: Sequence[View]) -> Heard:
    """Return the same about subjects whom nobody endorsed or listed, each seen with a view of its own."""
    standings = np.array([view.standing for view in views])
    apart = heard.each_voice(lambda voices: voices.seen_with(standings))
    return _with_backing(world, apart, *views)


def without_largest(world: World, heard: Heard, people: int, view: View) -> Heard:
    """Return what is heard of one subject if so many people, the loudest on the topic, were silent everywhere."""
    voices = heard.on_topic
    largest = voices.person[np.lexsort((voices.person, -voices.voice))[:people]]
    return _with_backing(world, heard.without(largest), view)


def backing(world: World, voices: Voices, subjects: int, shares: Floats | None = None) -> Backing | None:
    """Return whose trust the voices rest on, if it is asked.

    `shares` has a row for each subject, or one for all; without, no vouches are left out.
    """
    if not world.asks_whose_trust:
        return None
    if shares is None:
        return world.backers.of_all(voices, subjects)
    return world.backers.of_some(voices, np.broadcast_to(shares, (subjects, world.people)))


def _with_backing(world: World, heard: Heard, *views: View) -> Heard:
    each = [view.shares for view in views if view.shares is not None]
    shares = np.array(each) if each else None
    on_topic, recent = (backing(world, voices, heard.subjects, shares) for voices in (heard.on_topic, heard.recent))
    return replace(heard, backing=on_topic, recent_backing=recent)


def of_late(world: World, subjects: Ints, view: View, *, in_full: bool = True) -> Voices:
    """Return the voices about `subjects` over all topics with the short half-life: the same whatever the topic."""
    return _weigh(world, subjects, None, view, recent=True, in_full=in_full)


def _weigh(world: World, subjects: Ints, topic: int | None, view: View, *, recent: bool, in_full: bool) -> Voices:
    """Weigh the acts on the topic, or on any when it is None, with the long or the short half-life."""
    received = world.received_by(subjects)
    received = received[world.earning(received, view) & _inside(world, received, topic)]
    gave = world.given_by(subjects)
    gave = gave[BY_RECOGNISER[world.acts.kind[gave]] & _inside(world, gave, topic)]
    ledger = credit(world.acts, received, world.strength(received, recent=recent))
    given = credit(world.acts, gave, world.strength(gave, recent=recent))
    pairs = np.arange(ledger.recogniser.size) if in_full else np.unique(ledger.pair[ledger.soft > 0])
    recognised_by = np.full(ledger.recogniser.size, np.nan)
    if pairs.size:
        by, of = ledger.recogniser[pairs], ledger.recognised[pairs]
        counted_by = world.one_way(topic, view).recognised_by(by, of, view.standing)
        recognised_by[pairs] = np.where(world.named_for(topic)[by], np.nan, counted_by)
    return weigh(
        ledger,
        subjects,
        view.standing,
        world.method.voice,
        recognised_by=recognised_by,
        prominence=prominence(recognised_by, world.method.voice),
        given=returned(ledger, given, world.people),
    )


def _weigh_other_topics(world: World, subjects: Ints, topic: int, view: View) -> Voices:
    """Weigh what is not on the topic, copies too, with neither prominence nor reciprocity."""
    received = world.received_by(subjects)
    heard = view.face_value | NAMED[world.acts.kind[received]]
    received = received[heard & ~_inside(world, received, topic)]
    ledger = credit(world.acts, received, world.strength(received))
    pairs = ledger.recogniser.size
    return weigh(
        ledger,
        subjects,
        view.standing,
        world.method.voice,
        recognised_by=np.full(pairs, np.nan),
        prominence=np.ones(pairs),
        given=None,
    )


def _silence(world: World, view: View) -> Voices:
    nothing = np.zeros(0)
    ledger = credit(world.acts, np.arange(0), nothing)
    rule = world.method.voice
    return weigh(ledger, np.arange(0), view.standing, rule, recognised_by=nothing, prominence=nothing, given=None)


def _inside(world: World, acts: Ints, topic: int | None) -> Bools:
    return np.ones(acts.size, np.bool_) if topic is None else world.on_topic[acts, topic]
