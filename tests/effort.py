"""How hard the tests try that make up their input: HYPOTHESIS_PROFILE=thorough tries forty times as much."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")

THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"


def thinned(things: Sequence[T], count: int) -> Sequence[T]:
    """Return so many of them, spread evenly, where that is enough for every day."""
    return things if THOROUGH or len(things) <= count else [things[len(things) * n // count] for n in range(count)]


def examples(count: int) -> int:
    """Return how many examples to try where `count` are enough for every day."""
    return count * 40 if THOROUGH else count
