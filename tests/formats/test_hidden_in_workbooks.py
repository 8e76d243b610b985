"""What a sheet of Excel hides: rows are private, columns are read."""

from __future__ import annotations

import io
from datetime import datetime

import pytest
from openpyxl import Workbook

from candor.formats.compression import UnreadableError
from candor.formats.rows import records_in
from candor.scoring.records import RecordReader

ROWS = [
    ("id", "actor", "published", "content"),
    *((number, name, datetime(2026, 1, number, 10), "hops") for number, name in enumerate(("ada", "bo", "cy"), 1)),  # noqa: DTZ001 # as Excel has it
]


def read(*rows: int, columns: str = "", above: tuple[str, ...] = ()) -> RecordReader:
    book, body = Workbook(), io.BytesIO()
    sheet = book.active
    for row in [*([above] if above else []), *ROWS]:
        sheet.append(row)
    for row in rows:
        sheet.row_dimensions[row].hidden = True
    for column in columns:
        sheet.column_dimensions[column].hidden = True
    book.save(body)
    reader = RecordReader("custom:c", loose=True)
    reader.feed(records_in([body.getvalue()], 10**8, {}))
    return reader


@pytest.mark.parametrize(
    ("rows", "above", "actors", "private"),
    [
        ((), (), ["ada", "bo", "cy"], 0),
        ((3,), (), ["ada", "cy"], 1),
        ((2, 4), (), ["bo"], 2),
        ((4,), ("Questions of members",), ["ada", "cy"], 1),
        ((1,), (), ["ada", "bo", "cy"], 0),  # the names of columns, which a filter of some programs hides
    ],
)
def test_rows_that_a_sheet_hides_are_private(rows, above, actors, private):
    found = read(*rows, above=above)
    assert ([each.actor for each in found.activities], found.counts.private, found.counts.bad) == (actors, private, 0)


def test_columns_that_a_sheet_hides_are_read():
    assert [each.id for each in read(columns="A").activities] == ["1", "2", "3"]


def test_a_workbook_whose_list_of_files_stands_elsewhere_is_damaged():
    book, body = Workbook(), io.BytesIO()
    for row in (["id", "actor", "published", "content"], ["1", "ada", "2026-01-05T10:00:00Z", "hi"]):
        book.active.append(row)
    book.save(body)
    damaged = bytearray(body.getvalue())
    at = damaged.rfind(b"PK\x05\x06") + 16
    damaged[at : at + 4] = (int.from_bytes(damaged[at : at + 4], "little") + 5000).to_bytes(4, "little")
    with pytest.raises(UnreadableError, match="workbook is damaged"):
        list(records_in([bytes(damaged)], 10**8, {}))
