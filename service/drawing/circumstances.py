"""Circumstances: what a number hangs on besides the account: topic, date, version of the method, trust root."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.drawing.lettering import wrapped

if TYPE_CHECKING:
    from candor.scoring.document import ScoreDocument
    from service.words import Words


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
