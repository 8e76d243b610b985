"""Rows of results in other forms: flat columns with types, nothing lost, and nothing a spreadsheet would calculate."""

from __future__ import annotations

import csv
import errno
import io
import tempfile
import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import duckdb
import msgspec
import pytest
from openpyxl import Workbook, load_workbook

from candor.formats import tables
from candor.formats.tables import written

if TYPE_CHECKING:
    from pathlib import Path


class Part(msgspec.Struct):
    score: float | None
    points: dict[str, float]


class Row(msgspec.Struct):
    rank: int
    name: str | None
    part: Part
    at: datetime
    marks: tuple[str, ...] = ()


NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
ROWS = [
    Row(1, "Ada, the first", Part(71.227605, {"help": 70.0, "care": 1.227605}), NOON, ("a", 'b"c')),
    Row(2, None, Part(None, {"help": -0.5, "care": 0.0}), NOON),
]


def _read_csv(tmp_path: Path, rows: list[Row]) -> list[dict[str, str]]:
    text = b"".join(written(rows, Row, "csv", tmp_path)).decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_csv_has_a_column_for_each_nested_field(tmp_path):
    first, second = _read_csv(tmp_path, ROWS)
    assert first == {
        "rank": "1",
        "name": "Ada, the first",
        "part_score": "71.227605",
        "part_points_help": "70.0",
        "part_points_care": "1.227605",
        "at": "2026-11-01T12:00:00Z",
        "marks": '["a","b\\"c"]',
    }
    assert (second["name"], second["part_score"], second["part_points_help"]) == ("", "", "-0.5")


@pytest.mark.parametrize(
    "formula",
    ['=HYPERLINK("http://x.example")', "+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\N{FULLWIDTH EQUALS SIGN}1"],
)
def test_text_that_a_spreadsheet_would_calculate_begins_with_an_apostrophe(tmp_path, formula):
    (row,) = _read_csv(tmp_path, [msgspec.structs.replace(ROWS[0], name=formula)])
    assert row["name"] == f"'{formula}"


def test_parquet_has_the_same_columns_with_types(tmp_path):
    path = tmp_path / "rows.parquet"
    path.write_bytes(b"".join(written(ROWS, Row, "parquet", tmp_path)))
    columns = duckdb.sql(f"DESCRIBE FROM '{path}'").fetchall()
    assert [column[:2] for column in columns] == [
        ("rank", "BIGINT"),
        ("name", "VARCHAR"),
        ("part_score", "DOUBLE"),
        ("part_points_help", "DOUBLE"),
        ("part_points_care", "DOUBLE"),
        ("at", "TIMESTAMP WITH TIME ZONE"),
        ("marks", "VARCHAR"),
    ]
    rows = duckdb.sql(f"SELECT rank, name, part_score, epoch(\"at\") FROM '{path}'").fetchall()
    assert rows == [(1, "Ada, the first", 71.227605, NOON.timestamp()), (2, None, None, NOON.timestamp())]


def read_workbook(tmp_path: Path, rows: list[Row]) -> list[tuple[Any, ...]]:
    book = load_workbook(io.BytesIO(b"".join(written(rows, Row, "xlsx", tmp_path))), read_only=True)
    return list(book.active.values)


def test_a_workbook_has_numbers_and_times_as_such_and_nothing_to_calculate(tmp_path):
    rows = [msgspec.structs.replace(ROWS[0], name="=1+1\x01\uffff\ufffe"), ROWS[1]]
    head, first, second = read_workbook(tmp_path, rows)
    assert head == ("rank", "name", "part_score", "part_points_help", "part_points_care", "at", "marks")
    assert first[:3] == (1, "=1+1", 71.227605)
    assert first[5] == NOON.replace(tzinfo=None)
    assert second[1:4] == (None, None, -0.5)
    book = load_workbook(io.BytesIO(b"".join(written(rows, Row, "xlsx", tmp_path))))
    assert book.active["B2"].data_type == "s"
    assert list(tmp_path.iterdir()) == []


def test_what_excel_would_read_as_a_sign_by_its_number_stays_as_it_is(tmp_path):
    written_so = b"".join(written([msgspec.structs.replace(ROWS[0], name="_x0041_")], Row, "xlsx", tmp_path))
    with zipfile.ZipFile(io.BytesIO(written_so)) as parts:
        assert b"_x005F_x0041_" in b"".join(map(parts.read, parts.namelist()))


def test_a_workbook_that_cannot_be_made_leaves_no_rows_behind(tmp_path, monkeypatch):
    (elsewhere := tmp_path / "elsewhere").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    monkeypatch.setattr(Workbook, "save", Mock(side_effect=OSError(errno.ENOSPC, "No space left on device")))
    with pytest.raises(OSError, match="No space"):
        written(ROWS, Row, "xlsx", tmp_path / "folder")
    assert [*elsewhere.iterdir(), *(tmp_path / "folder").iterdir()] == []


def test_a_list_too_long_for_a_workbook_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "MOST_SHEET_ROWS", 1)
    with pytest.raises(tables.TooManyRowsError):
        written(ROWS, Row, "xlsx", tmp_path)


def test_a_list_of_nobody_is_whole_in_every_form(tmp_path):
    assert b"".join(written([], Row, "json", tmp_path)) == b"[]"
    assert b"".join(written([], Row, "ndjson", tmp_path)) == b""
    assert b"".join(written([], Row, "csv", tmp_path)) == b"rank,name,part_score,at,marks\r\n"
    path = tmp_path / "none.parquet"
    path.write_bytes(b"".join(written([], Row, "parquet", tmp_path)))
    assert duckdb.sql(f"SELECT count(*) FROM '{path}'").fetchall() == [(0,)]


def test_more_rows_than_are_written_at_once_come_in_order(tmp_path):
    many = [msgspec.structs.replace(ROWS[0], rank=rank) for rank in range(2_500)]
    assert [int(row["rank"]) for row in _read_csv(tmp_path, many)] == list(range(2_500))
    lines = b"".join(written(many, Row, "ndjson", tmp_path)).splitlines()
    assert [msgspec.json.decode(line)["rank"] for line in lines] == list(range(2_500))
    assert len(msgspec.json.decode(b"".join(written(many, Row, "json", tmp_path)))) == 2_500


def test_nothing_stays_of_a_parquet_file_that_was_read(tmp_path):
    b"".join(written(ROWS, Row, "parquet", tmp_path))
    assert list(tmp_path.iterdir()) == []
