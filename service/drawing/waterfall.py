"""Waterfall: expertise or interest as bars that end at its number, or a status; parts rounded so that they add up."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from service.drawing.canvas import BOLD, finish, fit, open_picture, width_of, wrap
from service.drawing.provenance import ceiling_of, is_trusted, position_sentence, rough_document, trusted_people

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from candor.scoring.document import Expertise, Feature, Interest, Interval, ScoreDocument
    from service.drawing.canvas import Canvas, Look, Picture
    from service.words import Words

SideName = Literal["expertise", "interest"]
SIDES: tuple[SideName, ...] = ("expertise", "interest")
_ROW, _BAR = 44, 14
_END = 100.0  # of the scale
_LINE, _SUM = 18, 66  # heights: of a line of text, of the bar with the interval and its axis


@dataclass(frozen=True)
class SideText:
    """What a side says in words; the picture and its text alternative both take it from here.

    `rough` says that the number rests on few people, where it does, `place` which it has among others. `ceiling` is the
    most that so many `trusted` people allow, None where they do not bound it; `is_trusted` where the account is one
    more of them.
    """

    words: Words
    name: SideName
    part: Expertise | Interest
    rough: str = ""
    place: str = ""
    ceiling: float | None = None
    trusted: int = 0
    is_trusted: bool = False

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
        return self.words("picture.needed", needs=self.words.translate(self.part.needs)) if self.part.needs else ""

    @property
    def most(self) -> str:
        """The ceiling; nothing where there is none below the end of the scale, or no number that it holds down."""
        if self.ceiling is None or self.part.score is None or round(self.ceiling, 1) >= _END:
            return ""
        key = "picture.ceiling_others" if self.is_trusted else "picture.ceiling"
        return self.words.count(key, self.trusted, points=self.words.number(self.ceiling, 1))

    @property
    def style(self) -> str:
        """How its figures and bars look: a rough figure weaker."""
        return f"{self.name} rough" if self.rough else self.name

    def points(self, feature: Feature) -> str:
        """The points of a feature, as they are written beside its bar."""
        return self.words.number(points_shown(self.part)[feature.id], 2)

    def label(self, feature: Feature) -> str:
        """Name a feature."""
        return self.words.get(f"feature.{feature.id}", feature.label)

    def sentences(self) -> Iterator[str]:
        """Say all its numbers, for who cannot see them."""
        words, part = self.words, self.part
        given = part.score is not None and part.interval is not None
        if part.score is not None and part.interval is not None:
            number = words.number(part.score, 1)
            limits = self._limits(part.interval)
            yield words("picture.side_number", side=self.title, score=number, status=self.status, **limits)
        else:
            yield words("picture.side_null", side=self.title, status=self.status)
        yield from (said + "." for said in (self.rough, self.place, self.most, self.needs) if said)
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


def side_text(document: ScoreDocument, name: SideName, words: Words) -> SideText:
    """Put a side of a document into words."""
    if name == "interest":
        return SideText(words, name, document.interest)
    part = document.expertise
    place = position_sentence(part.position, words)
    rough, ceiling, trusted = rough_document(document, words), ceiling_of(document), trusted_people(document)
    return SideText(words, name, part, rough, place, ceiling, trusted, is_trusted(document))


def name_of(document: ScoreDocument) -> str:
    """Return how an account calls itself, or else its id."""
    return document.account.name or document.account.account


def draw_waterfall(document: ScoreDocument, name: SideName, look: Look) -> Picture:
    """Draw one side of a document: its parts, and the number and interval they end at; or why there is none."""
    side = replace(side_text(document, name, look.words), place="")  # the page that shows it says the place at its top
    title = look.words("picture.side_title", side=side.title, who=name_of(document), topic=document.topic.label)
    canvas, svg = open_picture(look, "waterfall", title, " ".join(side.sentences()))
    height = draw_side(canvas.inner(2, 2), side, look.width - 4)
    return finish(svg, look.width, height + 4)


def draw_side(canvas: Canvas, side: SideText, width: float) -> float:
    """Draw a side within a width, from the origin down; return how high it became."""
    if side.part.score is None:
        return _draw_null(canvas, side, width)
    return _draw_parts(canvas, side, width, _draw_head(canvas, side, side.part.score, width))


def _draw_head(canvas: Canvas, side: SideText, score: float, width: float) -> float:
    """Write the number and, beside or beneath it, its interval; return where the parts may begin."""
    number = side.words.number(score, 1)
    beside = width_of(number, 40 * BOLD) + width_of(side.interval, 13) < width
    canvas.text(0, 13, side.title, "caption")
    canvas.row(0, 54, (number, f"figure {side.style}"), (side.interval if beside else "", "note"))
    beneath = [] if beside else [(side.interval, "note")]
    if side.part.status != "ok":
        beneath.append((side.status, "strong small"))
    beneath += [(line, "strong small") for line in wrap(side.rough, 13 * BOLD, width) if side.rough]
    beneath += [(line, "note") for line in wrap(side.place, 13 * BOLD, width) if side.place]
    y = 59.0
    for line, kind in beneath:
        y += 20
        canvas.text(0, y, fit(line, 13 * BOLD, width), kind)
    return y + 21


def _draw_null(canvas: Canvas, side: SideText, width: float) -> float:
    canvas.text(0, 13, side.title, "caption")
    canvas.text(0, 48, side.words("picture.no_number"), "status")
    y = 72.0
    canvas.text(0, y, fit(side.status, 14, width), "strong")
    for line in wrap(side.needs, 13, width) if side.needs else ():
        y += _LINE
        canvas.text(0, y, line, "note")
    if not any(feature.contribution for feature in _weighed(side.part)):
        return y + 10
    y += _LINE + 8
    canvas.text(0, y, fit(side.words("picture.parts_only"), 13, width), "note")
    return _draw_parts(canvas, side, width, y + 16)


def _draw_parts(canvas: Canvas, side: SideText, width: float, top: float) -> float:
    """Draw a row for each part, each bar where the one before it ended, then the sum with its interval."""
    given = side.part.score is not None
    unit = width / 100
    rows = canvas.inner(0, top)
    weighed = _weighed(side.part)
    end = 0.0
    for place, feature in enumerate(weighed):
        y = place * _ROW
        last = place == len(weighed) - 1
        rows.text(0, y + 12, fit(side.label(feature), 14, width - 70), "label")
        rows.text(width, y + 12, side.points(feature), "value", "end")
        rows.box(end * unit, y + 20, min(feature.weight, 100 - end) * unit, _BAR, "possible")
        rows.box(end * unit, y + 20, feature.contribution * unit, _BAR, f"bar {side.style}" if given else "bar none")
        end += feature.contribution
        if given or not last:
            rows.line(end * unit, y + 20 + _BAR, end * unit, y + 26 + _BAR, "step")
            rows.line(end * unit, y + _ROW + 16, end * unit, y + _ROW + 20, "step")
    height = top + len(weighed) * _ROW
    if side.part.score is None or side.part.interval is None:
        return height
    _draw_sum(canvas.inner(0, height), side, unit)
    lines = wrap(side.most, 12, width) if side.most else []
    for place, line in enumerate(lines):
        canvas.text(0, height + _SUM + 16 + place * _LINE, line, "tick")
    return height + _SUM + len(lines) * (_LINE + 2)


def _draw_sum(canvas: Canvas, side: SideText, unit: float) -> None:
    score, interval = side.part.score, side.part.interval
    assert score is not None and interval is not None  # noqa: S101, PT018 # the caller has looked
    canvas.text(0, 12, side.words("picture.sum"), "label strong")
    canvas.text(100 * unit, 12, side.words.number(score, 2), "value strong", "end")
    most = _END if side.ceiling is None or not side.most else side.ceiling
    canvas.box(0, 20, most * unit, _BAR, "possible")
    canvas.box(most * unit, 20, (_END - most) * unit, _BAR, "beyond")
    canvas.box(0, 20, score * unit, _BAR, f"total {side.style}")
    if most < _END:
        canvas.path(f"M{most * unit:.2f} 16v{_BAR + 8}", "ceiling")
    low, high = interval.low * unit, interval.high * unit
    canvas.path(f"M{low:.2f} 38v8M{low:.2f} 42H{high:.2f}M{high:.2f} 38v8", "whisker")
    for tick in (0, 25, 50, 75, 100):
        anchor = {0: "start", 100: "end"}.get(tick, "middle")
        canvas.text(tick * unit, 62, str(tick), "tick", anchor)


def points_shown(part: Expertise | Interest) -> dict[str, float]:
    """Return the points of each feature to two decimals, which add up to the sum shown to two decimals."""
    rounded = rounded_to_sum([feature.contribution for feature in part.features], 2)
    return {feature.id: points for feature, points in zip(part.features, rounded, strict=True)}


def _weighed(part: Expertise | Interest) -> list[Feature]:
    """The features that can give points at all."""
    return [feature for feature in part.features if feature.weight > 0]


def rounded_to_sum(values: Sequence[float], places: int, total: float | None = None) -> list[float]:
    """Round parts, none below zero, to so many decimals that they add up to their rounded sum, or to `total`.

    Each is rounded down, and those that lose most by it are rounded up (method of the largest remainder).
    """
    unit = 10.0**places
    floors = [math.floor(value * unit) for value in values]
    missing = round(round(sum(values) if total is None else total, places) * unit) - sum(floors)
    by_loss = sorted(range(len(values)), key=lambda part: floors[part] - values[part] * unit)
    for part in by_loss[:missing]:
        floors[part] += 1
    return [floor / unit for floor in floors]
