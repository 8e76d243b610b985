"""Stretches: large columns worked on some at a time, which fit a cache, and side by side, as arithmetic leaves Python alone."""

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
    """Cut the chosen places of `person` (numbers below `people`) into stretches, those of a person in one, by person."""
    person = person[chosen]
    up_to = np.cumsum(np.bincount(person, minlength=people))
    stretch = (up_to // ACTS_AT_ONCE).astype(np.uint16)[person]
    order = chosen[np.argsort(stretch, kind="stable")]
    return np.split(order, np.cumsum(np.bincount(stretch))[:-1])


def joined(parts: Sequence[Any]) -> Any:  # noqa: ANN401 # arrays, arrays by name, or records of them
    """Put what was found for one stretch after the other into one: arrays, arrays by name, or records of such."""
    first = parts[0]
    if isinstance(first, np.ndarray):
        return np.concatenate(parts)
    if isinstance(first, dict):
        return {name: joined([part[name] for part in parts]) for name in first}
    return type(first)(**{field.name: joined([getattr(part, field.name) for part in parts]) for field in fields(first)})
