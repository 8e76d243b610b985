"""Numbers of accounts that a fraction or a spreadsheet cut off are refused: people of near numbers would be one."""

from __future__ import annotations

import io
import json
import tempfile
from pathlib import Path

import duckdb
import openpyxl
import pytest

from candor.formats.rows import records_in
from candor.scoring.records import RecordReader

NUMBERS = (1234567890123456000, 1234567890123456037)
TIME = "2026-01-05T10:00:00Z"


def read(body: bytes, rename: dict[str, str] | None = None) -> RecordReader:
    reader = RecordReader("custom:c", rename, loose=True)
    reader.feed(records_in([body], 10**8, rename))
    return reader


def table(written: str, columns: str = "id,actor,published,content") -> bytes:
    return f"{columns}\n1,{written},{TIME},hi\n".encode()


def as_parquet(selected: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "records.parquet"
        duckdb.sql(f"COPY (SELECT '1' AS id, '{TIME}' AS published, {selected}) TO '{path}' (FORMAT parquet)")
        return path.read_bytes()


def as_workbook(*rows: list[object]) -> bytes:
    body, book = io.BytesIO(), openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(body)
    return body.getvalue()


RECORD = {"id": "1", "type": "note", "published": TIME, "content": "hi"}
CUT_OFF = {
    "pandas": table("1.234567890123456e+18"),
    "Excel": table("1.23457E+18"),
    "Java": table("1.234567890123456E18"),
    "with a fraction": table("1234567890123456000.0"),
    "in a column of another name": table("1.234567890123456e+18", "id,user_id,created_at,body"),
    "JSON": json.dumps(RECORD | {"actor": float(NUMBERS[0])}).encode(),
    "JSON as text": json.dumps(RECORD | {"actor": "1.234567890123456e+18"}).encode(),
    "target in JSON": json.dumps(RECORD | {"actor": "ada", "target_actor": float(NUMBERS[0])}).encode(),
    "array": json.dumps([RECORD | {"actor": float(NUMBERS[0])}]).encode(),
    "Parquet": as_parquet(f"{NUMBERS[0]}::DOUBLE AS actor, 'hi' AS content"),
    "object in Parquet": as_parquet(f"'ada' AS actor, {NUMBERS[0]}::DOUBLE AS object"),
    "workbook": as_workbook(["id", "actor", "published", "content"], ["1", NUMBERS[1], TIME, "hi"]),
    "workbook of Excel": as_workbook(["id", "actor", "published", "content"], ["1", 1234567890123450, TIME, "hi"]),
}
OF_OTHERS = {"id": "id", "actor": "user_id", "published": "created_at", "content": "body"}


@pytest.mark.parametrize("kind", CUT_OFF)
def test_the_number_of_an_account_that_was_cut_off_is_refused_in_every_format(kind):
    reader = read(CUT_OFF[kind], OF_OTHERS if "another name" in kind else None)
    assert [("cut off" in fault.detail) for fault in reader.bad] == [True]
    assert reader.activities == []


@pytest.mark.parametrize(
    ("written", "account"),
    [
        ("1234567890123456037", "1234567890123456037"),
        ("7.0", "7"),
        ("9007199254740991.0", "9007199254740991"),
        ("1e+05", "100000"),
        ("ada.v2", "ada.v2"),
        ("3.14", "3.14"),
    ],
)
@pytest.mark.parametrize("rename", [None, OF_OTHERS])
def test_a_number_with_all_its_digits_is_the_account_it_was_in_any_column(written, account, rename):
    columns = ",".join(rename.values()) if rename else "id,actor,published,content"
    assert [each.actor for each in read(table(written, columns), rename).activities] == [account]


def test_numbers_of_fifteen_digits_and_times_in_long_numbers_are_read_in_a_workbook():
    rows = ["id", "actor", "published", "content"], ["1", 123456789012345, 1767600000000000, "hi"]
    (record,) = read(as_workbook(*rows)).activities
    assert (record.actor, record.published.isoformat()) == ("123456789012345", "2026-01-05T08:00:00+00:00")
