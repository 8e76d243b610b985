"""Side: expertise or interest of a document as a waterfall that ends at its number, or as a status without one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from service.drawing.canvas import BOLD, fitted, width_of, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from candor.scoring.document import Expertise, Feature, Interest, Interval, ScoreDocument
    from service.drawing.canvas import Canvas
    from service.words import Words

SideName = Literal["expertise", "interest"]
SIDES: tuple[SideName, ...] = ("expertise", "interest")
ROW, BAR = 44, 14
_LINE, _SUM = 18, 66


@dataclass(frozen=True)
class SideWords:
    """What a side says in words; the picture and its text alternative both take it from here."""

    words: Words
    name: SideName
    part: Expertise | Interest

    @property
    def title(self) -> str:
        """Its name."""
        return self.words(f"side.{self.name}")

    @property
    def status(self) -> str:
        """Its status."""
        return self.words(f"status.{self.name}.{self.part.status}")

    @property
    def interval(self) -> str:
        """Its interval; nothing without one."""
        return "" if self.part.interval is None else self.words("picture.interval", **self._limits(self.part.interval))

    @property
    def needs(self) -> str:
        """What a number would take; nothing where there is one."""
        return self.words("picture.needed", needs=self.words.said(self.part.needs)) if self.part.needs else ""

    def points(self, feature: Feature) -> str:
        """The points of a feature, as they are written beside its bar."""
        return self.words.number(feature.contribution, 2)

    def label(self, feature: Feature) -> str:
        """Name a feature."""
        return self.words.known(f"feature.{feature.id}", feature.label)

    def sentences(self) -> Iterator[str]:
        """Say all its numbers, for who can not see them."""
        words, part = self.words, self.part
        given = part.score is not None and part.interval is not None
        if part.score is not None and part.interval is not None:
            number = words.number(part.score, 1)
            limits = self._limits(part.interval)
            yield words("picture.side_number", side=self.title, score=number, status=self.status, **limits)
        else:
            yield words("picture.side_null", side=self.title, status=self.status)
        if self.needs:
            yield self.needs + "."
        if weighed := _weighed(part):
            parts = ", ".join(
                words(
                    "picture.part",
                    label=self.label(feature),
                    points=self.points(feature),
                    weight=words.number(feature.weight),
                )
                for feature in weighed
            )
            yield words("picture.parts" if given else "picture.parts_null", parts=parts)

    def _limits(self, interval: Interval) -> dict[str, str]:
        number = self.words.number
        return {
            "level": number(100 * interval.level),
            "low": number(interval.low, 1),
            "high": number(interval.high, 1),
        }


def side_words(document: ScoreDocument, name: SideName, words: Words) -> SideWords:
    """Put a side of a document into words."""
    return SideWords(words, name, document.expertise if name == "expertise" else document.interest)


def draw_side(canvas: Canvas, said: SideWords, width: float) -> float:
    """Draw a side within a width, from the origin down; return how high it became."""
    if said.part.score is None:
        return _draw_null(canvas, said, width)
    return _draw_parts(canvas, said, width, _draw_head(canvas, said, said.part.score, width))


def _draw_head(canvas: Canvas, said: SideWords, score: float, width: float) -> float:
    """Write the number and, beside or beneath it, its interval; return where the parts may begin."""
    number = said.words.number(score, 1)
    beside = width_of(number, 40 * BOLD) + width_of(said.interval, 13) < width
    canvas.text(0, 13, said.title, "caption")
    canvas.row(0, 54, (number, f"figure {said.name}"), (said.interval if beside else "", "note"))
    beneath = [] if beside else [(said.interval, "note")]
    if said.part.status != "ok":
        beneath.append((said.status, "strong small"))
    y = 59.0
    for line, kind in beneath:
        y += 20
        canvas.text(0, y, fitted(line, 13 * BOLD, width), kind)
    return y + 21


def _draw_null(canvas: Canvas, said: SideWords, width: float) -> float:
    canvas.text(0, 13, said.title, "caption")
    canvas.text(0, 48, said.words("picture.no_number"), "status")
    y = 72.0
    canvas.text(0, y, fitted(said.status, 14, width), "strong")
    for line in wrapped(said.needs, 13, width) if said.needs else ():
        y += _LINE
        canvas.text(0, y, line, "note")
    if not any(feature.contribution for feature in _weighed(said.part)):
        return y + 10
    y += _LINE + 8
    canvas.text(0, y, fitted(said.words("picture.parts_only"), 13, width), "note")
    return _draw_parts(canvas, said, width, y + 16)


def _draw_parts(canvas: Canvas, said: SideWords, width: float, top: float) -> float:
    """Draw a row for each part, each bar where the one before it ended, then the sum with its interval."""
    given = said.part.score is not None
    unit = width / 100
    rows = canvas.inner(0, top)
    weighed = _weighed(said.part)
    end = 0.0
    for place, feature in enumerate(weighed):
        y = place * ROW
        last = place == len(weighed) - 1
        rows.text(0, y + 12, fitted(said.label(feature), 14, width - 70), "label")
        rows.text(width, y + 12, said.points(feature), "value", "end")
        rows.box(end * unit, y + 20, min(feature.weight, 100 - end) * unit, BAR, "possible")
        rows.box(end * unit, y + 20, feature.contribution * unit, BAR, f"bar {said.name}" if given else "bar none")
        end += feature.contribution
        if given or not last:
            rows.line(end * unit, y + 20 + BAR, end * unit, y + 26 + BAR, "step")
            rows.line(end * unit, y + ROW + 16, end * unit, y + ROW + 20, "step")
    height = top + len(weighed) * ROW
    if said.part.score is None or said.part.interval is None:
        return height
    _draw_sum(canvas.inner(0, height), said, unit)
    return height + _SUM


def _draw_sum(canvas: Canvas, said: SideWords, unit: float) -> None:
    score, interval = said.part.score, said.part.interval
    assert score is not None and interval is not None  # noqa: S101, PT018 # the caller has looked
    canvas.text(0, 12, said.words("picture.sum"), "label strong")
    canvas.text(100 * unit, 12, said.words.number(score, 2), "value strong", "end")
    canvas.box(0, 20, 100 * unit, BAR, "possible")
    canvas.box(0, 20, score * unit, BAR, f"total {said.name}")
    low, high = interval.low * unit, interval.high * unit
    canvas.path(f"M{low:.2f} 38v8M{low:.2f} 42H{high:.2f}M{high:.2f} 38v8", "whisker")
    for tick in (0, 25, 50, 75, 100):
        anchor = {0: "start", 100: "end"}.get(tick, "middle")
        canvas.text(tick * unit, 62, str(tick), "tick", anchor)


def _weighed(part: Expertise | Interest) -> list[Feature]:
    """The features that can give points at all."""
    return [feature for feature in part.features if feature.weight > 0]
