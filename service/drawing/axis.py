"""Axis: a scale that fits the numbers it shows, with round ends and even ticks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from service.words import Words

LOWEST, HIGHEST = 0.0, 100.0  # scores
_STEPS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 25.0)  # between ticks
_MOST_STEPS = 5


@dataclass(frozen=True)
class Axis:
    """A part of the scale of scores, from `low` to `high`, both of them ticks."""

    low: float
    high: float
    step: float

    def share(self, score: float) -> float:
        """Return how far along the axis a score is, 0 to 1; what lies beyond an end is put there."""
        return min(1.0, max(0.0, (score - self.low) / (self.high - self.low)))

    def ticks(self) -> list[float]:
        """Return where the ticks are."""
        return [self.low + place * self.step for place in range(round((self.high - self.low) / self.step) + 1)]

    def label(self, tick: float, words: Words) -> str:
        """Write a tick with as many decimals as the steps need."""
        return words.number(tick, 0 if self.step >= 1 else 1)


def fitted(scores: Collection[float], least: float) -> Axis:
    """Return the axis that holds all scores and is at least so long; without any score the whole scale."""
    low, high = (min(scores), max(scores)) if scores else (LOWEST, HIGHEST)
    missing = max(0.0, least - (high - low))
    low = min(max(LOWEST, low - missing / 2), HIGHEST - least)
    high = max(high, min(HIGHEST, low + least))
    step = next((step for step in _STEPS if (high - low) / step <= _MOST_STEPS), _STEPS[-1])
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return Axis(first * step, min(HIGHEST, max(last, first + 1) * step), step)
