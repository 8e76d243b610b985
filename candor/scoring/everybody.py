"""Everybody scored at once: from the flow of standing that all share or, some of them, each from a flow of its own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from candor.scoring.acts import NAMED, SOFT
from candor.scoring.arrays import (
    ACTS_AT_ONCE,
    THREADS,
    concat,
    map_chunks,
    places_in_order,
    run_parallel,
    sum_by,
    sum_voices,
    where_true,
)
from candor.scoring.evidence import Evidence
from candor.scoring.expertise import Supports, are_numbered, statuses, supports
from candor.scoring.features import interest_features
from candor.scoring.interest import acts_everywhere, own_acts
from candor.scoring.pairs import ActsOfAll, Pairs
from candor.scoring.points import ManyNumbers, expertise_of_many
from candor.scoring.totals import Recent, add_up
from candor.scoring.voices import weight
from candor.scoring.votes import allowed_of, recent_voices, strengths_of, sums_of, weigh_voices, with_own_standing
from candor.scoring.weightless import reachability

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from candor.scoring.acts import ActIndex
    from candor.scoring.arrays import Bools, Floats, Ints
    from candor.scoring.interest import Everywhere, OwnActs
    from candor.scoring.trust import View
    from candor.scoring.votes import Ballot, Votes
    from candor.scoring.world import World


ACTS_TOGETHER, PEOPLE_TOGETHER = 50_000, 64  # of people recomputed at once, at most
STANDINGS_TOGETHER = 2**20  # of everybody, as each of these people sees them


@dataclass(frozen=True, eq=False)
class OnOtherTopics:
    """What acts on other topics are worth with a standing of one: of pairs, ascending by `recognised`."""

    recognised: Ints
    recogniser: Ints
    worth: Floats

    def of_all(self, standing: Floats) -> Floats:
        """Return what they count for each person, everybody seen alike."""
        return sum_by(self.recognised, standing[self.recogniser] * self.worth, standing.size)

    def of_each(self, people: Ints, standings: Sequence[Floats]) -> Floats:
        """Return what they count for each of a few whom nobody endorsed or listed, each with everybody's standing."""
        first, last = (self.recognised.searchsorted(people, side).tolist() for side in ("left", "right"))
        pairs = list(map(slice, first, last))
        voices = [seen[self.recogniser[of]] * self.worth[of] for of, seen in zip(pairs, standings, strict=True)]
        subject = np.arange(people.size).repeat([voice.size for voice in voices])
        return sum_voices(people.size, subject, np.concatenate(voices))[0]

    def about(self, people: Ints) -> OnOtherTopics:
        """Return those about some people."""
        pairs = where_true(np.isin(self.recognised, people))
        return OnOtherTopics(self.recognised[pairs], self.recogniser[pairs], self.worth[pairs])


@dataclass(frozen=True, eq=False)
class Everybody:
    """What boards of one community have in common whatever their topic, each found when first asked for."""

    world: World

    @cached_property
    def chunks(self) -> list[Ints]:
        """Everybody, in chunks about whom about as many acts were done: large ones would not fit a cache."""
        index = self.world.index
        ends = index.first_received.searchsorted(np.arange(0, index.acts.row.size, ACTS_AT_ONCE))
        return np.split(np.arange(self.world.people), np.unique(ends[ends > 0]))

    @cached_property
    def recent(self) -> Recent:
        """R of everybody under the shared view."""
        world, view = self.world, self.world.shared_view
        ballot = replace(world.ballot_for_any(view, in_full=False), recent_of_all=self.lately)

        def _of_some(chunk: Ints) -> Recent:
            voices = recent_voices(ballot, chunk)
            return Recent.of(chunk.size, voices, allowed_of(voices, chunk, view))

        return concat(map_chunks(_of_some, self.chunks))

    @cached_property
    def lately(self) -> ActsOfAll:
        """What recent votes are weighed by, whatever the topic."""
        return ActsOfAll.on(None, self.world.index, self.pairs, self._strength_of(recent=True))

    def _strength_of(self, *, recent: bool) -> Callable[[Ints], Floats]:
        """Return what gives the strengths of acts: keeping those of all takes more than finding some anew."""
        return partial(strengths_of, self.world.index, method=self.world.method, recent=recent)

    @cached_property
    def pairs(self) -> Pairs:
        """Who recognised whom."""
        return Pairs.of(self.world.index.acts, self.world.people)

    def ballot(self, world: World, topic: int) -> Ballot:
        """Return what shared votes on a topic of a world of this community are weighed by."""
        of_all = ActsOfAll.on(topic, world.index, self.pairs, self._strength_of(recent=False))
        ballot = world.ballot(topic, world.shared_view, in_full=False)
        return replace(ballot, of_all=of_all, recent_of_all=self.lately)

    def on_other_topics(self, world: World, topic: int) -> OnOtherTopics:
        """Return what everybody's help on other topics is worth: only pairs with acts on the topic are weighed anew."""

        def _of_some(some: tuple[Ints, Floats]) -> Floats:
            chunk, on_any = some
            acts, pairs = self._received_by(chunk)
            pair, on_topic = self.pairs.of_act[acts] - pairs.start, world.index.on_topic[acts, topic]
            touched = np.zeros(on_any.size, np.bool_)
            touched[pair[on_topic]] = True
            anew = self._worth(acts, pairs, touched[pair] & ~on_topic)
            return np.where(touched, anew, on_any)

        worth = concat(map_chunks(_of_some, zip(self.chunks, self._worth_on_any, strict=True)))
        return OnOtherTopics(self.pairs.recognised, self.pairs.recogniser, worth)

    @cached_property
    def _worth_on_any(self) -> list[Floats]:
        """What each pair's acts are worth with a standing of one, copies too, whatever the topic: chunk by chunk."""
        return map_chunks(lambda chunk: self._worth(*self._received_by(chunk)), self.chunks)

    def _received_by(self, chunk: Ints) -> tuple[slice, slice]:
        """Return the acts that recognise people of a chunk, and their pairs."""
        first, last = self.world.index.first_received[[chunk[0], chunk[-1] + 1]].tolist()
        pairs = self.pairs.of_act[[first, last - 1]].tolist() if last > first else (0, -1)
        return slice(first, last), slice(pairs[0], pairs[1] + 1)

    def _worth(self, acts: slice, pairs: slice, chosen: Bools | None = None) -> Floats:
        """Return by pair what is added up of the chosen acts of these, with neither prominence nor reciprocity.

        Acts count that have a name behind them, if one is needed.
        """
        world = self.world
        counts = np.ones(acts.stop - acts.start, np.bool_) if chosen is None else chosen
        if not world.trust.is_everybody:
            counts &= NAMED.take(world.index.acts.kind[acts])
        counted = where_true(counts) + acts.start
        strength = self._strength_of(recent=False)(counted)
        pair, strengths = self.pairs.strengths(world.index.acts, counted, strength)
        worth = np.zeros(pairs.stop - pairs.start)
        worth[pair - pairs.start] = weight(strengths, world.method.voice)
        return worth

    @cached_property
    def acts(self) -> Everywhere:
        """Everybody's own acts, whatever their topic."""
        return acts_everywhere(self.world.columns, np.arange(self.world.people), self.world.method)

    @cached_property
    def by_name(self) -> Ints:
        """Everybody's place in the order of names."""
        return places_in_order(self.world.columns.people)

    @cached_property
    def reach(self) -> tuple[Ints, Ints]:
        """For everybody: how many of those who addressed them they answered, and how many addressed them."""
        return reachability(self.world.columns, np.arange(self.world.people))


@dataclass(frozen=True, eq=False)
class Experts:
    """Expertise of many: numbers, who is behind them, and status."""

    numbers: ManyNumbers
    support: Supports
    status: NDArray[np.str_]

    def write(self, places: Ints, others: Experts) -> None:
        """Put others in some places."""
        for ours, theirs in ((self.numbers, others.numbers), (self.support, others.support)):
            for field in fields(ours):
                _write(getattr(ours, field.name), places, getattr(theirs, field.name))
        self.status[places] = others.status


def evaluate_everybody(world: World, everybody: Everybody, ballot: Ballot, on_other_topics: OnOtherTopics) -> Experts:
    """Score all from the shared flow, chunk by chunk."""
    recent, other = everybody.recent, on_other_topics.of_all(ballot.view.standing)
    only_topic = replace(ballot, include_recent=False, include_other=False)

    def _evaluate_chunk(chunk: Ints) -> Experts:
        votes = weigh_voices(only_topic, chunk)
        allowed = allowed_of(votes.on_topic, chunk, ballot.view)
        return evaluate_some(world, votes, recent.take(chunk), other[chunk], allowed)

    return concat(map_chunks(_evaluate_chunk, everybody.chunks))


def evaluate_some(
    world: World,
    votes: Votes,
    recent: Recent | None = None,
    other_topics: Floats | None = None,
    allowed: tuple[Floats, Floats] | None = None,
) -> Experts:
    """Score those whom the votes are about; `recent` is R and `other_topics` B - A where they are known already.

    `allowed` is what the seeds allow on the topic, and of how many seeds, where the votes do not say it.
    """
    support = supports(votes, world.method)
    status = statuses(world.root.kind, support, world.method)
    totals = add_up(votes, world.method, recent=recent, other_topics=other_topics, allowed=allowed)
    evidence = Evidence(votes, totals, world.method)
    numbers = expertise_of_many(evidence, are_numbered(status), world.profile)
    return Experts(numbers, support, status)


def evaluate_exactly(
    world: World,
    people: Ints,
    topic: int,
    disputed: Mapping[int, World],
    ballot: Ballot,
    *,
    on_other_topics: OnOtherTopics,
) -> Iterator[tuple[Ints, Experts]]:
    """Score each as its document does; some together where standing decides nothing but what voices are worth."""
    exactly = _Exactly(world, topic, disputed, ballot, on_other_topics)
    is_known = np.isin(people, list(exactly.known))
    chunks = [chunk for some in (people[~is_known], people[is_known]) for chunk in _few_acts(world.index, some)]
    with ThreadPoolExecutor(THREADS) as pool:
        for evaluated in pool.map(exactly.evaluate, chunks):
            yield from evaluated


class _Exactly:
    """Scores people on a topic as their documents do; `known` is R of those whom another topic asked for."""

    def __init__(
        self,
        world: World,
        topic: int,
        disputed: Mapping[int, World],
        ballot: Ballot,
        on_other_topics: OnOtherTopics,
    ) -> None:
        self._world = world
        self._topic = topic
        self._disputed = disputed
        self._ballot = replace(ballot, include_other=False)
        self._on_other_topics = on_other_topics
        self._shared = world.shared_view
        self._endorsed = _endorsed(world)
        self.known: dict[int, Recent] = world.for_any_topic.setdefault("recent_of_each", {})

    def evaluate(self, some: Ints) -> list[tuple[Ints, Experts]]:
        """Score some: those together whose views differ in standing only, each other alone."""
        views = {person: self._view_of(person) for person in some.tolist()}
        plain = [person for person, view in views.items() if self._is_plain(person, view)]
        apart = [self._evaluate_one(person, view) for person, view in views.items() if person not in plain]
        if not plain:
            return apart
        some, has_recent = np.array(plain), self.known.keys() >= set(plain)
        seen_by = [views[person] for person in plain]
        together = weigh_voices(replace(self._ballot, include_recent=not has_recent), some)
        seen = with_own_standing(together, some, seen_by)
        other = self._on_other_topics.of_each(some, [view.standing for view in seen_by])
        return [(some, evaluate_some(self._world, seen, _recent_of(self.known, some, seen), other)), *apart]

    def _evaluate_one(self, person: int, view: View) -> tuple[Ints, Experts]:
        left, alone = self._disputed.get(person), np.array([person])
        if left:
            return alone, evaluate_some(left, left.votes(alone, self._topic, left.view(person), in_full=False))
        has_recent = person in self.known
        votes = self._world.votes(alone, self._topic, view, in_full=False, include_recent=not has_recent)
        return alone, evaluate_some(self._world, votes, _recent_of(self.known, alone, votes))

    def _view_of(self, person: int) -> View:
        if self._endorsed[person]:
            return self._world.view(person)
        first, last = self._world.index.first_received[person : person + 2]
        return self._world.view_of_some(person, self._world.index.acts.recogniser[first:last])

    def _is_plain(self, person: int, view: View) -> bool:
        same_copies = view.void is self._shared.void or np.array_equal(view.void, self._shared.void)
        return same_copies and not self._endorsed[person] and person not in self._disputed


def _few_acts(index: ActIndex, people: Ints) -> Iterator[Ints]:
    """Cut people into chunks, each ascending, about whom so many acts were done that they fit a cache."""
    received = index.first_received[people + 1] - index.first_received[people]
    together = min(PEOPLE_TOGETHER, max(1, STANDINGS_TOGETHER // index.people))
    some: list[int] = []
    acts = 0
    for person, more in zip(people.tolist(), received.tolist(), strict=True):
        if some and (acts + more > ACTS_TOGETHER or len(some) == together):
            yield np.sort(some)
            some, acts = [], 0
        some.append(person)
        acts += more
    if some:
        yield np.sort(some)


def _recent_of(known: dict[int, Recent], people: Ints, votes: Votes) -> Recent:
    """Return R of each as its document has it: as known from another topic, or added up and known from now on."""
    if known.keys() >= set(people.tolist()):
        return concat([known[person] for person in people.tolist()])
    recent = Recent.of(votes.subjects, votes.recent, sums_of(votes.recent_attribution))
    known.update((person, recent.take(np.array([place]))) for place, person in enumerate(people.tolist()))
    return recent


def _endorsed(world: World) -> Bools:
    """Say of each person whether anybody endorsed or listed it, on whatever topic."""
    found: Bools | None = world.for_any_topic.get("endorsed")
    if found is None:
        acts, found = world.index.acts, np.zeros(world.people, np.bool_)
        found[acts.recognised[SOFT[acts.kind]]] = True
        world.for_any_topic["endorsed"] = found
    return found


def own_acts_of_all(world: World, everybody: Everybody, topic: int) -> OwnActs:
    """Count everybody's own acts while the shared flow is found, which is needed next."""
    counting = [feature.types for feature in interest_features(world.profile)]
    own, _ = run_parallel(
        lambda: own_acts(
            world.columns,
            topic,
            np.arange(world.people),
            world.method,
            counting=counting,
            everywhere=everybody.acts,
        ),
        lambda: _follow_trust(world),
    )
    found: OwnActs = own
    return found


def _follow_trust(world: World) -> View:
    if not world.trust.is_everybody:
        _ = world.trust.seeds.ways
    return world.shared_view


def _write(ours: Any, places: Ints, theirs: Any) -> None:  # noqa: ANN401 # an array, or arrays by name, on both sides
    if isinstance(ours, dict):
        for name, values in ours.items():
            values[places] = theirs[name]
    else:
        ours[places] = theirs
