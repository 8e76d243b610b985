"""Rows of results as NDJSON, CSV, workbooks and Parquet: some at a time, in columns with flat names for any tool."""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
import re
import tempfile
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Literal, NamedTuple, TypeAlias

import msgspec
from msgspec import inspect

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

Form: TypeAlias = Literal["json", "ndjson", "csv", "xlsx", "parquet"]
MEDIA_TYPES: dict[Form, str] = {
    "json": "application/json",
    "ndjson": "application/x-ndjson",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}
MOST_SHEET_ROWS = 50_000
"""Rows of a workbook, which openpyxl writes at some 2,000 a second; a sheet has room for a million."""
_ROWS_AT_ONCE = 1_000
_CHUNK_BYTES = 256 * 1024
_NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Signs that XML 1.0 has no place for: Excel opens no workbook with one of them."""
_TAKEN_FOR_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
"""Before what Excel would read as a sign by its number (ECMA-376, 22.9.2.19)."""
_FORMULA = (
    *("=", "+", "-", "@", "\t", "\r", "\n"),
    *("\N{FULLWIDTH EQUALS SIGN}", "\N{FULLWIDTH PLUS SIGN}", "\N{FULLWIDTH HYPHEN-MINUS}"),
    "\N{FULLWIDTH COMMERCIAL AT}",
)
_SQL = {
    inspect.IntType: "BIGINT",
    inspect.FloatType: "DOUBLE",
    inspect.BoolType: "BOOLEAN",
    inspect.DateTimeType: "TIMESTAMPTZ",
}


_TEXTS = frozenset({str, bool})
_LISTS = frozenset({list, tuple, dict})
Plan: TypeAlias = "tuple[tuple[str, Plan | None], ...]"


class TooManyRowsError(ValueError):
    """A list is longer than a workbook may be."""


class Column(NamedTuple):
    """One column: its flat name, the SQL type of its cells, and where in a row they stand."""

    name: str
    kind: str
    path: tuple[str, ...]


def written(rows: Iterable[msgspec.Struct], kind: type[msgspec.Struct], form: Form, folder: Path) -> Iterator[bytes]:
    """Write rows of one kind of struct in a form, as JSON an array; Parquet and workbooks are made before they leave.

    That is in `folder`. Raises TooManyRowsError for a workbook of more than MOST_SHEET_ROWS rows.

    Nested fields become columns `expertise_score` and so on. In CSV, text that a spreadsheet would take for a formula
    begins with an apostrophe (OWASP, CSV injection).
    """
    if form == "json":
        return _json(rows)
    if form == "ndjson":
        return _lines(rows)
    first, rows = _first(rows)
    columns = tuple(columns_of(kind, first))
    if form == "xlsx":
        return _workbook(rows, columns, folder)
    return _csv(rows, columns) if form == "csv" else _parquet(rows, columns, folder)


def columns_of(kind: type[msgspec.Struct], first: msgspec.Struct | None) -> Iterator[Column]:
    """Yield the columns for structs of a kind; which keys a mapping has, the first row says for all."""
    told = {} if first is None else msgspec.to_builtins(first)
    yield from _columns(inspect.type_info(kind), told, ())


def _columns(kind: inspect.Type, told: object, path: tuple[str, ...]) -> Iterator[Column]:
    kind = _bare(kind)
    if isinstance(kind, inspect.StructType):
        for field in kind.fields:
            name = field.encode_name
            yield from _columns(field.type, told.get(name) if isinstance(told, dict) else None, (*path, name))
    elif isinstance(kind, inspect.DictType):
        for name, value in told.items() if isinstance(told, dict) else ():
            yield from _columns(kind.value_type, value, (*path, name))
    else:
        yield Column("_".join(path), _SQL.get(type(kind), "VARCHAR"), path)


def _bare(kind: inspect.Type) -> inspect.Type:
    """Take off what a type says beside what it is: notes, and that it may be null."""
    while True:
        if isinstance(kind, inspect.Metadata):
            kind = kind.type
        elif isinstance(kind, inspect.UnionType) and len(some := _without_none(kind)) == 1:
            kind = some[0]
        else:
            return kind


def _without_none(kind: inspect.UnionType) -> list[inspect.Type]:
    return [each for each in kind.types if not isinstance(each, inspect.NoneType)]


def _first(rows: Iterable[msgspec.Struct]) -> tuple[msgspec.Struct | None, Iterator[msgspec.Struct]]:
    waiting = iter(rows)
    first = next(waiting, None)
    return first, waiting if first is None else itertools.chain((first,), waiting)


def _json(rows: Iterable[msgspec.Struct]) -> Iterator[bytes]:
    encode, before = msgspec.json.Encoder().encode, b"["
    for some in _some(rows):
        yield before + b",".join(map(encode, some))
        before = b","
    yield b"[]" if before == b"[" else b"]"


def _lines(rows: Iterable[msgspec.Struct]) -> Iterator[bytes]:
    encode = msgspec.json.Encoder().encode
    for some in _some(rows):
        yield b"".join(encode(row) + b"\n" for row in some)


def _csv(rows: Iterable[msgspec.Struct], columns: tuple[Column, ...]) -> Iterator[bytes]:
    """Write a line of names, then one for each row, as RFC 4180 says; null is an empty cell."""
    said = io.StringIO()
    writer = csv.writer(said)
    writer.writerow([column.name for column in columns])
    for some in _some(rows):
        writer.writerows(
            [_safe(cell) if type(cell) in _TEXTS else cell for cell in cells] for cells in _cells(some, columns)
        )
        yield said.getvalue().encode()
        said.seek(0)
        said.truncate()
    yield said.getvalue().encode()


def _safe(cell: object) -> object:
    """Return a cell that no spreadsheet takes for a formula."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _workbook(rows: Iterable[msgspec.Struct], columns: tuple[Column, ...], folder: Path) -> Iterator[bytes]:
    """Make a workbook of one sheet: numbers and times as such, so that Excel reads them in any language."""
    from openpyxl import Workbook  # noqa: PLC0415 # .2 s that few need
    from openpyxl.utils.exceptions import WorkbookAlreadySaved  # noqa: PLC0415
    from openpyxl.worksheet._writer import WorksheetWriter  # noqa: PLC0415

    some = list(itertools.islice(rows, MOST_SHEET_ROWS + 1))
    if len(some) > MOST_SHEET_ROWS:
        raise TooManyRowsError
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Candor")
    sheet.freeze_panes = "A2"

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, prefix="result-", suffix=".part") as beside:
        # openpyxl would keep the rows in the system's folder until they are packed, where nothing erases them
        sheet._writer = WorksheetWriter(sheet, out=beside.name)  # noqa: SLF001
        sheet._writer.write_top()  # noqa: SLF001
        sheet._writer.cleanup = lambda: None  # noqa: SLF001
        sheet.append([column.name for column in columns])
        for cells in _cells(some, columns):
            sheet.append([_sheet_cell(sheet, value, column.kind) for value, column in zip(cells, columns, strict=True)])
        result = tempfile.TemporaryFile(dir=folder, prefix="result-", suffix=".part")  # noqa: SIM115 # see _chunks
        try:
            book.save(result)
        except BaseException:
            result.close()
            with contextlib.suppress(OSError, WorkbookAlreadySaved):
                sheet.close()
            raise
    result.seek(0)
    return _chunks(result)


def _sheet_cell(sheet: WriteOnlyWorksheet, value: object, kind: str) -> object:
    """Return a cell of a workbook: a time without its zone, as Excel has none, and a text that is no formula."""
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415 # see _workbook

    if not isinstance(value, str):
        return value
    if kind == _SQL[inspect.DateTimeType]:
        return datetime.fromisoformat(value).astimezone(UTC).replace(tzinfo=None)
    text = WriteOnlyCell(sheet, _NOT_IN_XML.sub("", _TAKEN_FOR_ESCAPE.sub("_x005F_", value)))
    text.data_type = "s"  # openpyxl takes what begins with = for a formula
    return text


def _parquet(rows: Iterable[msgspec.Struct], columns: tuple[Column, ...], folder: Path) -> Iterator[bytes]:
    """Have DuckDB make the file of lines of JSON; both are gone once it has been read."""
    encode = msgspec.json.Encoder().encode
    names = [column.name for column in columns]
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    result = tempfile.NamedTemporaryFile(dir=folder, prefix="result-", suffix=".part")  # noqa: SIM115 # see _chunks
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix="result-", suffix=".part") as lines:
            for some in _some(rows):
                lines.writelines(encode(dict(zip(names, row, strict=True))) + b"\n" for row in _cells(some, columns))
            lines.flush()
            _convert(lines.name, result.name, columns)
    except BaseException:
        result.close()
        raise
    return _chunks(result)


def _convert(lines: str, result: str, columns: tuple[Column, ...]) -> None:
    import duckdb  # noqa: PLC0415 # 40 MB that few need

    kinds = ", ".join(f"{_literal(column.name)}: '{column.kind}'" for column in columns)
    read = f"read_json({_literal(lines)}, format = 'newline_delimited', columns = {{{kinds}}})"
    how = "FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false"
    with duckdb.connect(":memory:", config={"autoload_known_extensions": "false"}) as database:
        database.execute("SET memory_limit = '512MB'; SET threads = 1; SET TimeZone = 'UTC'")
        database.execute(f"COPY (SELECT * FROM {read}) TO {_literal(result)} ({how})")  # noqa: S608 # ours, and quoted


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk


def _some(rows: Iterable[msgspec.Struct]) -> Iterator[list[msgspec.Struct]]:
    waiting = iter(rows)
    while some := list(itertools.islice(waiting, _ROWS_AT_ONCE)):
        yield some


def _cells(rows: Iterable[msgspec.Struct], columns: tuple[Column, ...]) -> Iterator[list[object]]:
    """Yield the cells of each row; a list is a cell of JSON."""
    plan = _plan(columns)
    for row in rows:
        cells: list[object] = []
        _take(msgspec.to_builtins(row), plan, cells)
        yield cells


def _plan(columns: Iterable[Column]) -> Plan:
    """Arrange columns as rows are nested: by name what is inside, or None for a cell."""
    plan: dict[str, Plan | None] = {}
    for name, some in itertools.groupby(columns, key=lambda column: column.path[0]):
        inside = [column._replace(path=column.path[1:]) for column in some]
        plan[name] = _plan(inside) if inside[0].path else None
    return tuple(plan.items())


def _take(told: dict[str, object], plan: Plan, cells: list[object]) -> None:
    for name, inside in plan:
        cell = told.get(name)
        if inside is not None:
            _take(cell if isinstance(cell, dict) else {}, inside, cells)
        else:
            cells.append(msgspec.json.encode(cell).decode() if type(cell) in _LISTS else cell)
