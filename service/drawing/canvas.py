"""Canvas: an SVG picture as a tree. It has a text alternative, and neither script nor style attribute nor reference."""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Literal
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.words import Words

Theme = Literal["auto", "light", "dark"]
THEMES: tuple[Theme, ...] = ("auto", "light", "dark")
NARROWEST, WIDEST = 280, 1600  # CSS pixels
BOLD = 1.15  # how much wider bold letters are
_SPACE = re.compile(r"\s+")
_NARROW_LETTERS, _WIDE_LETTERS = frozenset("iljtfrI.,:;'|!()[] \u202f\u00b7"), frozenset("mwMW@%—")
_GAP = "10"
_NAMESPACE = "http://www.w3.org/2000/svg"


@cache
def _unprintable() -> re.Pattern[str]:
    """What XML 1.0 cannot hold, and what would turn the direction of the text around it."""
    return re.compile(
        "[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u007f-\u009f\u202a-\u202e\u2066-\u2069]"
    )


def printable(text: str) -> str:
    """Put a replacement character where XML can hold none or a direction would be turned; white space becomes one."""
    return _SPACE.sub(" ", _unprintable().sub("\ufffd", text))


def width_of(text: str, size: float) -> float:
    """Estimate the width of a line in a sans-serif face of that size, rather too wide than too narrow."""
    return size * sum(map(_em, text))


def fit(text: str, size: float, room: float) -> str:
    """Shorten a line with an ellipsis until it fits."""
    if width_of(text, size) <= room:
        return text
    while text and width_of(text + "…", size) > room:
        text = text[:-1]
    return text.rstrip() + "…"


def wrap(text: str, size: float, room: float, most: int = 4, between: str = " ") -> list[str]:
    """Break a text at its spaces, or at `between`, into at most `most` lines; the last is shortened if it must be."""
    lines: list[str] = []
    for word in text.split(between):
        if lines and width_of(lines[-1] + between + word, size) <= room:
            lines[-1] += between + word
        else:
            lines.append(word)
    if len(lines) > most:
        lines = [*lines[: most - 1], between.join(lines[most - 1 :])]
    return [fit(line, size, room) for line in lines]


def _em(character: str) -> float:
    if character in _NARROW_LETTERS:
        return 0.34
    if unicodedata.combining(character):
        return 0.0
    if character in _WIDE_LETTERS or unicodedata.east_asian_width(character) in "WF":
        return 1.0
    return 0.72 if character.isupper() else 0.61


@dataclass(frozen=True)
class Look:
    """How to draw: in which words, how wide (CSS pixels at which text has its natural size), in which theme.

    `name` begins the ids within the picture; give each picture of a page another.
    """

    words: Words
    width: int = 720
    theme: Theme = "auto"
    name: str = "candor"

    def named(self, name: str) -> Look:
        """The same under another name."""
        return replace(self, name=re.sub(r"[^A-Za-z0-9_-]", "-", name))

    def wide(self, width: int) -> Look:
        """The same in another width."""
        return replace(self, width=width)


@dataclass(frozen=True)
class Picture:
    """A finished picture: `str(picture)`, or the picture itself in a template, to stand in a page; `file` alone."""

    svg: ET.Element

    def __str__(self) -> str:
        return _written(self.svg)

    def __html__(self) -> str:
        """Let Jinja take it as it is: every text in it is escaped already."""
        return _written(self.svg)

    @property
    def file(self) -> bytes:
        """The picture as a file of its own, with the style sheet in it."""
        style = ET.Element("style")
        style.text = stylesheet()
        whole = ET.Element("svg", {**self.svg.attrib, "xmlns": _NAMESPACE})
        whole.extend([*self.svg[:2], style, *self.svg[2:]])
        return _written(whole).encode()


class Canvas:
    """Draws shapes and texts into a group; positions and sizes in units of the picture's width."""

    def __init__(self, group: ET.Element) -> None:
        self.group = group

    def inner(self, x: float, y: float) -> Canvas:
        """Open a group whose origin is at (x, y)."""
        return Canvas(self._add("g", transform=f"translate({_n(x)} {_n(y)})"))

    def grouped(self, **attributes: str) -> Canvas:
        """Open a group with attributes."""
        return Canvas(self._add("g", **attributes))

    def link(self, href: str, label: str, **attributes: str) -> Canvas:
        """Open a link named by a label."""
        return Canvas(self._add("a", href=href, aria_label=label, **attributes))

    def text(self, x: float, y: float, text: str, kind: str, anchor: str | None = None) -> None:
        """Write a line; `kind` is its class, `anchor` start, middle or end."""
        place = {} if anchor is None else {"text-anchor": anchor}
        self._add("text", x=_n(x), y=_n(y), class_=kind, **place).text = printable(text)

    def row(self, x: float, y: float, *parts: tuple[str, str]) -> None:
        """Write texts, each with its class, on one line: each where the one before ends, however wide its letters."""
        line = self._add("text", x=_n(x), y=_n(y))
        for place, (text, kind) in enumerate(parts):
            gap = {"dx": _GAP} if place else {}
            ET.SubElement(line, "tspan", {"class": kind, **gap}).text = printable(text)

    def box(self, x: float, y: float, width: float, height: float, kind: str) -> None:
        """Draw a rectangle; of no width, none."""
        if width > 0:
            self._add("rect", x=_n(x), y=_n(y), width=_n(width), height=_n(height), rx="2", class_=kind)

    def line(self, x1: float, y1: float, x2: float, y2: float, kind: str) -> None:
        """Draw a straight line."""
        self.path(f"M{_n(x1)} {_n(y1)}L{_n(x2)} {_n(y2)}", kind)

    def through(self, points: Sequence[tuple[float, float]], kind: str) -> None:
        """Draw a line through points."""
        self.path("M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in points), kind)

    def path(self, d: str, kind: str, **attributes: str) -> None:
        """Draw a path."""
        self._add("path", d=d, class_=kind, **attributes)

    def circle(self, x: float, y: float, radius: float, kind: str) -> None:
        """Draw a disc."""
        self._add("circle", cx=_n(x), cy=_n(y), r=_n(radius), class_=kind)

    def hint(self, text: str) -> None:
        """Name the group: shown while a pointer rests on it."""
        self._add("title").text = printable(text)

    def _add(self, tag: str, **attributes: str) -> ET.Element:
        named = {name.rstrip("_").replace("_", "-"): printable(value) for name, value in attributes.items()}
        return ET.SubElement(self.group, tag, named)


def open_picture(look: Look, kind: str, title: str, desc: str, *, links: bool = False) -> tuple[Canvas, ET.Element]:
    """Begin a picture with its text alternative; `finish` ends it. One with links in it is a group, not an image."""
    svg = ET.Element(
        "svg",
        {
            "class": f"candor {kind} {look.theme}",
            "role": "group" if links else "img",
            "lang": look.words.language,
            "aria-labelledby": f"{look.name}-title",
            "aria-describedby": f"{look.name}-desc",
        },
    )
    for tag, text in (("title", title), ("desc", desc)):
        ET.SubElement(svg, tag, {"id": f"{look.name}-{tag}"}).text = printable(text)
    return Canvas(svg), svg


def describe(svg: ET.Element, desc: str) -> None:
    """Write the text alternative of a picture that was opened before it could be said."""
    text = svg.find("desc")
    assert text is not None  # noqa: S101 # open_picture has put it there
    text.text = printable(desc)


def finish(svg: ET.Element, width: float, height: float, *, card: bool = False) -> Picture:
    """End a picture now that its height is known; a card lies behind what stands alone in another's page."""
    if card:
        edges = {"x": "0.5", "y": "0.5", "width": _n(width - 1), "height": _n(height - 1), "rx": "10"}
        svg.insert(len(("title", "desc")), ET.Element("rect", {**edges, "class": "card"}))
    svg.set("viewBox", f"0 0 {_n(width)} {_n(height)}")
    svg.set("width", _n(width))
    svg.set("height", _n(height))
    return Picture(svg)


@cache
def stylesheet() -> str:
    """The style sheet of all pictures: a page links it, a file carries it."""
    return resources.files("service.drawing").joinpath("pictures.css").read_text("utf-8")


@cache
def stylesheet_source() -> str:
    """The style sheet as a source of `style-src` in a content security policy."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(stylesheet().encode()).digest()).decode()}'"


def _written(svg: ET.Element) -> str:
    return ET.tostring(svg, encoding="unicode")


def _n(value: float) -> str:
    """Write a length: at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
