"""Tables of exports in CSV: rows one by one, whatever cuts the columns of a table that somebody saved anew."""

from __future__ import annotations

import csv
from itertools import chain
from typing import TYPE_CHECKING

from candor.formats.archive import ArchiveError
from candor.formats.lines import LONGEST_LINE_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from candor.formats.reading import Entry


def rows_of(table: Entry, who: str) -> Iterator[list[str]]:
    """Yield the rows that hold anything, the names of the columns first; `who` wrote the table. Raises ArchiveError."""
    csv.field_size_limit(LONGEST_LINE_BYTES)
    try:
        lines = table.lines("strict")
        header = next(lines, "")
        cut = max(",;\t", key=header.count)
        for row in csv.reader(chain([header], lines), delimiter=cut):
            if any(row):
                yield row
    except (csv.Error, UnicodeError) as error:
        raise ArchiveError(f"one of its files is not as {who} writes them") from error


def rows_by_name(table: Entry, who: str, needed: str) -> Iterator[dict[str, str]]:
    """Yield the rows by the names of their columns, of a table that has the one that is needed. Raises ArchiveError."""
    rows = rows_of(table, who)
    names = [name.strip() for name in next(rows, [])]
    if needed in names:
        for row in rows:
            yield dict(zip(names, row, strict=False))
