"""Looks records of a data set up by their ids, for what is added to it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from service.auth import owner
from service.context import context

if TYPE_CHECKING:
    from candor.scoring.activity import Activity
    from candor.scoring.table import Table

_MOST_LOOKED_UP = 1_000_000
"""Records of a data set that is looked through for questions; their ids take some 150 MB."""


class KeptRecords:
    """The records of a data set by their ids, read where one is asked for."""

    def __init__(self, dataset_id: str) -> None:
        self._dataset_id = dataset_id
        self._rows: dict[str, int] | None = None
        self._table: Table | None = None

    def find(self, record_id: str) -> Activity | None:
        """Return a record, or None. Raises LookupError where there are too many to look through."""
        if self._rows is None:
            self._rows = {}
            with suppress(LookupError):
                self._table = context().store.datasets.activities(owner(), self._dataset_id)
                if len(self._table) <= _MOST_LOOKED_UP:
                    ids = self._table.ids
                    self._rows = dict(zip(ids.all(), ids.row.tolist(), strict=True))
        if self._table is not None and len(self._table) > _MOST_LOOKED_UP:
            raise LookupError(f"more than {_MOST_LOOKED_UP} records are not looked through")
        row = self._rows.get(record_id)
        return None if row is None or self._table is None else self._table.record(row)
