"""Lettering: text that XML can hold, and how much room it takes; a picture can not ask a browser."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

BOLD = 1.15  # how much wider bold letters are
_SPACE = re.compile(r"\s+")
_NARROW, _WIDE = frozenset("iljtfrI.,:;'|!()[] \u202f\u00b7"), frozenset("mwMW@%—")


@cache
def _unfit() -> re.Pattern[str]:
    """What XML 1.0 can not hold, and what would turn the direction of the text around it."""
    return re.compile(
        "[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u007f-\u009f\u202a-\u202e\u2066-\u2069]"
    )


def legible(text: str) -> str:
    """Put a replacement character where XML can hold none or a direction would be turned; white space becomes one."""
    return _SPACE.sub(" ", _unfit().sub("\ufffd", text))


def width_of(text: str, size: float) -> float:
    """Estimate the width of a line in a sans-serif face of that size, rather too wide than too narrow."""
    return size * sum(map(_em, text))


def fitted(text: str, size: float, room: float) -> str:
    """Shorten a line with an ellipsis until it fits."""
    if width_of(text, size) <= room:
        return text
    while text and width_of(text + "…", size) > room:
        text = text[:-1]
    return text.rstrip() + "…"


def wrapped(text: str, size: float, room: float, most: int = 4, between: str = " ") -> list[str]:
    """Break a text at its spaces, or at `between`, into at most `most` lines; the last is shortened if it must be."""
    lines: list[str] = []
    for word in text.split(between):
        if lines and width_of(lines[-1] + between + word, size) <= room:
            lines[-1] += between + word
        else:
            lines.append(word)
    if len(lines) > most:
        lines = [*lines[: most - 1], between.join(lines[most - 1 :])]
    return [fitted(line, size, room) for line in lines]


def _em(character: str) -> float:
    if character in _NARROW:
        return 0.34
    if unicodedata.combining(character):
        return 0.0
    if character in _WIDE or unicodedata.east_asian_width(character) in "WF":
        return 1.0
    return 0.72 if character.isupper() else 0.61
