"""Provenance: as of when, by which method and under which trust root numbers were made, and which are rough for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from candor.scoring.method import load_method
from service.drawing.canvas import wrap

if TYPE_CHECKING:
    from candor.scoring.board_row import BoardRow
    from candor.scoring.document import ScoreDocument
    from service.words import Words


@dataclass(frozen=True)
class Provenance:
    """What numbers depend on: `topic` is its label, `as_of` RFC 3339; the root has an id, or a kind that says all."""

    topic: str
    as_of: str
    method: str
    root_id: str | None
    root_kind: str
    root_size: int


def provenance_of(document: ScoreDocument) -> Provenance:
    """Return what a document's numbers depend on."""
    root = document.trust_root
    return Provenance(document.topic.label, document.as_of, document.method.version, root.id, root.kind, root.size)


def provenance_lines(about: Provenance, words: Words, size: float, room: float) -> list[str]:
    """Say it briefly, in as few lines as fit."""
    return wrap(words("picture.made", **_parts(about, words)), size, room, between=" · ")


def provenance_sentence(about: Provenance, words: Words) -> str:
    """Say it in a sentence."""
    return words("picture.made_long", **_parts(about, words))


def _parts(about: Provenance, words: Words) -> dict[str, str]:
    return {"date": words.date(about.as_of), "method": about.method, "root": _root(about, words)}


def _root(about: Provenance, words: Words) -> str:
    if about.root_kind in ("network", "none"):
        return words(f"root.{about.root_kind}")
    if about.root_id == "sample":  # which only the sample's can be called
        return words("root.sample")
    return about.root_id or words("root.unnamed", size=words.number(about.root_size))


def rough_document(document: ScoreDocument, words: Words) -> str:
    """Say why a document's expertise is a rough figure; nothing where it is none."""
    part = document.expertise
    if not part.little_evidence:
        return ""
    return _rough(part.people, part.people_with_standing, provenance_of(document), words)


def rough_row(row: BoardRow, about: Provenance, words: Words) -> str:
    """Say it of a row of a board."""
    return "" if row.expertise.score is None else _rough(row.people, row.people_with_standing, about, words)


def _rough(people: int, trusted: int, about: Provenance, words: Words) -> str:
    few, of_root = load_method().status.few_people, about.root_kind != "network"
    behind = trusted if of_root else people
    if behind < few:
        return words.count("rough.people", behind)
    return words.count("rough.root", about.root_size) if of_root and about.root_size < few else ""
