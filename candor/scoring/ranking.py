"""Ranking: everybody on one topic by the number shown, as boards list them, and the place of one of them."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np
from msgspec.structs import replace

from candor.scoring.arrays import all_of, changes, where_true
from candor.scoring.contested import worlds_without
from candor.scoring.document import Position
from candor.scoring.everybody import Everybody, evaluate_everybody, evaluate_exactly, evaluate_some
from candor.scoring.expertise import are_little, are_numbered
from candor.scoring.interest import acted_on
from candor.scoring.standing import half_at_of, saturated
from candor.scoring.verify.position import RANGES, range_of, share_below

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from candor.scoring.activity import Activity
    from candor.scoring.arrays import Bools, Ints
    from candor.scoring.everybody import Experts
    from candor.scoring.method import Method, PositionRule
    from candor.scoring.question import Contested
    from candor.scoring.trust_root import TrustRoot
    from candor.scoring.world import World


EXACT_ROWS, MOST_ROUNDS = 200, 50
ABOVE, BELOW = (2.0, 1 / 3), (1.0, 1 / 20)
"""Points, and share of the number: leaving somebody's own vouches out takes that much at most, and gives that much."""
SMALL_ROOT = 10
"""In a root of fewer, one person's vouches can matter more than that."""


def ranking_of(world: World, topic: int, contested: tuple[Contested, ...]) -> Ranking:
    """Return the ranking of a world on a topic: made once for each, whoever is asked about."""
    about = tuple(each for each in contested if each.topic == world.topics[topic].id)
    if (topic, about) not in world.kept:
        everybody = world.for_any_topic.setdefault("everybody", Everybody(world))
        world.kept[topic, about] = Ranking(world, topic, everybody=everybody, contested=about)
    ranking: Ranking = world.kept[topic, about]
    return ranking


class Ranking:
    """Who has which number on a topic: of the first as their documents say, of the others by the flow of all.

    Numbers by the flow that all share decide whose are recomputed. Arrays have an item for each person of the world,
    `order` has those on the topic. Numbers are exact where `exact` says so.
    """

    def __init__(
        self,
        world: World,
        topic: int,
        *,
        everybody: Everybody | None = None,
        contested: Collection[Contested] = (),
        exact_rows: int = EXACT_ROWS,
        acted: Bools | None = None,
    ) -> None:
        """Rank by the flow that all share. `contested` evidence is left out of the number it is about.

        `acted` says who did something of their own on the topic, where that is known.
        """
        self._world, self._topic = world, topic
        self._disputed = worlds_without(world, contested, topic)
        everybody = everybody or Everybody(world)
        self._by_name = everybody.by_name
        self._ballot = everybody.ballot(world, topic)
        self._on_other_topics = everybody.on_other_topics(world, topic)
        self.experts = evaluate_everybody(world, everybody, self._ballot, self._on_other_topics)
        for person, left in self._disputed.items():
            alone = np.array([person])
            votes = left.votes(alone, topic, left.shared_view, in_full=False)
            self.experts.write(alone, evaluate_some(left, votes))
        self.active = active_on(
            world.columns.accounts, acted_on(world.columns, topic) if acted is None else acted, self.experts
        )
        self.shared = self.experts.numbers.score.copy()
        is_alike = world.root.kind in ("network", "none")
        self._exact_rows = 0 if is_alike else exact_rows
        self.exact = np.full(world.people, is_alike)
        self._is_settled = False

    @property
    def compared(self) -> Ints:
        """Whose numbers were recomputed."""
        return where_true(self.exact) if self._exact_rows else np.zeros(0, np.int64)

    @property
    def order(self) -> Ints:
        """Everybody on the topic by the number shown."""
        return by_number(self.experts, self.active, self._by_name)

    def settle(self, on_progress: Callable[[], None] | None = None) -> None:
        """Recompute the first, and whoever comes to be among them as others fall: after MOST_ROUNDS some may not be."""
        for _ in range(0 if self._is_settled else MOST_ROUNDS):
            first = self.order[: self._exact_rows]
            if all_of(self.exact[first]):
                break
            self._recompute(first, on_progress)
        self._is_settled = True

    def _recompute(self, people: Ints, on_progress: Callable[[], None] | None = None) -> None:
        """Take for some the numbers that their documents have."""
        asked = people[~self.exact[people]]
        known = self._world, asked, self._topic, self._disputed, self._ballot
        other = self._on_other_topics.about(asked)
        for some, recomputed in evaluate_exactly(*known, on_other_topics=other) if asked.size else ():
            self.experts.write(some, recomputed)
            self.exact[some] = True
            if on_progress:
                on_progress()

    def positions(self, order: Ints) -> list[Position]:
        """Return everybody's place, in that order: the one that `order` has when the numbers shown are settled."""
        return positions_of(order, self.experts, self._world.root, self._world.method)

    def position(self, person: int, own: float) -> Position:
        """Return the place that its document's score gives a person among the numbers that a board shows of others."""
        if not self.active[person]:
            return Position(status="no_number")
        people = where_true(self.active)
        if people.size > self._exact_rows:
            self.settle()
        else:
            self._recompute_near(people, person, own)
        score = self.experts.numbers.score
        others = people[are_numbered(self.experts.status[people]) & (people != person)]
        ahead, tied = int((score[others] > own).sum()), int((score[others] == own).sum())
        rule = self._world.method.position
        return next(_placed(rule, [ahead + 1], [tied], [False], of=others.size + 1, active=people.size))

    def _recompute_near(self, people: Ints, person: int, own: float) -> None:
        """Recompute those close to a person's number, and whoever might have no number by its document."""
        if all_of(self.exact[people]):
            return
        unsure = ~self._keeps_number[people] | (self._world.trust.weights[people] > 0)
        if self._world.root.size < SMALL_ROOT:
            unsure[:] = True
        above, below = (points + share * own for points, share in (ABOVE, BELOW))
        shared = self.shared[people]
        while True:
            near = unsure | ((shared >= own - below) & (shared <= own + above)) | (people == person)
            self._recompute(people[near])
            moved = self.experts.numbers.score[people[near]] - shared[near]
            if near.all() or (moved[~unsure[near]].min(initial=0.0) > -above and moved.max() < below):
                return
            above, below = 2 * above, 2 * below

    @cached_property
    def _keeps_number(self) -> Bools:
        """Say of everybody whether somebody recognised them whom the root trusts, whatever they vouched for themselves.

        That is who is in the root, or for whom people of the root vouch, themselves left out.
        """
        world, index, flow = self._world, self._world.index, self._world.shared_view.flow
        sure = np.zeros(world.people, np.bool_)
        if flow is None:
            return ~sure
        acts = where_true(index.on_topic[:, self._topic])
        acts = acts[index.countable(acts, world.shared_view)]
        by, of, weights = index.acts.recogniser[acts], index.acts.recognised[acts], world.trust.weights
        vouched = np.maximum(0.0, flow.by_root[by] - weights[of])
        half_at, steepness = half_at_of(world.method.standing, world.trust.seeds.size), world.method.standing.steepness
        standing = np.where(weights[by] > 0, weights[by], saturated(vouched, half_at, steepness))
        sure[of[(standing >= world.method.status.standing_each) & (by != of)]] = True
        return sure


def positions_of(order: Ints, experts: Experts, root: TrustRoot, method: Method) -> list[Position]:
    """Return the places of people in that order, which equal numbers share; of rough numbers no range is said."""
    numbered = are_numbered(experts.status[order])
    people = order[numbered]
    shown = np.rint(experts.numbers.score[people] * 1e6).astype(np.int64)
    new = changes(shown)
    start = where_true(new)
    tied = np.diff(start, append=people.size)
    run = new.cumsum() - 1
    is_rough = are_little(experts.support.take(people), root, method).tolist()
    ranks, ties = (start[run] + 1).tolist(), (tied[run] - 1).tolist()
    places = _placed(method.position, ranks, ties, is_rough, of=people.size, active=order.size)
    nowhere = Position(status="no_number")
    return [next(places) if has else nowhere for has in numbered.tolist()]


def said_of(position: Position, rule: PositionRule, *, is_rough: bool) -> Position:
    """Return a place with the range of its rank and the words for it, or without them where the number is rough."""
    if position.rank is None or position.of is None:
        return position
    found = None if is_rough else _range_at(rule, position.of)(position.rank)
    return replace(position, range=found, words=found and RANGES[found])


def _range_at(rule: PositionRule, of: int) -> Callable[[int], str | None]:
    return partial(
        range_of,
        of=of,
        least=rule.least_placed,
        first=rule.first_share,
        upper=rule.upper_share,
        middle=rule.middle_share,
    )


def _placed(
    rule: PositionRule, ranks: Sequence[int], ties: Sequence[int], is_rough: Sequence[bool], *, of: int, active: int
) -> Iterator[Position]:
    """Yield the places of those with these ranks, ascending; a range is sought for those at whom it ends."""
    range_at = _range_at(rule, of)
    at = 0
    while at < len(ranks):
        found = range_at(ranks[at])
        end = _end_of_range(ranks, at, range_at)
        words = found and RANGES[found]
        for rank, tied, rough in zip(ranks[at:end], ties[at:end], is_rough[at:end], strict=True):
            yield Position(
                status="placed",
                rank=rank,
                tied=tied,
                of=of,
                active=active,
                share_below=share_below(rank, tied, active),
                range=None if rough else found,
                words=None if rough else words,
            )
        at = end


def _end_of_range(ranks: Sequence[int], first: int, range_at: Callable[[int], str | None]) -> int:
    """Return where the range of the rank at `first` ends: ranks ascend, so few of them are looked at."""
    found = range_at(ranks[first])
    return bisect_right(ranks, x=False, lo=first, key=lambda rank: range_at(rank) != found)


def active_on(accounts: Mapping[int, Activity], acted: Bools, experts: Experts) -> Bools:
    """Say who is on the topic: who `acted` there or was taken up, and did not decline."""
    active = (experts.support.people > 0) | acted
    active[[person for person, record in accounts.items() if record.consent is False]] = False
    return active


def by_number(experts: Experts, chosen: Bools, by_name: Ints) -> Ints:
    """Order by the number shown; those without one behind, by status and points; then by their places by name."""
    people = where_true(chosen)
    status = experts.status[people]
    behind, nothing = ~are_numbered(status), status == "not_enough_evidence"
    return np.asarray(people[np.lexsort((by_name[people], -experts.numbers.score[people], nothing, behind))])
