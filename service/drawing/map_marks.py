"""Marks of a map and the scales they stand on; accounts that nobody could hit apart are one mark."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from candor.scoring.board_row import BoardRow
    from service.words import Words


LOWEST, HIGHEST = 0.0, 100.0  # scores
_STEPS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 25.0)  # between ticks
_MOST_STEPS = 5

Whiskers = tuple[tuple[float, float], tuple[float, float]]
PAD = 20


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


@dataclass(frozen=True)
class Mark:
    """Where an account stands; `whiskers` are the ends of its intervals across and up, where it has both numbers."""

    row: BoardRow
    x: float
    y: float
    whiskers: Whiskers | None = None


@dataclass(frozen=True)
class Cluster:
    """Accounts that stand too close together to be told apart; the first of them says where."""

    marks: tuple[Mark, ...]

    @property
    def first(self) -> Mark:
        """The one with the highest place."""
        return self.marks[0]

    @property
    def rows(self) -> list[BoardRow]:
        """The accounts."""
        return [mark.row for mark in self.marks]


@dataclass(frozen=True)
class Plot:
    """Where the map lies: from (left, top), `width` by `height`; `strip` is the room left of it for no interest.

    Marks have the radius `r`. Those closer than `reach` become one; 0 keeps all of them apart.
    """

    left: float
    top: float
    width: float
    height: float
    strip: float
    r: float
    across: Axis
    up: Axis
    reach: float

    @property
    def right(self) -> float:
        """Where it ends."""
        return self.left + self.width

    @property
    def floor(self) -> float:
        """Where it ends beneath."""
        return self.top + self.height

    def x(self, interest: float) -> float:
        """Place an interest."""
        return self.left + self.across.share(interest) * self.width

    def y(self, expertise: float) -> float:
        """Place an expertise."""
        return self.top + (1 - self.up.share(expertise)) * self.height


def clusters(marks: Iterable[Mark], reach: float) -> list[Cluster]:
    """Put marks closer than `reach` to one of a higher place together with it, by place."""
    found: list[list[Mark]] = []
    for mark in sorted(marks, key=lambda mark: mark.row.row):
        near = (
            some for some in found if (some[0].x - mark.x) ** 2 + (some[0].y - mark.y) ** 2 < reach**2 and reach > 0
        )
        if (some := next(near, None)) is None:
            found.append([mark])
        else:
            some.append(mark)
    return [Cluster(tuple(some)) for some in found]


def both_numbers(rows: Sequence[BoardRow], plot: Plot) -> Iterable[Mark]:
    """Place those with both numbers."""
    for row in rows:
        know, care = row.expertise, row.interest
        if know.score is None or know.interval is None or care.score is None or care.interval is None:
            continue
        across = (plot.x(care.interval.low), plot.x(care.interval.high))
        up = (plot.y(know.interval.low), plot.y(know.interval.high))
        yield Mark(row, plot.x(care.score), plot.y(know.score), (across, up))


def no_interest(rows: Sequence[BoardRow], plot: Plot) -> Iterable[Mark]:
    """Stack those without an interest number beside the axis, by expertise."""
    stacks: dict[int, list[BoardRow]] = defaultdict(list)
    pitch = plot.reach or 2 * plot.r + 1
    for row in rows:
        if row.expertise.score is not None and row.interest.score is None:
            stacks[round(plot.y(row.expertise.score) / pitch)].append(row)
    for level, stack in stacks.items():
        step = min(pitch, (plot.strip - pitch) / max(1, len(stack) - 1))
        for place, row in enumerate(stack):
            x = plot.left - plot.reach if plot.reach else plot.left - plot.strip + pitch / 2 + place * step
            yield Mark(row, x, level * pitch)


def stack_by_interest(rows: Sequence[BoardRow], plot: Plot, top: float) -> Iterable[Mark]:
    """Stack those without an expertise number from `top` down, by interest."""
    stacks: Counter[int] = Counter()
    pitch = plot.reach or 2 * plot.r + 1
    for row in rows:
        level = round(plot.x(row.interest.score or 0) / pitch)
        down = 0 if plot.reach else stacks[level] * pitch
        yield Mark(row, level * pitch, top + max(plot.r, plot.reach / 2) + down)
        stacks[level] += 1


def packed(rows: Sequence[BoardRow], plot: Plot, top: float) -> Iterable[Mark]:
    """Put those with neither number side by side from `top` down; all in one where there is no room for each."""
    pitch = plot.reach or 2 * plot.r + 2.5
    columns = int((plot.right - PAD) // pitch)
    as_one = bool(plot.reach) and len(rows) > columns
    for place, row in enumerate(rows):
        column, line = (0, 0) if as_one else (place % columns, place // columns)
        yield Mark(row, PAD + (column + 0.5) * pitch, top + max(plot.r, plot.reach / 2) + line * pitch)
