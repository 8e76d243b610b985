"""Vouches in records: who vouched for whom and when, for whoever keeps them for later questions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from candor.scoring.columns import EPOCH
from candor.scoring.vouching import vouching
from candor.scoring.world import World

if TYPE_CHECKING:
    from collections.abc import Iterable

    from candor.scoring.activity import Activity
    from candor.scoring.method import Method
    from candor.scoring.question import Question


class Vouch(NamedTuple):
    """`voucher` vouched for `vouched`, last at `at`."""

    voucher: str
    vouched: str
    at: datetime


def vouches_in(activities: Iterable[Activity], question: Question, method: Method) -> list[Vouch]:
    """Return each pair once, with its last time before `as_of`. Raises ValueError as `score` does."""
    world = World(activities, question, method)
    seen, columns = vouching(world.acts, world.columns, world.profile), world.columns
    last: dict[tuple[int, int], int] = {}
    published = columns.published[seen.row].tolist()
    for *pair, at in zip(seen.voucher.tolist(), seen.vouched.tolist(), published, strict=True):
        last[pair[0], pair[1]] = max(at, last.get((pair[0], pair[1]), 0))
    names = columns.people
    return [Vouch(names[w], names[u], EPOCH + timedelta(microseconds=at)) for (w, u), at in last.items()]
