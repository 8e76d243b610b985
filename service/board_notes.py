"""Notes of boards: what to know of one beside its rows, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.schemas.base import show_instant

if TYPE_CHECKING:
    from candor.store.models import BoardFacts


def note_of(facts: BoardFacts) -> str | None:
    """Return what to know of a board, in words: why it is empty, or that trusted accounts are not in its records."""
    if not facts.people:
        return _why_empty(facts)
    if not facts.absent:
        return None
    trusted = facts.request.trust_root.size
    if facts.absent == trusted:
        return (
            f"None of the trusted accounts ({trusted}) is in these records, so nobody can have an expertise score: "
            "look whether they are written as the records write them."
        )
    return (
        f"Not in these records: {facts.absent} of the {trusted} trusted accounts. They still count as trusted people, "
        "and that can lower scores."
    )


def _why_empty(facts: BoardFacts) -> str:
    day = show_instant(facts.request.as_of).partition("T")[0]
    return (
        f"Nobody did anything on this topic in the {facts.request.window_days} days before {day}. "
        "Ask for older records with an earlier `as_of`."
    )
