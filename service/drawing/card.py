"""Card: a whole score as one picture, and the badge; the two numbers are never added up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from candor.names.networks import network_label
from service.drawing.canvas import BOLD, Canvas, Look, Picture, finish, fit, open_picture, wrap
from service.drawing.provenance import provenance_lines, provenance_of, provenance_sentence
from service.drawing.waterfall import SIDES, SideText, draw_side, name_of, side_text

if TYPE_CHECKING:
    from candor.scoring.document import ScoreDocument
    from service.words import Words

_GAP = 48
_STACKED_BELOW = 560
BADGE_WIDTH = 380
_BADGE_SIDE = 180


def draw_chart(document: ScoreDocument, look: Look) -> Picture:
    """Draw both sides of a document side by side, or stacked where the width is small, with what they depend on."""
    words = look.words
    sides = [side_text(document, name, words) for name in SIDES]
    canvas, svg = open_picture(look, "chart", _title(document, words), _description(document, sides, words))
    pad = 28 if look.width >= _STACKED_BELOW else 18
    room = look.width - 2 * pad
    top = _draw_head(canvas.inner(pad, pad), document, room) + pad
    stacked = look.width < _STACKED_BELOW
    column = room if stacked else (room - _GAP) / 2
    bottom = top
    for place, side in enumerate(sides):
        x, y = (pad, bottom) if stacked else (pad + place * (column + _GAP), top)
        height = draw_side(canvas.inner(x, y), side, column)
        bottom = max(bottom, y + height + (28 if stacked and not place else 0))
    bottom += _draw_foot(canvas.inner(pad, bottom + 20), document, words, room) + 20
    return finish(svg, look.width, bottom + pad - 2, card=True)


def draw_badge(document: ScoreDocument, look: Look) -> Picture:
    """Draw both numbers small, with topic, date and method; where there is no number, its status in words."""
    words = look.words
    sides = [side_text(document, name, words) for name in SIDES]
    canvas, svg = open_picture(look, "badge", _title(document, words), _description(document, sides, words))
    room = BADGE_WIDTH - 32
    heading = f"{fit(name_of(document), 13 * BOLD, room / 2)} · {document.topic.label}"
    canvas.text(16, 26, fit(heading, 13 * BOLD, room - 60), "strong small")
    canvas.text(BADGE_WIDTH - 16, 26, "Candor", "tick", "end")
    for place, side in enumerate(sides):
        _draw_badge_side(canvas.inner(16 + place * _BADGE_SIDE, 41), side)
    y = 106.0
    for line in provenance_lines(provenance_of(document), words, 11, room):
        y += 15
        canvas.text(16, y, line, "tick")
    return finish(svg, BADGE_WIDTH, y + 14, card=True)


def badge_alternative(document: ScoreDocument, words: Words) -> str:
    """Say in a line what the badge shows, for those who do not see it."""
    said = []
    for name in SIDES:
        side = side_text(document, name, words)
        number = "" if side.part.score is None else words.number(side.part.score, 1)
        rough = f" ({words('picture.rough')})" if number and side.rough else ""
        key = "number" if number else "none"
        said.append(words(f"badge.{key}", side=words(f"side.{name}"), score=number) + rough)
    facts = {"who": name_of(document), "topic": document.topic.label, "day": words.date(document.as_of)}
    return words("badge.alternative", sides=", ".join(said), **facts)


def _draw_badge_side(canvas: Canvas, side: SideText) -> None:
    canvas.text(0, 13, side.title, "caption")
    if side.part.score is None or side.part.interval is None:
        canvas.text(0, 31, side.words("picture.no_number"), "strong")
        canvas.text(0, 47, fit(side.status, 12, 160), "tick")
        return
    number = side.words.number(side.part.score, 1)
    low, high = (side.words.number(limit) for limit in (side.part.interval.low, side.part.interval.high))
    canvas.row(0, 42, (number, f"figure small {side.style}"), (side.words("picture.of_100"), "note"))
    limits = side.words("picture.range", low=low, high=high)
    rough = f" · {side.words('picture.rough')}" if side.rough else ""
    canvas.text(0, 60, fit(f"{limits}{rough}", 12, _BADGE_SIDE - 8), "tick")


def _draw_head(canvas: Canvas, document: ScoreDocument, room: float) -> float:
    account = document.account
    canvas.text(0, 18, fit(name_of(document), 20 * BOLD, room), "title")
    network = network_label(account.network)
    ref = network if account.name is None else f"{account.account} · {network}"
    canvas.text(0, 40, fit(f"{document.topic.label} · {ref}", 14, room), "note")
    canvas.line(0, 58, room, 58, "rule")
    return 84


def _draw_foot(canvas: Canvas, document: ScoreDocument, words: Words, room: float) -> float:
    canvas.line(0, 0, room, 0, "rule")
    lines = provenance_lines(provenance_of(document), words, 12, room) + wrap(words("picture.never_summed"), 12, room)
    for place, line in enumerate(lines):
        canvas.text(0, 22 + place * 17, line, "tick")
    return 22.0 + 17 * (len(lines) - 1)


def _title(document: ScoreDocument, words: Words) -> str:
    return words("picture.chart_title", who=name_of(document), topic=document.topic.label)


def _description(document: ScoreDocument, sides: list[SideText], words: Words) -> str:
    """Say every number of the picture, and what they depend on."""
    told = [sentence for side in sides for sentence in side.sentences()]
    return " ".join([*told, provenance_sentence(provenance_of(document), words), words("picture.never_summed")])
