"""Threads: large arithmetic side by side, which leaves Python alone while it runs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

THREADS = 2
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
