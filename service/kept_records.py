"""Records of a data set: its table, opened once a request, and looked up by ids and threads for what is added to it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from flask import request

from candor.names.account_text import UnknownAccountError
from candor.scoring.canonical_names import People
from candor.store.storage import DamagedFileError
from service.auth import owner
from service.context import context

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from candor.scoring.activity import Activity
    from candor.scoring.table import Table

_MOST_LOOKED_UP = 1_000_000
"""Records of a data set that is looked through for questions; their ids take some 150 MB."""
_MOST_IN_THREADS = 10_000_000
"""Records of one that is looked through for threads, at some two million a second."""

MOST_SEARCHED = 2_000_000
"""Among more no text is looked for while a reader waits: these take a tenth of a second."""
_OPENED = "candor.opened_table"  # where WSGI keeps what is ours


def opened_table(dataset: str | None, most: int) -> Table | None:
    """Return the table of a data set, which a request opens once; None of one that is gone, damaged or too large."""
    known: dict[tuple[str, str], Table] = request.environ.setdefault(_OPENED, {})
    datasets = context().store.datasets
    found = None if dataset is None else datasets.get(owner(), dataset)
    if found is None or found.records > most:
        return None
    with suppress(LookupError, DamagedFileError):
        if (owner(), found.id) not in known:
            known[owner(), found.id] = datasets.activities(owner(), found.id)
    return known.get((owner(), found.id))


class KeptRecords:
    """The records of a data set by their ids, read where one is asked for."""

    def __init__(self, dataset_id: str) -> None:
        self._dataset_id = dataset_id
        self._rows: dict[str, int] | None = None
        self._table: Table | None = None
        self._people: People | None = None

    def find(self, record_id: str) -> Activity | None:
        """Return a record, or None. Raises LookupError where there are too many to look through."""
        if (table := self._whole(_MOST_LOOKED_UP)) is None:
            return None
        if self._rows is None:
            self._rows = dict(zip(table.ids.all(), table.ids.row.tolist(), strict=True))
        row = self._rows.get(record_id)
        return None if row is None else table.record(row)

    def in_threads(self, threads: Collection[str]) -> Iterator[Activity]:
        """Yield the posts that are in some threads. Raises LookupError where there are too many to look through."""
        if (table := self._whole(_MOST_IN_THREADS)) is not None:
            yield from (table.record(row) for row, thread in table.threads() if thread in threads)

    def account(self, written: str) -> str:
        """Return the one name of an account, as it is written where there is none."""
        if self._people is None:
            dataset = context().store.datasets.get(owner(), self._dataset_id)
            self._people = People("custom:" if dataset is None else dataset.network)
        try:
            return self._people[written]
        except UnknownAccountError:
            return written

    def _whole(self, most: int) -> Table | None:
        """Return all records, None where there is no data set by now. Raises LookupError where they are too many."""
        if self._table is None:
            with suppress(LookupError):
                self._table = context().store.datasets.activities(owner(), self._dataset_id)
        if self._table is not None and len(self._table) > most:
            raise LookupError(f"more than {most} records are not looked through")
        return self._table
