"""What rows of a table are told by the data set that they are added to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from candor.scoring.activity import Activity


class EarlierRecords(Protocol):
    """The records of a data set. Both ways to look for some raise LookupError where there are too many."""

    def find(self, record_id: str) -> Activity | None:
        """Return the record of an id, None where there is none."""

    def in_threads(self, threads: Collection[str]) -> Iterable[Activity]:
        """Yield the posts that are in some threads."""

    def account(self, written: str) -> str:
        """Return the one name of an account as the records have it, however it is written."""
