"""Board: everybody on one topic, ranked by the number shown, from one shared flow of standing.

A document leaves out the vouches of and for its subject, which takes a flow of its own. The first rows of a board are
recomputed that way and say `exact`; the others say `shared`, and the largest difference seen is reported. All stand in
the order of the numbers shown: where one of the first falls behind others, these are recomputed in turn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from candor.scoring.arrays import concat, map_chunks
from candor.scoring.board_row import BoardRow, LastActive, Reachability, Side
from candor.scoring.columns import EPOCH
from candor.scoring.document import Interval, Position
from candor.scoring.everybody import Everybody, Experts, own_acts_of_all
from candor.scoring.expertise import are_little, are_numbered
from candor.scoring.interest import NEVER
from candor.scoring.points import ManyNumbers, interest_of_many
from candor.scoring.ranking import EXACT_ROWS, Ranking

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from candor.scoring.activity import Activity
    from candor.scoring.arrays import Bools, Ints
    from candor.scoring.interest import OwnActs
    from candor.scoring.method import Method
    from candor.scoring.question import Contested
    from candor.scoring.trust_root import TrustRoot
    from candor.scoring.world import World


NOT_ADDRESSED = Reachability(value=None, n=0)
ROWS_AT_ONCE = 2_000


class Members(Protocol):
    """Who is in a community, by number, and what their account records say."""

    @property
    def people(self) -> Sequence[str]:
        """Their names."""

    @property
    def person_of(self) -> Mapping[str, int]:
        """Their numbers."""

    @property
    def accounts(self) -> Mapping[int, Activity]:
        """What is said of those who have account records."""


@dataclass(frozen=True, eq=False)
class Board:
    """Everybody who did something on the topic or was recognised there, but who declined; `order` ranks them.

    `positions` are their places in that order. Arrays have an item for each person of `members`. `compared` people were
    recomputed; `largest_difference` is the largest seen between their exact and shared expertise, in points. `latest`
    is when each last did something of their own, on the topic and at all, and last answered somebody on the topic:
    microseconds since 1970 UTC, or NEVER.
    `copies` posts that others recognised on the topic earn nothing, as they repeat earlier texts; `on_replies` says
    whether nearly all recognition there is replies.
    """

    members: Members
    root: TrustRoot
    method: Method
    experts: Experts
    interest: ManyNumbers
    interest_status: NDArray[np.str_]
    reach: tuple[Ints, Ints]
    latest: tuple[Ints, Ints, Ints]
    order: Ints
    positions: list[Position]
    exact: Bools
    compared: int
    largest_difference: float
    copies: int
    on_replies: bool

    def __len__(self) -> int:
        return int(self.order.size)

    @property
    def has_scores(self) -> bool:
        """Whether anybody on it has an expertise score."""
        return any(position.rank is not None for position in self.positions)

    def rows(self, first: int, last: int) -> Iterator[BoardRow]:
        """Write the rows first + 1 to last out: some at a time, whose cells are gone before the next are made."""
        for at in range(first, last, ROWS_AT_ONCE):
            yield from self._rows(at, min(at + ROWS_AT_ONCE, last))

    def _rows(self, first: int, last: int) -> Iterator[BoardRow]:
        people = self.order[first:last]
        support, accounts, names = self.experts.support.take(people), self.members.accounts, self.members.people
        counts = (*(count[people] for count in self.reach), support.people, support.with_standing)
        cells = zip(
            people.tolist(),
            self.positions[first:last],
            self.exact[people].tolist(),
            self._sides(self.experts.numbers, self.experts.status, people, are_little(support, self.root, self.method)),
            self._sides(self.interest, self.interest_status, people, np.zeros(people.size, np.bool_)),
            _last_active(*(latest[people] for latest in self.latest)),
            *(count.tolist() for count in counts),
            strict=True,
        )
        for row, cell in enumerate(cells, first + 1):
            person, position, exact, expertise, interest, active, answered, addressed, behind, trusted = cell
            record = accounts.get(person)
            yield BoardRow(
                row=row,
                rank=position.rank,
                position=position,
                account=names[person],
                kind=(record and record.kind) or "unknown",
                name=record.name if record else None,
                standing="exact" if exact else "shared",
                expertise=expertise,
                interest=interest,
                people=behind,
                people_with_standing=trusted,
                reachability=Reachability(value=answered / addressed, n=addressed) if addressed else NOT_ADDRESSED,
                last_active=active,
            )

    def _sides(self, numbers: ManyNumbers, statuses: NDArray[np.str_], people: Ints, little: Bools) -> Iterator[Side]:
        level, names = self.method.interval.level, tuple(numbers.contributions)
        figures = (values[people].tolist() for values in (numbers.score, numbers.low, numbers.high))
        points = zip(*(values[people].tolist() for values in numbers.contributions.values()), strict=True)
        status = statuses[people]
        given = are_numbered(status)
        for said, has, is_rough, score, low, high, of_each in zip(
            status.tolist(), given.tolist(), (little & given).tolist(), *figures, points, strict=True
        ):
            yield Side(
                status=said,
                score=score if has else None,
                little_evidence=is_rough,
                interval=Interval(low=low, high=high, level=level) if has else None,
                contributions=dict(zip(names, of_each)),  # noqa: B905 as many of both
            )


def make_board(
    world: World,
    topic: int,
    *,
    everybody: Everybody | None = None,
    contested: Collection[Contested] = (),
    exact_rows: int = EXACT_ROWS,
    on_progress: Callable[[], None] | None = None,
) -> Board:
    """Rank everybody on a topic of the world; `on_progress` is called now and then.

    `everybody` is what boards of this community have in common, where one was made before. `contested` evidence is left
    out of the row it is about, as it is of the document.
    """
    everybody = everybody or Everybody(world)
    own = own_acts_of_all(world, everybody, topic)
    enough = own.last_year >= world.method.status.own_acts
    ranking = Ranking(
        world, topic, everybody=everybody, contested=contested, exact_rows=exact_rows, acted=own.latest_on != NEVER
    )
    ranking.settle(on_progress)
    interest = concat(map_chunks(lambda some: _interest(world, own.take(some)), everybody.chunks))
    order = ranking.order if world.root.kind != "none" else by_interest(ranking.order, interest, enough)
    moved = np.abs(ranking.experts.numbers.score - ranking.shared)[ranking.compared]
    return Board(
        members=world.columns,
        root=world.root,
        method=world.method,
        experts=ranking.experts,
        interest=interest,
        interest_status=np.where(enough, "ok", "not_enough_evidence"),
        reach=everybody.reach,
        latest=(own.latest_on, own.latest, own.answered_on),
        order=order,
        positions=ranking.positions(order),
        exact=ranking.exact,
        compared=int(ranking.compared.size),
        largest_difference=float(moved.max(initial=0.0)),
        copies=world.recognised_copies(topic),
        on_replies=world.rests_on_replies(topic),
    )


def by_interest(order: Ints, interest: ManyNumbers, enough: Bools) -> Ints:
    """Return people in the order of their interest, those without a number of it last, ties as they were.

    It is the order where nobody is trusted: then nobody has a number of expertise.
    """
    shown = np.where(enough, interest.score, -np.inf)[order]
    return order[np.argsort(-shown, kind="stable")]


def _last_active(*latest: Ints) -> Iterator[LastActive]:
    """Yield when each was last active and last answered, from microseconds since 1970 UTC or NEVER."""
    for on_topic, anywhere, answered in zip(*map(_moments, latest), strict=True):
        yield LastActive(on_topic=on_topic, anywhere=anywhere, answered=answered)


def _moments(microseconds: Ints) -> list[datetime | None]:
    since = microseconds.astype("m8[us]").tolist()  # NEVER is what numpy takes for no time, and turns into None
    return [None if each is None else EPOCH + each for each in since]


def _interest(world: World, own: OwnActs) -> ManyNumbers:
    return interest_of_many(own, own.last_year >= world.method.status.own_acts, world.profile, world.method)
