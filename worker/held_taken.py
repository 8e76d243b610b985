"""What somebody accepted: whose answer or change it was and what it says, from the data set that holds both."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from msgspec.structs import replace

from candor.scoring.taken import takes_changes
from candor.store.held import HeldRecord, HeldTaken
from candor.store.storage import DamagedFileError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from candor.scoring.activity import Activity
    from candor.store import Store

MOST_CHARACTERS = 300


def with_what_was_taken(store: Store, found: Iterable[tuple[str, HeldRecord, str | None]]) -> list[HeldRecord]:
    """Return records, of which owner and acting on what is given, with what was accepted by those that accept.

    Whoever is suppressed is not named: their records are not among those of a data set.
    """
    found = list(found)
    asked: dict[tuple[str, str], set[str]] = {}
    for owner, record, under in found:
        if record.type == "accept" and under is not None:
            asked.setdefault((owner, record.dataset), set()).add(under)
    known = {whose: _taken(store, *whose, ids) for whose, ids in asked.items()}
    return [
        replace(record, taken=known[owner, record.dataset].get(under))
        if record.type == "accept" and under is not None
        else record
        for owner, record, under in found
    ]


def _taken(store: Store, owner: str, dataset: str, record_ids: set[str]) -> dict[str, HeldTaken]:
    with contextlib.suppress(LookupError, DamagedFileError):
        table = store.datasets.activities(owner, dataset)
        rows = table.rows_of(record_ids)
        other = HeldTaken(type=None if takes_changes(table) else "answer")
        return {each: _told(table.record(rows[each])) if each in rows else other for each in record_ids}
    return {}


def _told(record: Activity) -> HeldTaken:
    text = record.content if record.visibility in {None, "public"} else None
    begins = text[: MOST_CHARACTERS - 1] + "…" if text and len(text) > MOST_CHARACTERS else text
    return HeldTaken(type=record.type, by=record.actor, name=record.name, content=begins)
