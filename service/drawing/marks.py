"""Marks: one account in a plane: its shape tells the kind, its whiskers the intervals, its title says both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from candor.scoring.board import BoardRow, Side
    from service.drawing.canvas import Canvas
    from service.words import Words

KINDS = ("person", "organisation", "bot", "unknown")
Whiskers = tuple[tuple[float, float], tuple[float, float]]


@dataclass(frozen=True)
class Mark:
    """Where an account stands; `whiskers` are the ends of its intervals across and up, where it has both numbers."""

    row: BoardRow
    x: float
    y: float
    whiskers: Whiskers | None = None


def shape(kind: str, x: float, y: float, r: float) -> str:
    """Outline a kind: people round, organisations square, bots triangular, unknown a diamond; of about equal area."""
    if kind == "organisation":
        side = 1.8 * r
        return f"M{x - side / 2:.1f} {y - side / 2:.1f}h{side:.1f}v{side:.1f}h-{side:.1f}z"
    if kind == "bot":
        return f"M{x:.1f} {y - 1.3 * r:.1f}l{1.25 * r:.1f} {2.2 * r:.1f}h-{2.5 * r:.1f}z"
    if kind == "unknown":
        d = 1.2 * r
        return f"M{x:.1f} {y - d:.1f}l{d:.1f} {d:.1f}l-{d:.1f} {d:.1f}l-{d:.1f} -{d:.1f}z"
    return f"M{x - r:.1f} {y:.1f}a{r:.1f} {r:.1f} 0 1 0 {2 * r:.1f} 0a{r:.1f} {r:.1f} 0 1 0 -{2 * r:.1f} 0z"


def draw_mark(canvas: Canvas, mark: Mark, r: float, words: Words, href: str | None) -> None:
    """Draw an account; as a link where it has an address."""
    row, said = mark.row, say(mark.row, words)
    kind = f"mark {row.kind}"
    group = canvas.grouped(class_=kind) if href is None else canvas.link(href, said, class_=kind, **_data(row))
    group.hint(said)
    if mark.whiskers:
        (left, right), (low, high) = mark.whiskers
        group.path(f"M{left:.1f} {mark.y:.1f}H{right:.1f}M{mark.x:.1f} {low:.1f}V{high:.1f}", "span")
    group.path(shape(row.kind, mark.x, mark.y, r), "dot")


def say(row: BoardRow, words: Words) -> str:
    """Say who it is and both numbers with their intervals."""
    return words(
        "map.mark",
        who=row.name or row.account,
        kind=words(f"kind.{row.kind}"),
        expertise=say_side("expertise", row.expertise, words),
        interest=say_side("interest", row.interest, words),
    )


def say_side(name: str, side: Side, words: Words) -> str:
    """Say one number with its interval, or that there is none."""
    title = words(f"side.{name}")
    if side.score is None or side.interval is None:
        return words("map.mark_null", side=title, status=words(f"status.{name}.{side.status}"))
    score, low, high = (words.number(n, 1) for n in (side.score, side.interval.low, side.interval.high))
    return words("map.mark_number", side=title, score=score, low=low, high=high)


def _data(row: BoardRow) -> dict[str, str]:
    """The account, and of each number there is the number and its limits, with a decimal point."""
    data = {"data_account": row.account}
    for name, side in (("expertise", row.expertise), ("interest", row.interest)):
        if side.score is not None and side.interval is not None:
            data[f"data_{name}"] = f"{side.score:.1f} {side.interval.low:.1f} {side.interval.high:.1f}"
    return data
