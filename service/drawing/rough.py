"""Rough figures: the words for a number of expertise that rests on few people, or on a root of few."""

from __future__ import annotations

from typing import TYPE_CHECKING

from candor.scoring.method import load_method
from service.drawing.provenance import provenance_of

if TYPE_CHECKING:
    from candor.scoring.board_row import BoardRow
    from candor.scoring.document import ScoreDocument
    from service.drawing.provenance import Provenance
    from service.words import Words


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
