"""Curves of features: from raw value to points, with an account's own point on it or without."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from candor.scoring.curves import curve as share_at
from candor.scoring.curves import curves
from service.drawing.canvas import Look, Picture, finish, open_picture, width_of

if TYPE_CHECKING:
    from candor.scoring.document import Feature
    from candor.scoring.published import PublishedFeature
    from service.drawing.canvas import Canvas
    from service.words import Words

_HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 200, 48, 20, 16, 40
_BEYOND = 1.3  # how far the plot goes beyond p90, or beyond the account's own value
_STEPS = 80


@dataclass(frozen=True)
class Frame:
    """Where the plot lies: `most` is the raw value at its right edge."""

    width: float
    most: float

    def x(self, raw: float) -> float:
        """Place a raw value."""
        return _LEFT + raw / self.most * (self.width - _LEFT - _RIGHT)

    def y(self, share: float) -> float:
        """Place a share of the points, 0 to 1."""
        return _TOP + (1 - share) * (_HEIGHT - _TOP - _BOTTOM)


@dataclass(frozen=True)
class Scale:
    """What is plotted: which raw values give one half and nine tenths of the points, in which unit, in words."""

    label: str
    unit: str
    p50: float
    p90: float
    words: Words

    @property
    def title(self) -> str:
        """Its title."""
        return self.words("curve.title", label=self.label)

    @property
    def desc(self) -> str:
        """The curve in words."""
        return self.words("curve.desc", p50=self.amount(self.p50), p90=self.amount(self.p90), unit=self.named)

    @property
    def named(self) -> str:
        """The unit in words."""
        return self.words.get(f"unit.{self.unit}", self.unit)

    def amount(self, raw: float) -> str:
        """Write a raw value; a share as per cent."""
        value = round(100 * raw, 1) if self.unit == "share" else round(raw, 2)
        return self.words.number(value, 0 if value == int(value) else 1 if self.unit == "share" else 2)


def draw_curve(feature: Feature, look: Look, points: float) -> Picture:
    """Draw the curve of a feature of a score, with the account's own point on it and the points that it gives."""
    words = look.words
    label = words.get(f"feature.{feature.id}", feature.label)
    scale = Scale(label, feature.unit, feature.curve.p50, feature.curve.p90, words)
    raw = scale.amount(feature.raw)
    own = words(
        "curve.point",
        raw=words("curve.at_least", raw=raw) if feature.unit == "share" else raw,
        unit=scale.named,
        value=words.number(100 * feature.value, 1),
        weight=words.number(feature.weight),
        points=words.number(points, 2),
    )
    canvas, svg = open_picture(look, "curve", scale.title, f"{scale.desc} {own}")
    frame = Frame(look.width, _BEYOND * max(scale.p90, feature.raw))
    _draw(canvas, frame, scale)
    _draw_point(canvas, frame, feature, words("picture.points", points=words.number(points, 2)))
    return finish(svg, look.width, _HEIGHT)


def draw_published_curve(feature: PublishedFeature, look: Look) -> Picture:
    """Draw the curve of a feature as the method publishes it."""
    facts = feature.facts
    label = look.words.get(f"feature.{facts.id}", facts.label)
    scale = Scale(label, facts.unit, feature.p50, feature.p90, look.words)
    canvas, svg = open_picture(look, "curve", scale.title, scale.desc)
    _draw(canvas, Frame(look.width, _BEYOND * feature.p90), scale)
    return finish(svg, look.width, _HEIGHT)


def _draw(canvas: Canvas, frame: Frame, scale: Scale) -> None:
    right, floor = frame.width - _RIGHT, frame.y(0)
    for share in (0.0, 0.5, 0.9):
        canvas.line(_LEFT, frame.y(share), right, frame.y(share), "grid" if share else "axis")
        canvas.text(_LEFT - 8, frame.y(share) + 4, scale.words.percent(share), "tick", "end")
    free = 0.0
    for raw in (0.0, scale.p50, scale.p90):
        x, label = frame.x(raw), scale.amount(raw)
        canvas.line(x, floor, x, floor + 5, "axis")
        if x - width_of(label, 12) / 2 >= free:
            canvas.text(x, floor + 18, label, "tick", "middle")
            free = x + width_of(label, 12) / 2 + 4
    canvas.text(right, floor + 34, scale.named, "tick", "end")
    raws = np.linspace(0, 1, _STEPS) ** 2 * frame.most  # closer together where the curve is steep
    shares = curves(raws, scale.p50, scale.p90)
    canvas.through([(frame.x(x), frame.y(y)) for x, y in zip(raws.tolist(), shares.tolist(), strict=True)], "plot")


def _draw_point(canvas: Canvas, frame: Frame, feature: Feature, label: str) -> None:
    share = share_at(feature.raw, feature.curve.p50, feature.curve.p90)
    x, y = frame.x(feature.raw), frame.y(share)
    canvas.path(f"M{x:.2f} {frame.y(0):.2f}V{y:.2f}H{_LEFT}", "guide")
    canvas.circle(x, y, 6, "point")
    if x > frame.width / 2:  # at the foot of the guide, where no curve passes
        canvas.text(x - 8, frame.y(0) - 8, label, "strong small", "end")
    else:
        canvas.text(x + 12, frame.y(0) - 8, label, "strong small")
