"""Stretches of large columns, each of which fits a cache, worked on side by side: arithmetic leaves Python alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

THREADS = 2
ACTS_AT_ONCE = 150_000
ROWS_AT_ONCE = 500_000
Item = TypeVar("Item")
Result = TypeVar("Result")


def side_by_side(*works: Callable[[], Any]) -> list[Any]:
    """Return what each of `works` returns."""
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(lambda work: work(), works))


def each(work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Return what `work` makes of each item; the first alone, as it may find things that all of them need."""
    first, *rest = items
    with ThreadPoolExecutor(THREADS) as pool:
        return [work(first), *pool.map(work, rest)]


def stretches_of(person: Ints, chosen: Ints, people: int) -> list[Ints]:
    """Cut the chosen places of `person` (numbers below `people`) into stretches by person, each person in one."""
    person = person[chosen]
    up_to = np.cumsum(np.bincount(person, minlength=people))
    stretch = (up_to // ACTS_AT_ONCE).astype(np.uint16)[person]
    order = chosen[np.argsort(stretch, kind="stable")]
    return np.split(order, np.cumsum(np.bincount(stretch))[:-1])


def joined(parts: Sequence[Result]) -> Result:
    """Put what was found for one stretch after the other into one: arrays, arrays by name, or records of such."""
    some: Sequence[Any] = parts
    first = some[0]
    joint: Any
    if isinstance(first, np.ndarray):
        joint = np.concatenate(some)
    elif first is None:
        joint = None
    elif isinstance(first, dict):
        joint = {name: joined([part[name] for part in some]) for name in first}
    else:
        columns = {field.name: joined([getattr(part, field.name) for part in some]) for field in fields(first)}
        joint = type(first)(**columns)
    found: Result = joint
    return found
