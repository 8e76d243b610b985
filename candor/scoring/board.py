"""Board: everybody on one topic, ranked by the lower end of the interval, from one shared flow of standing.

A document leaves out the vouches of and for its subject, which takes a flow of its own. The first rows of a board are
recomputed that way and say `exact`; the others say `shared`, and the largest difference seen is reported.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import msgspec
import numpy as np

from candor.scoring.contested import worlds_without
from candor.scoring.document import Interval
from candor.scoring.expertise import NUMBERED
from candor.scoring.experts import Experts, judge, judge_everybody, judge_exactly
from candor.scoring.hearing import hear
from candor.scoring.interest import own_acts
from candor.scoring.points import ManyNumbers, interest_of_many
from candor.scoring.stretches import each, joined, side_by_side

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from numpy.typing import NDArray

    from candor.scoring.contested import Contested
    from candor.scoring.interest import OwnActs
    from candor.scoring.world import View, World

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

EXACT_ROWS = 200
Standing = Literal["exact", "shared"]


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """Expertise or interest in a list: the number and the contributions (points, by feature) it is the sum of."""

    status: str
    score: float | None
    interval: Interval | None
    contributions: dict[str, float]


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """Of the `n` people who addressed the account by name, the share it answered; null when there are none."""

    value: float | None
    n: int


class BoardRow(msgspec.Struct, frozen=True, kw_only=True):
    """One account on a board. `standing` says whether its numbers are those of its document or of the shared flow."""

    rank: int
    account: str
    kind: str
    name: str | None
    standing: Standing
    expertise: Side
    interest: Side
    people: int
    people_with_standing: int
    reachability: Reach


@dataclass(frozen=True, eq=False)
class Board:
    """Everybody who did something on the topic or was recognised there, but who declined; `order` ranks them.

    Arrays have an item for each person of the world. `compared` people were recomputed; `largest_difference` is the
    largest seen between their exact and shared expertise, in points.
    """

    world: World
    experts: Experts
    interest: ManyNumbers
    interest_status: NDArray[np.str_]
    reach: tuple[Ints, Ints]
    order: Ints
    exact: Bools
    compared: int
    largest_difference: float

    def __len__(self) -> int:
        return int(self.order.size)

    def rows(self, first: int, last: int) -> Iterator[BoardRow]:
        """Write the rows of ranks first + 1 to last out."""
        people = self.order[first:last]
        support = self.experts.support
        for rank, (person, exact, expertise, interest, behind, trusted, answered, addressed) in enumerate(
            zip(
                people.tolist(),
                self.exact[people].tolist(),
                self._sides(self.experts.numbers, self.experts.status, people),
                self._sides(self.interest, self.interest_status, people),
                support.people[people].tolist(),
                support.with_standing[people].tolist(),
                *(counts[people].tolist() for counts in self.reach),
                strict=True,
            ),
            first + 1,
        ):
            record = self.world.columns.accounts.get(person)
            yield BoardRow(
                rank=rank,
                account=self.world.columns.people[person],
                kind=(record and record.kind) or "unknown",
                name=record.name if record else None,
                standing="exact" if exact else "shared",
                expertise=expertise,
                interest=interest,
                people=behind,
                people_with_standing=trusted,
                reachability=Reach(value=answered / addressed if addressed else None, n=addressed),
            )

    def _sides(self, numbers: ManyNumbers, statuses: NDArray[np.str_], people: Ints) -> Iterator[Side]:
        level = self.world.method.interval.level
        names = tuple(numbers.contributions)
        figures = (numbers.score, numbers.low, numbers.high, *numbers.contributions.values())
        columns = (values[people].tolist() for values in figures)
        for status, score, low, high, *points in zip(statuses[people].tolist(), *columns, strict=True):
            given = status in NUMBERED
            yield Side(
                status=status,
                score=score if given else None,
                interval=Interval(low=low, high=high, level=level) if given else None,
                contributions=dict(zip(names, points, strict=True)),
            )


def make_board(
    world: World,
    topic: int,
    *,
    contested: Collection[Contested] = (),
    exact_rows: int = EXACT_ROWS,
    on_progress: Callable[[], None] | None = None,
) -> Board:
    """Rank everybody on a topic of the world; `on_progress` is called now and then.

    `contested` evidence is left out of the row it is about, as it is of the document.
    """
    own = _own(world, topic)
    experts = judge_everybody(world, topic)
    disputed = worlds_without(world, contested, topic)
    for person, left in disputed.items():
        alone = np.array([person])
        experts.write(alone, judge(left, hear(left, alone, topic, left.shared_view, in_full=False)))
    enough = own.last_year >= world.method.status.own_acts
    present = _present(world, experts, own)
    order = _rank(experts, present, world)
    exact = np.zeros(world.people, np.bool_)
    shared = experts.numbers.score.copy()
    first = order[: 0 if world.root.kind in ("network", "none") else exact_rows]
    for people, recomputed in judge_exactly(world, first, topic, disputed):
        experts.write(people, recomputed)
        exact[people] = True
        if on_progress:
            on_progress()
    top = np.zeros(world.people, np.bool_)
    top[first] = True
    return Board(
        world=world,
        experts=experts,
        interest=joined(each(lambda some: _interest(world, own.take(some)), world.parts)),
        interest_status=np.where(enough, "ok", "not_enough_evidence"),
        reach=world.reach,
        order=np.concatenate((_rank(experts, present & top, world), _rank(experts, present & ~top, world))),
        exact=exact | (world.root.kind in ("network", "none")),
        compared=int(first.size),
        largest_difference=float(np.abs(experts.numbers.score - shared)[first].max(initial=0.0)),
    )


def _own(world: World, topic: int) -> OwnActs:
    """Count everybody's own acts while the shared flow is found, which is needed next."""
    everybody = np.arange(world.people)
    own, _ = side_by_side(
        lambda: own_acts(world.columns, topic, everybody, world.method, world.acts_everywhere),
        lambda: _follow_trust(world),
    )
    found: OwnActs = own
    return found


def _follow_trust(world: World) -> View:
    if world.asks_whose_trust:
        _ = world.backers.reached
    return world.shared_view


def _present(world: World, experts: Experts, own: OwnActs) -> Bools:
    """Say who stands on the board: who did something or was taken up on the topic, and did not decline."""
    present = (experts.support.people > 0) | (own.on_topic > 0)
    present[[person for person, said in world.columns.accounts.items() if said.consent is False]] = False
    return present


def _interest(world: World, own: OwnActs) -> ManyNumbers:
    return interest_of_many(own, own.last_year >= world.method.status.own_acts, world.profile, world.method)


def _rank(experts: Experts, chosen: Bools, world: World) -> Ints:
    """Order by the lower end of the interval; those without a number behind, by status and points; then by name."""
    people = np.flatnonzero(chosen)
    numbers = experts.numbers
    low = np.where(np.isnan(numbers.low[people]), -1.0, numbers.low[people])
    by_name = np.argsort(np.argsort([world.columns.people[person] for person in people.tolist()]))
    doubtful = experts.status[people] == "not_enough_evidence"
    return np.asarray(people[np.lexsort((by_name, -numbers.score[people], doubtful, -low))])
