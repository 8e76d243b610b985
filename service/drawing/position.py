"""Position in words: which place an account has among others, and what is said of such a place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from candor.scoring.document import Position

if TYPE_CHECKING:
    from msgspec import UnsetType

    from service.words import Words


def position_sentence(position: Position | UnsetType, words: Words) -> str:
    """Say the whole place, or that there is no community; nothing where there is no number."""
    if not isinstance(position, Position) or position.status in ("no_number", "opted_out"):
        return ""
    if position.share_below is None:
        return words(f"position.{position.status}")
    return words(
        "position.sentence",
        place=_place(position, words),
        share=words.percent(int(100 * position.share_below) / 100),
        active=words.number(position.active or 0),
    )


def position_brief(position: Position | UnsetType, words: Words) -> str:
    """Say place and range, where there is a place."""
    return _place(position, words) if isinstance(position, Position) and position.rank is not None else ""


def range_words(position: Position | UnsetType, words: Words) -> str:
    """Say what is said of such a place, where there is one."""
    known = isinstance(position, Position) and position.rank is not None and position.range is not None
    return words(f"position.range.{position.range}") if known else ""  # type: ignore[union-attr] # known says so


def _place(position: Position, words: Words) -> str:
    figures = {name: words.number(getattr(position, name) or 0) for name in ("rank", "of")}
    place = words("position.tied" if position.tied else "position.place", **figures)
    if position.range is None:
        return place
    return words("position.with_range", place=place, range=words(f"position.range.{position.range}"))
