"""What to know of a data set whose records do not hang together, in words: nobody in it can be told to have helped."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from candor.store.client import DamagedValueError
from candor.store.storage import DamagedFileError
from service.context import context

if TYPE_CHECKING:
    from candor.store.models import BoardFacts, Dataset

_NOTHING = (
    "No record of this data set names another one as its `object`, so that nothing in it shows who answered or "
    "accepted whom."
)
_OF_TABLES = (
    " Where a column of the table says so, or in which thread a post is, send it again with object=COLUMN or "
    "thread=COLUMN in `map`."
)


def note_on_links(dataset: Dataset) -> str | None:
    """Say that no record names another one, or that most which name one name what is not there; None where neither."""
    if dataset.is_unlinked:
        return _NOTHING + (_OF_TABLES if dataset.archive is None else "")
    counts = dataset.counts
    if dataset.is_mostly_unmatched:
        return (
            f"Of {counts.unmatched + (counts.answering or 0)} records that name another one as their `object`, "
            f"{counts.unmatched} name one that is not in this data set, such as {counts.unmatched_examples[0]!r}: "
            "compare these with the ids of its records."
        )
    return None


def note_on_links_of(facts: BoardFacts) -> str | None:
    """Say it of the records that a board was made from, as far as they are here."""
    request = facts.request
    with contextlib.suppress(OSError, DamagedValueError, DamagedFileError):
        dataset = context().store.datasets.get(facts.owner, str(request.dataset))
        if dataset is not None and dataset.digest == request.dataset_digest:
            return note_on_links(dataset)
    return None
