"""Records of an upload that a data set does not take: taken out of it before, or with the id of somebody else's."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from hashlib import blake2b
from typing import TYPE_CHECKING

from candor.store.table_merge import TableMerge, empty_table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from candor.scoring.table import Table
    from candor.store.additions import ReadRecords
    from candor.store.dataset_files import DatasetFiles

IDS_BY_AUTHORS = frozenset({"mbox"})
"""Formats in which whoever writes something chooses its id, as of mails: a later one takes no place of another's."""
_DIGEST_BYTES = 12


class OtherAuthorsError(Exception):
    """Records, by their rows in the upload, have ids of records by others that are there."""

    def __init__(self, rows: Sequence[int]) -> None:
        super().__init__(f"{len(rows)} records by other authors")
        self.rows = rows


def id_digest(record_id: str) -> str:
    """Return what is kept of the id of a record that was taken out: it may hold a name, and is not kept itself."""
    return blake2b(record_id.encode(), digest_size=_DIGEST_BYTES).hexdigest()


def rows_of_digests(table: Table, digests: Collection[str]) -> list[int]:
    """Return the rows of records whose ids have some digests; with none of these nothing is looked at."""
    if not digests:
        return []
    rows = table.ids.row.tolist()
    return [row for row, record_id in zip(rows, table.ids.all(), strict=True) if id_digest(record_id) in digests]


@contextmanager
def without_rows(files: DatasetFiles, read: ReadRecords, rows: Collection[int]) -> Iterator[ReadRecords]:
    """Give what was read without some of its records. Raises OSError when the disk is full."""
    if not rows:
        yield read
        return
    merged = TableMerge(read.table, empty_table(), rows)
    with files.made(merged.write) as (table, digest, file):
        yield replace(read, table=table, file=file, digest=digest, records=merged.records, references=merged.references)
