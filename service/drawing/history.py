"""History: both numbers of an account over time, and what changed at each step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from service.drawing.canvas import Canvas, Look, Picture, finish, fit, open_picture, width_of
from service.drawing.map import describe_side, shape
from service.drawing.waterfall import SIDES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from candor.scoring.board_row import Side
    from service.drawing.waterfall import SideName
    from service.words import Words

CHANGES = ("inputs", "acts", "method", "root", "topic", "window")
_TIME = "time"  # passes at nearly every step, so it is said and not drawn
_SHAPES = {
    "inputs": "person",
    "acts": "bot",
    "method": "organisation",
    "root": "bot",
    "topic": "unknown",
    "window": "person",
}
_NO_NUMBER = "no_number"
_PAD, _TOP, _HEIGHT = 20, 64, 200
_LANE, _LANE_NARROW = 24, 34  # apart; on a narrow picture a lane's name stands above it
_WIDE = 500  # from where a picture is one for a wide screen
_LEAST_GAP = 0.05  # of the whole time, so that no step hides another
_R = 4.5


@dataclass(frozen=True)
class HistoryPoint:
    """A score of a history: when, both numbers, and what differs from the step before, time beside CHANGES."""

    as_of: str
    expertise: Side
    interest: Side
    changed: tuple[str, ...]


@dataclass(frozen=True)
class HistoryFrame:
    """Where the plot lies; `places` are the positions of the steps across, `lanes` stand beneath, `lane` apart."""

    left: float
    right: float
    places: tuple[float, ...]
    lanes: tuple[str, ...]
    lane: float

    def y(self, score: float | None) -> float:
        """Place a number; where there is none, in the lane beneath the plot."""
        return self.lane_y(_NO_NUMBER) if score is None else _TOP + (1 - score / 100) * _HEIGHT

    def lane_y(self, name: str) -> float:
        """Place a lane."""
        return _TOP + _HEIGHT + (self.lanes.index(name) + 1) * self.lane


def draw_history(steps: Sequence[HistoryPoint], who: str, topic: str, look: Look) -> Picture:
    """Draw the steps of a history, oldest first."""
    words = look.words
    told = [*gap_sentences(steps, words), *(_describe(*two, words) for two in zip((None, *steps), steps, strict=False))]
    desc = " ".join(told) or words("history.empty")
    canvas, svg = open_picture(look, "history", words("history.title", who=who, topic=topic), desc)
    lanes = tuple(_lanes(steps))
    beside = look.width >= _WIDE
    names = [_lane_name(lane, words) for lane in lanes] if beside else []
    left = _PAD + max(width_of(name, 12) for name in [words.number(100), *names]) + 12
    right = look.width - _PAD - 8
    frame = HistoryFrame(left, right, _places(steps, left, right), lanes, _LANE if beside else _LANE_NARROW)
    _draw_legend(canvas, steps, words)
    _draw_axes(canvas, frame, words, beside=beside)
    for side in SIDES:
        _draw_side(canvas, frame, [getattr(step, side) for step in steps], side)
    bottom = _TOP + _HEIGHT + frame.lane * len(lanes) + _LANE
    _draw_changes(canvas, frame, steps)
    _draw_dates(canvas, frame, steps, bottom, words)
    return finish(svg, look.width, bottom + 16)


def _places(steps: Sequence[HistoryPoint], left: float, right: float) -> tuple[float, ...]:
    """Place the steps by their times, none closer to the next than can be told apart."""
    if len(steps) < 2:
        return tuple((left + right) / 2 for _ in steps)
    times = [datetime.fromisoformat(step.as_of).timestamp() for step in steps]
    whole = times[-1] - times[0] or 1.0
    least = min(_LEAST_GAP, 1 / len(steps))
    gaps = [max(least, (later - earlier) / whole) for earlier, later in pairwise(times)]
    unit = (right - left - 24) / sum(gaps)
    places = [left + 12]
    for gap in gaps:
        places.append(places[-1] + gap * unit)
    return tuple(places)


def _draw_legend(canvas: Canvas, steps: Sequence[HistoryPoint], words: Words) -> None:
    x = float(_PAD)
    for side in SIDES:
        newest = getattr(steps[-1], side).score if steps else None
        number = words("history.no_number") if newest is None else words.number(newest, 1)
        canvas.path(f"M{x} 22h28", f"plot {side}")
        canvas.path(shape(_end(side), x + 14, 22, _R), f"dot {side}")
        label = f"{words(f'side.{side}')} {number}"
        canvas.text(x + 36, 26, label, "strong small")
        x += width_of(label, 13) + 64


def _lanes(steps: Sequence[HistoryPoint]) -> Iterator[str]:
    """Yield what stands beneath the plot: only what there is."""
    if any(getattr(step, side).score is None for step in steps for side in SIDES):
        yield _NO_NUMBER
    yield from (change for change in CHANGES if any(change in step.changed for step in steps))


def _lane_name(lane: str, words: Words) -> str:
    return words("history.no_number" if lane == _NO_NUMBER else f"history.change.{lane}")


def _draw_axes(canvas: Canvas, frame: HistoryFrame, words: Words, *, beside: bool) -> None:
    for tick in (0, 25, 50, 75, 100):
        y = frame.y(tick)
        canvas.line(frame.left, y, frame.right, y, "grid" if tick else "axis")
        canvas.text(frame.left - 8, y + 4, words.number(tick), "tick", "end")
    for lane in frame.lanes:
        y = frame.lane_y(lane)
        canvas.line(frame.left, y, frame.right, y, "grid")
        if beside:
            canvas.text(frame.left - 8, y + 4, _lane_name(lane, words), "tick", "end")
        else:
            canvas.text(frame.left, y - 9, _lane_name(lane, words), "tick")


def _draw_side(canvas: Canvas, frame: HistoryFrame, sides: Sequence[Side], name: SideName) -> None:
    """Draw a number with its interval at each step, and a line between two that follow each other: none over a gap."""
    numbers = [(x, side.score, side.interval) for x, side in zip(frame.places, sides, strict=True)]
    for (x, score, interval), (end, following, _) in pairwise(numbers):
        if score is None or following is None or interval is None:
            continue
        low, high = frame.y(interval.low), frame.y(interval.high)
        canvas.path(f"M{x:.1f} {low:.1f}V{high:.1f}H{end:.1f}V{low:.1f}z", f"band {name}")
        canvas.path(f"M{x:.1f} {frame.y(score):.1f}H{end:.1f}V{frame.y(following):.1f}", f"plot {name}")
    for x, score, interval in numbers:
        lane = score is None and name == "interest"
        if interval is not None:
            canvas.path(f"M{x:.1f} {frame.y(interval.low):.1f}V{frame.y(interval.high):.1f}", f"range {name}")
        kind = f"dot {name}{' none' if score is None else ''}"
        canvas.path(shape(_end(name), x + (10 if lane else 0), frame.y(score), _R), kind)


def _draw_changes(canvas: Canvas, frame: HistoryFrame, steps: Sequence[HistoryPoint]) -> None:
    for x, step in zip(frame.places, steps, strict=True):
        for change in (each for each in CHANGES if each in step.changed):
            canvas.path(shape(_SHAPES[change], x, frame.lane_y(change), _R), "dot change")


def _draw_dates(canvas: Canvas, frame: HistoryFrame, steps: Sequence[HistoryPoint], y: float, words: Words) -> None:
    """Write the dates that fit, the newest in any case."""
    free = frame.right + 60
    for x, step in zip(reversed(frame.places), reversed(steps), strict=True):
        label = fit(words.date(step.as_of), 12, 140)
        half = width_of(label, 12) / 2
        at = min(max(x, frame.left + half - 30), frame.right - half)
        if at + half < free:
            canvas.text(at, y, label, "tick", "middle")
            free = at - half - 12


def _end(side: SideName) -> str:
    return "person" if side == "expertise" else "organisation"


def _describe(before: HistoryPoint | None, step: HistoryPoint, words: Words) -> str:
    changed = words("history.began") if before is None else change_sentence(before, step, words)
    return words(
        "history.step",
        date=words.date(step.as_of),
        expertise=describe_side("expertise", step.expertise, words),
        interest=describe_side("interest", step.interest, words),
        changed=changed,
    )


def change_sentence(before: HistoryPoint, step: HistoryPoint, words: Words) -> str:
    """Say what a step was made from otherwise than the one before."""
    if not set(step.changed) - {_TIME}:
        return words("history.again" if before.as_of == step.as_of else "history.same")
    what = ", ".join(words(f"history.change.{change}") for change in (*CHANGES, _TIME) if change in step.changed)
    is_of_others = "inputs" in step.changed and "acts" not in step.changed
    return " ".join([words("history.changed", what=what), *([words("history.no_acts")] if is_of_others else [])])


def gap_sentences(steps: Sequence[HistoryPoint], words: Words) -> Iterator[str]:
    """Say of each number from when to when there was none, and why."""
    for name in SIDES:
        sides: list[Side] = [getattr(step, name) for step in steps]
        past = 0
        for status, same in groupby(side.status if side.score is None else None for side in sides):
            first, past = past, past + len(list(same))
            if status is None:
                continue
            said = {"side": words(f"side.{name}"), "status": words.within(f"status.{name}.{status}")}
            said["begins"] = words.date(steps[first].as_of)
            if past == len(steps):
                yield words("history.none_since", **said)
            else:
                yield words("history.none_until", ends=words.date(steps[past].as_of), **said)
