"""Votes: everybody's voices about some subjects on one topic under one view."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from candor.scoring.acts import BY_RECOGNISER, NAMED
from candor.scoring.arrays import any_of, concat, distinct, with_changes
from candor.scoring.voices import Voices, credit, parted, prominence, returned, strengths, sums_by_pair, weigh

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from candor.scoring.acts import ActIndex
    from candor.scoring.arrays import Bools, Floats, Ints
    from candor.scoring.document import Scope
    from candor.scoring.method import Method
    from candor.scoring.pairs import ActsOfAll
    from candor.scoring.seeds import SeedAttribution
    from candor.scoring.trust import View
    from candor.scoring.voices import Ledger


SCOPES: tuple[Scope, ...] = ("on_topic", "other_topics", "recent")


@dataclass(frozen=True, eq=False)
class Votes:
    """The voices about so many subjects: on the topic, on other topics, and recent ones over all topics.

    `attribution` and `recent_attribution` say on which seeds those on the topic and the recent ones rest; None where
    everybody is trusted.
    """

    subjects: int
    on_topic: Voices
    other_topics: Voices
    recent: Voices
    attribution: SeedAttribution | None = None
    recent_attribution: SeedAttribution | None = None

    def each_voice(self, change: Callable[[Voices], Voices]) -> Votes:
        """Return the same with other voices; whose trust they rest on is left as it was."""
        on_topic, other_topics, recent = map(change, (self.on_topic, self.other_topics, self.recent))
        return with_changes(self, on_topic=on_topic, other_topics=other_topics, recent=recent)


@dataclass(frozen=True, eq=False)
class Ballot:
    """What voices are weighed by: the acts on record, the view, the method, and whom the root names for the topic.

    `named` is by person, for the topic and for any topic. Unless `in_full`, N and prominence are found only where they
    weigh something: for endorsements and lists. `of_all` and `recent_of_all` are what was found once for all people, on
    the topic and of recent acts. Recent voices and those on other topics are weighed if included. `known` are those on
    the same topic under another view: where the same acts count, what they credit is taken over, and all but standing
    where nothing else depends on the view.
    """

    index: ActIndex
    view: View
    method: Method
    topic: int | None
    named: Bools
    named_for_any: Bools
    in_full: bool = True
    of_all: ActsOfAll | None = None
    recent_of_all: ActsOfAll | None = None
    include_recent: bool = True
    include_other: bool = True
    known: Votes | None = None


def weigh_votes(ballot: Ballot, subjects: Ints) -> Votes:
    """Return the voices about `subjects` (ascending person numbers), and the seeds on whom they rest."""
    return attributed(weigh_voices(ballot, subjects), subjects, ballot.view)


def weigh_voices(ballot: Ballot, subjects: Ints) -> Votes:
    """Return the same voices, and nothing of whose trust they rest on."""
    included = {"on_topic": True, "other_topics": ballot.include_other, "recent": ballot.include_recent}
    scopes = [scope for scope in SCOPES if included[scope]]
    voices = dict(zip(scopes, _weigh(ballot, subjects, scopes), strict=True))
    if len(scopes) < len(SCOPES):
        nothing, _ = parted(voices["on_topic"], [0])
        voices |= {scope: nothing for scope in SCOPES if not included[scope]}
    on_topic, other_topics, recent = (voices[scope] for scope in SCOPES)
    return Votes(subjects.size, on_topic, other_topics, recent)


def topic_voices(ballot: Ballot, subjects: Ints) -> Voices:
    """Return the voices about `subjects` on the ballot's topic with the long half-life."""
    return _weigh(ballot, subjects, ["on_topic"])[0]


def recent_voices(ballot: Ballot, subjects: Ints) -> Voices:
    """Return the voices about `subjects` over all topics with the short half-life: the same whatever the topic."""
    return _weigh(ballot, subjects, ["recent"])[0]


def with_own_standing(votes: Votes, subjects: Ints, views: Sequence[View]) -> Votes:
    """Return the same about subjects whom nobody endorsed or listed, each seen with a view of its own."""
    standings = np.array([view.standing for view in views])
    return attributed(votes.each_voice(lambda voices: voices.seen_with(standings)), subjects, *views)


def without_largest(votes: Votes, most: Sequence[int], subject: int, view: View) -> list[Votes]:
    """Return the votes about one subject with the seeds on whom they rest, all of them first.

    Then come those that are left if so many of its largest voices on the topic were silent everywhere.
    """
    voices = votes.on_topic
    largest = voices.person[np.lexsort((voices.person, -voices.voice))] if most else voices.person
    return _attributed_together([votes, *_silenced(votes, (largest[:people] for people in most))], subject, view)


def without(votes: Votes, people: Ints, subject: int, view: View) -> Votes:
    """Return the votes about one subject if some people were silent everywhere."""
    return without_each(votes, [people], subject, view)[0]


def without_each(votes: Votes, people: Iterable[Ints], subject: int, view: View) -> list[Votes]:
    """Return the votes about one subject once without each of some groups of people."""
    return _attributed_together(_silenced(votes, people), subject, view)


def _silenced(votes: Votes, people: Iterable[Ints]) -> list[Votes]:
    return [votes.each_voice(partial(Voices.without, people=silent)) for silent in people]


def _attributed_together(several: Sequence[Votes], subject: int, view: View) -> list[Votes]:
    """Return several votes about one subject, seen in one way, with the seeds on whom they rest."""
    if view.flow is None:
        return [with_changes(votes, attribution=None, recent_attribution=None) for votes in several]
    voices = [each for votes in several for each in (votes.on_topic, votes.recent)]
    rows = [(each.person, each.voice) for each in voices]
    found = iter(view.trust.seeds.attribute_together(subject, rows, view.flow))
    return [with_changes(votes, attribution=next(found), recent_attribution=next(found)) for votes in several]


def attributed(votes: Votes, subjects: Ints, *views: View) -> Votes:
    """Return the votes with the seeds on whom they rest, under one view for all subjects or one for each."""
    if subjects.size == 1 and views[0].subject is not None:
        return _attributed_together([votes], int(subjects[0]), views[0])[0]
    on_topic, recent = (attribute(voices, subjects, *views) for voices in (votes.on_topic, votes.recent))
    return with_changes(votes, attribution=on_topic, recent_attribution=recent)


def attribute(voices: Voices, subjects: Ints, *views: View) -> SeedAttribution | None:
    """Return on which seeds the voices rest, under one view or one for each subject; None where all are trusted."""
    seeds, flows = views[0].trust.seeds, [view.flow for view in views if view.flow is not None]
    if not flows:
        return None
    rows = (subjects, voices.subject, voices.person, voices.voice)
    if views[0].subject is None:
        return seeds.attribute(*rows)
    return seeds.attribute_each(*rows, flows)


def allowed_of(voices: Voices, subjects: Ints, view: View) -> tuple[Floats, Floats] | None:
    """Return what the seeds allow of voices that all see alike, and of how many seeds; None where all are trusted."""
    if view.flow is None:
        return None
    return view.trust.seeds.allow(subjects, voices.subject, voices.person, voices.voice)


def sums_of(seeds: SeedAttribution | None) -> tuple[Floats, Floats] | None:
    """Return what the seeds allow, and of how many of them; None where all are trusted."""
    return None if seeds is None else seeds.sums


def _weigh(ballot: Ballot, subjects: Ints, scopes: Sequence[Scope]) -> list[Voices]:
    """Weigh the acts of some scopes, all at once: with few acts a step takes as long whatever their number.

    Acts on the topic and on others have the long half-life, recent ones on any topic the short one. What is on other
    topics, copies too, has neither prominence nor reciprocity.
    """
    index, acts = ballot.index, _received(ballot, subjects, scopes)
    if ballot.known is not None:
        known: list[Voices] = [getattr(ballot.known, scope) for scope in scopes]
        if all(np.array_equal(voices.ledger.acts, some) for voices, some in zip(known, acts, strict=True)):
            return [_seen_anew(ballot, subjects, *each) for each in zip(scopes, known, strict=True)]
    gave = _gave(ballot, subjects, scopes)
    strength = _strengths(ballot, [*scopes, *scopes], [*acts, *gave])
    begins = np.cumsum([some.size for some in acts[:-1]]).tolist()
    ledger = credit(index.acts, concat(acts), concat(strength[: len(acts)]), begins)
    ends = ledger.first.searchsorted(np.array([*begins, ledger.acts.size])).tolist()
    pairs = list(map(slice, [0, *ends], ends))
    back = zip(scopes, pairs, zip(gave, strength[len(acts) :], strict=True), strict=True)
    recognised_by = _recognised_by(ballot, ledger, scopes, pairs)
    voices = weigh(
        ledger,
        subjects,
        ballot.view.standing,
        ballot.method.voice,
        recognised_by=recognised_by,
        prominence=prominence(recognised_by, ballot.method.voice),
        given=concat([_given(ballot, ledger, *each) for each in back]),
    )
    return parted(voices, begins) if begins else [voices]


def _received(ballot: Ballot, subjects: Ints, scopes: Sequence[Scope]) -> list[Ints]:
    """Return the acts towards the subjects that count in each scope."""
    index, view = ballot.index, ballot.view
    received = index.received_by(subjects)
    inside = index.inside(received, ballot.topic)
    if list(scopes) == ["on_topic"]:  # few are, and nothing else is asked of the others
        received, inside = received[inside], inside[inside]
    named = NAMED.take(index.acts.kind[received]) | view.trust.is_everybody
    counts = named & ~view.void[received]
    chosen = {"on_topic": counts & inside, "other_topics": named & ~inside, "recent": counts}
    return [received[chosen[scope]] for scope in scopes]


def _gave(ballot: Ballot, subjects: Ints, scopes: Sequence[Scope]) -> list[Ints]:
    """Return by which acts the subjects gave back in each scope; none where nobody asks, or it is known of all."""
    index = ballot.index
    asked = [scope != "other_topics" and _of_all(ballot, scope) is None for scope in scopes]
    gave = index.given_by(subjects) if any(asked) else subjects[:0]
    gave = gave[BY_RECOGNISER[index.acts.kind[gave]]]
    inside = {"recent": gave, "on_topic": gave[index.inside(gave, ballot.topic)]}
    return [inside[scope] if wanted else gave[:0] for scope, wanted in zip(scopes, asked, strict=True)]


def _of_all(ballot: Ballot, scope: Scope) -> ActsOfAll | None:
    return ballot.recent_of_all if scope == "recent" else ballot.of_all


def _strengths(ballot: Ballot, scopes: Sequence[Scope], acts: Sequence[Ints]) -> list[Floats]:
    """Return the strengths of several lists of acts, each in a scope."""
    index, window = ballot.index, ballot.method.window
    half_life_days = {"recent": window.recent_half_life_days}
    of_all = [_of_all(ballot, scope) for scope in scopes]
    anew = [some if known is None else some[:0] for some, known in zip(acts, of_all, strict=True)]
    half_lives = np.repeat(
        [half_life_days.get(scope, window.half_life_days) for scope in scopes], [some.size for some in anew]
    )
    joint = concat(anew)
    strength = strengths(index.acts.kind[joint], index.age_days(joint), ballot.method.kinds, half_lives)
    ends = np.cumsum([some.size for some in anew]).tolist()
    return [
        strength[first:last] if known is None else known.strength_of(some)
        for known, some, first, last in zip(of_all, acts, [0, *ends[:-1]], ends, strict=True)
    ]


def _given(ballot: Ballot, ledger: Ledger, scope: Scope, pairs: slice, gave: tuple[Ints, Floats]) -> Floats:
    """Return for some pairs of the ledger what their recognised gave the other, by these acts with their strengths."""
    recognised = ledger.recognised[pairs]
    if scope == "other_topics":
        return np.zeros(recognised.size)
    if (of_all := _of_all(ballot, scope)) is not None:
        return of_all.returned_in(of_all.pairs.of_act[ledger.acts[ledger.first[pairs]]])
    sums = sums_by_pair(ballot.index.acts, *gave)
    return returned(recognised, ledger.recogniser[pairs], sums, ballot.index.people)


def _recognised_by(ballot: Ballot, ledger: Ledger, scopes: Sequence[Scope], pairs: Sequence[slice]) -> Floats:
    """Return N of each pair's recogniser where it is shown or weighs something, else NaN; each scope has some pairs."""
    index, view, found = ballot.index, ballot.view, np.full(ledger.recogniser.size, np.nan)
    asked = np.arange(found.size) if ballot.in_full else distinct(ledger.pair[ledger.soft > 0])
    for scope, some in zip(scopes, pairs, strict=True):
        if scope == "other_topics" or not asked.size:
            continue
        chosen = asked[some] if ballot.in_full else asked[(asked >= some.start) & (asked < some.stop)]
        topic, named = (None, ballot.named_for_any) if scope == "recent" else (ballot.topic, ballot.named)
        by, of = ledger.recogniser[chosen], ledger.recognised[chosen]
        if chosen.size:
            n = index.one_way(topic, view).recognised_by(by, of, view.standing)
            found[chosen] = np.where(named[by], np.nan, n)
    return found


def _seen_anew(ballot: Ballot, subjects: Ints, scope: Scope, known: Voices) -> Voices:
    """Return voices of the same acts under another view."""
    ledger, standing, rule = known.ledger, ballot.view.standing, ballot.method.voice
    if scope == "other_topics" or not (ballot.in_full or any_of(ledger.soft)):
        return with_changes(known, standing=standing[known.person])
    n = _recognised_by(ballot, ledger, [scope], [slice(0, ledger.recogniser.size)])
    shown = {"recognised_by": n, "prominence": prominence(n, rule)}
    return weigh(ledger, subjects, standing, rule, given=known.given, **shown)


def strengths_of(index: ActIndex, acts: Ints | slice, method: Method, *, recent: bool) -> Floats:
    """Return the strengths of some acts, with the long half-life or the short one."""
    half_life_days = method.window.recent_half_life_days if recent else method.window.half_life_days
    return strengths(index.acts.kind[acts], index.age_days(acts), method.kinds, half_life_days)
