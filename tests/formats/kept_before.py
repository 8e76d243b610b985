"""Records of a data set to which a table is added, for tests of formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from candor.scoring.activity import Activity


class KeptBefore:
    """Some records by their ids."""

    def __init__(self, records: Mapping[str, Activity]) -> None:
        self._records = records

    def find(self, record_id: str) -> Activity | None:
        """Return the record of an id."""
        return self._records.get(record_id)

    def in_threads(self, threads: Collection[str]) -> Iterator[Activity]:
        """Yield the posts of some threads."""
        return (each for each in self._records.values() if each.in_thread in threads)

    def account(self, written: str) -> str:
        """Return an account as it is written."""
        return written
