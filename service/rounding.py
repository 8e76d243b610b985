"""Rounding: parts that add up to the sum shown beneath them, as each part rounded by itself may not."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def add_up(values: Sequence[float], places: int, total: float | None = None) -> list[float]:
    """Round parts, none below zero, to so many decimals that they add up to their rounded sum, or to `total`.

    Each is rounded down, and those that lose most by it are rounded up (method of the largest remainder).
    """
    unit = 10.0**places
    floors = [math.floor(value * unit) for value in values]
    missing = round((sum(values) if total is None else total) * unit) - sum(floors)
    by_loss = sorted(range(len(values)), key=lambda part: floors[part] - values[part] * unit)
    for part in by_loss[:missing]:
        floors[part] += 1
    return [floor / unit for floor in floors]
