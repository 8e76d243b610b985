"""Hearing: what everybody says about a subject, as the method weighs it, on one topic under one view."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scoring.credit import BY_RECOGNISER, NAMED, credit
from scoring.totals import Heard
from scoring.voices import Voices, prominence, weigh

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scoring.world import View, World

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]


def hear(world: World, subject: int, topic: int, view: View) -> Heard:
    """Return the voices about `subject` on the topic, on other topics, and of late."""
    return Heard(
        subjects=1,
        on_topic=_weigh(world, subject, topic, view, recent=False),
        other_topics=_weigh_other_topics(world, subject, topic, view),
        recent=_weigh(world, subject, None, view, recent=True),
    )


def _weigh(world: World, subject: int, topic: int | None, view: View, *, recent: bool) -> Voices:
    """Weigh the acts on the topic, or on any when it is None, with the long or the short half-life."""
    strength = world.recent_strength if recent else world.strength
    earning = world.earning(view)
    received = _about(world.by_recognised, subject)
    received = received[earning[received] & _inside(world, received, topic)]
    gave = _about(world.by_recogniser, subject)
    gave = gave[BY_RECOGNISER[world.acts.kind[gave]] & _inside(world, gave, topic)]
    recognised_by = world.one_way(topic, view).recognised_by(view.standing, subject)
    return weigh(
        credit(world.acts, received, strength),
        np.array([subject]),
        view.standing,
        world.method.voice,
        recognised_by=recognised_by,
        prominence=prominence(recognised_by, world.named_for(topic), world.method.voice),
        given=credit(world.acts, gave, strength),
    )


def _weigh_other_topics(world: World, subject: int, topic: int, view: View) -> Voices:
    """Weigh what is not on the topic, copies too, with neither prominence nor reciprocity."""
    received = _about(world.by_recognised, subject)
    heard = view.face_value | NAMED[world.acts.kind[received]]
    received = received[heard & ~_inside(world, received, topic)]
    everybody = np.ones(world.people)
    return weigh(
        credit(world.acts, received, world.strength),
        np.array([subject]),
        view.standing,
        world.method.voice,
        recognised_by=np.zeros(world.people),
        prominence=everybody,
        given=None,
    )


def _about(index: tuple[Ints, Ints], person: int) -> Ints:
    order, first = index
    return np.sort(order[first[person] : first[person + 1]])


def _inside(world: World, acts: Ints, topic: int | None) -> Bools:
    return np.ones(acts.size, np.bool_) if topic is None else world.on_topic[acts, topic]
