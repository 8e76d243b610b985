"""Card: the whole score as one picture, one side of it alone, and the badge. The two numbers are never added up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.drawing.canvas import BOLD, Canvas, Look, Picture, finish, fitted, open_picture, wrapped
from service.drawing.side import SIDES, SideName, SideWords, draw_side, side_words

if TYPE_CHECKING:
    from candor.scoring.document import ScoreDocument
    from service.words import Words


_GAP = 48
_STACKED_BELOW = 560
_BADGE_WIDTH = 380


@dataclass(frozen=True)
class Circumstances:
    """`topic` is its label, `as_of` RFC 3339; the root has an id or a kind that says all, or a size."""

    topic: str
    as_of: str
    method: str
    root_id: str | None
    root_kind: str
    root_size: int


def circumstances(document: ScoreDocument) -> Circumstances:
    """Return what a document's numbers hang on."""
    root = document.trust_root
    return Circumstances(document.topic.label, document.as_of, document.method.version, root.id, root.kind, root.size)


def made(about: Circumstances, words: Words, size: float, room: float) -> list[str]:
    """Say it briefly, in as few lines as fit."""
    return wrapped(words("picture.made", **_parts(about, words)), size, room, between=" · ")


def made_long(about: Circumstances, words: Words) -> str:
    """Say it in a sentence."""
    return words("picture.made_long", **_parts(about, words))


def _parts(about: Circumstances, words: Words) -> dict[str, str]:
    return {"date": words.date(about.as_of), "method": about.method, "root": _root(about, words)}


def _root(about: Circumstances, words: Words) -> str:
    if about.root_kind in ("network", "none"):
        return words(f"root.{about.root_kind}")
    return about.root_id or words("root.unnamed", size=words.number(about.root_size))


def who(document: ScoreDocument) -> str:
    """How an account calls itself, or else its id."""
    return document.account.name or document.account.account


def waterfall(document: ScoreDocument, side: SideName, look: Look) -> Picture:
    """Draw one side of a document: its parts, and the number and interval they end at; or why there is none."""
    said = side_words(document, side, look.words)
    title = look.words("picture.side_title", side=said.title, who=who(document), topic=document.topic.label)
    canvas, svg = open_picture(look, "waterfall", title, " ".join(said.sentences()))
    height = draw_side(canvas.inner(2, 2), said, look.width - 4)
    return finish(svg, look.width, height + 4)


def chart(document: ScoreDocument, look: Look) -> Picture:
    """Draw both sides of a document beside each other, or beneath where the width is small, with what they hang on."""
    words = look.words
    sides = [side_words(document, side, words) for side in SIDES]
    canvas, svg = open_picture(look, "chart", _title(document, words), _description(document, sides, words))
    pad = 28 if look.width >= _STACKED_BELOW else 18
    room = look.width - 2 * pad
    top = _head(canvas.inner(pad, pad), document, room) + pad
    stacked = look.width < _STACKED_BELOW
    column = room if stacked else (room - _GAP) / 2
    bottom = top
    for place, said in enumerate(sides):
        x, y = (pad, bottom) if stacked else (pad + place * (column + _GAP), top)
        height = draw_side(canvas.inner(x, y), said, column)
        bottom = max(bottom, y + height + (28 if stacked and not place else 0))
    bottom += _foot(canvas.inner(pad, bottom + 20), document, words, room) + 20
    return finish(svg, look.width, bottom + pad - 2, card=True)


def badge(document: ScoreDocument, look: Look) -> Picture:
    """Draw both numbers small, with topic, date and method; where there is no number, its status in words."""
    words = look.words
    sides = [side_words(document, side, words) for side in SIDES]
    canvas, svg = open_picture(look, "badge", _title(document, words), _description(document, sides, words))
    room = _BADGE_WIDTH - 32
    heading = f"{fitted(who(document), 13 * BOLD, room / 2)} · {document.topic.label}"
    canvas.text(16, 26, fitted(heading, 13 * BOLD, room), "strong small")
    for place, said in enumerate(sides):
        _badge_side(canvas.inner(16 + place * 180, 41), said)
    y = 92.0
    for line in made(circumstances(document), words, 11, room):
        y += 15
        canvas.text(16, y, line, "tick")
    return finish(svg, _BADGE_WIDTH, y + 14, card=True)


def _badge_side(canvas: Canvas, said: SideWords) -> None:
    canvas.text(0, 13, said.title, "caption")
    if said.part.score is None or said.part.interval is None:
        canvas.text(0, 31, said.words("picture.no_number"), "strong")
        canvas.text(0, 47, fitted(said.status, 12, 160), "tick")
        return
    number = said.words.number(said.part.score, 1)
    low, high = (said.words.number(limit) for limit in (said.part.interval.low, said.part.interval.high))
    limits = said.words("picture.range", low=low, high=high)
    canvas.row(0, 42, (number, f"figure small {said.name}"), (limits, "note"))


def _head(canvas: Canvas, document: ScoreDocument, room: float) -> float:
    account = document.account
    canvas.text(0, 18, fitted(who(document), 20 * BOLD, room), "title")
    ref = account.network if account.name is None else f"{account.account} · {account.network}"
    canvas.text(0, 40, fitted(f"{document.topic.label} · {ref}", 14, room), "note")
    canvas.line(0, 58, room, 58, "rule")
    return 84


def _foot(canvas: Canvas, document: ScoreDocument, words: Words, room: float) -> float:
    canvas.line(0, 0, room, 0, "rule")
    lines = made(circumstances(document), words, 12, room) + wrapped(words("picture.never_summed"), 12, room)
    for place, line in enumerate(lines):
        canvas.text(0, 22 + place * 17, line, "tick")
    return 22.0 + 17 * (len(lines) - 1)


def _title(document: ScoreDocument, words: Words) -> str:
    return words("picture.chart_title", who=who(document), topic=document.topic.label)


def _description(document: ScoreDocument, sides: list[SideWords], words: Words) -> str:
    """Say every number of the picture, and what they hang on."""
    told = [sentence for said in sides for sentence in said.sentences()]
    return " ".join([*told, made_long(circumstances(document), words), words("picture.never_summed")])
