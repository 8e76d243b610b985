"""What to know of a data set before its boards are used, in words: its records name none of them, or may be hidden."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from candor.formats.columns import likely_columns
from candor.store.client import DamagedValueError
from candor.store.left_out import IDS_BY_AUTHORS
from candor.store.storage import DamagedFileError
from service.context import context

if TYPE_CHECKING:
    from candor.store.models import Dataset, JobRequest

_NOTHING = (
    "No record of this data set names another one as its `object`, so that nothing in it shows who answered or "
    "accepted whom."
)
_MOST_NAMED = 5
_LOOKING_ALIKE = (
    "Accounts are written both with and without what nobody sees, such as a space without width, and were taken for "
    "one each: check that nobody poses as them"
)
_TAKEN_OUT = "Records that had been taken out of the data set came again and stay out"
_BY_OTHERS = "Records came with the id of an earlier one by another author"
_OF_OTHERS = {
    True: "They were left out: whoever sends a mail chooses its id.",
    False: "They took its place: check whether accounts were renamed at the source.",
}
_OF_TABLES = (
    " Where a column of the table says so, or in which thread a post is, send it again with object=COLUMN or "
    "thread=COLUMN in `map`."
)
_NO_QUESTION = (
    "No record of this data set is a `question`. Trust spreads from people to those whose questions they answer, so "
    "that it hardly spreads here, and scores are lower than they would be. Send posts that ask with the type "
    "`question`; in a table, title=COLUMN or thread=COLUMN in `map` lets titles tell which posts do."
)
_LINKING = ("object", "thread")


def note_on(dataset: Dataset) -> str | None:
    """Say what is odd in how records name one another, and of which states nothing is known; None where neither."""
    notes = note_on_links(dataset), _note_on_states(dataset), _note_on_left_out(dataset)
    return " ".join(filter(None, notes)) or None


def _note_on_left_out(dataset: Dataset) -> str:
    counts, said = dataset.counts, []
    if counts.looking_alike:
        said.append(f"{_LOOKING_ALIKE}: {', '.join(map(repr, counts.looking_alike[:_MOST_NAMED]))}.")
    if counts.taken_out:
        said.append(f"{_TAKEN_OUT}: {counts.taken_out}. To take them again, send them with restore=true.")
    if counts.other_author:
        said.append(f"{_BY_OTHERS}: {counts.other_author}. {_OF_OTHERS[_is_mail(dataset)]}")
    return " ".join(said)


def _is_mail(dataset: Dataset) -> bool:
    return dataset.archive is not None and dataset.archive.format in IDS_BY_AUTHORS


def _note_on_states(dataset: Dataset) -> str | None:
    if not (states := dataset.counts.unknown_states):
        return None
    told = ", ".join(f"{state!r} ({records})" for state, records in states.items())
    pairs = ",".join(f"{state}=private" for state in states)
    return (
        f"Nothing is known of these states of records, which are kept as public: {told}. If such records are not "
        f"public, send them again with visibility=COLUMN,{pairs} in `map`, or without them."
    )


def note_on_links(dataset: Dataset) -> str | None:
    """Say that no record names another one or is a question, or that many name what is not there; None where none."""
    if dataset.is_unlinked:
        return _NOTHING + (_which_column(dataset) if dataset.may_be_a_table else "")
    found = dataset.references
    if dataset.is_mostly_unmatched:
        return (
            f"Of {found.unmatched + (found.answering or 0)} records that name another one as their `object`, "
            f"{found.unmatched} name one that is not in this data set, such as {found.unmatched_examples[0]!r}"
            + (": compare these with the ids of its records." if dataset.may_be_a_table else ".")
        )
    if dataset.names_one_nothing:
        return (
            f"{found.unmatched} records name {found.unmatched_examples[0]!r} as their `object`, which is no record "
            "of this data set, so that they count as replies to it. Where it stands for nothing, leave the cell empty."
        )
    return _NO_QUESTION if dataset.lacks_questions else None


def _which_column(dataset: Dataset) -> str:
    """Say which column of a table that was not used probably says what posts reply to, or in which thread they are."""
    unused = dataset.counts.unknown_field_names
    probably = likely_columns([*unused, *dataset.map.values()])
    found = [f"{field}={probably[field]}" for field in _LINKING if probably.get(field) in unused]
    if found:
        return f" A column that was not used probably says so: send the table again with {found[0]} in `map`."
    if (title := dataset.map.get("title")) is not None:
        return (
            " Where posts of one thread have one title, send the table again with "
            f"thread={title} beside the rest of `map`."
        )
    return _OF_TABLES


def note_on_links_of(owner: str, request: JobRequest) -> str | None:
    """Say it of the records that an owner's job was about, as far as they are here."""
    if request.dataset is None:
        return None
    with contextlib.suppress(OSError, DamagedValueError, DamagedFileError):
        dataset = context().store.datasets.get(owner, request.dataset)
        if dataset is not None and dataset.digest == request.dataset_digest:
            return note_on_links(dataset)
    return None
