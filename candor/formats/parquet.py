"""Rows of a Parquet file as lines of JSON, a few thousand at a time, by way of DuckDB."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

import duckdb

from candor.formats.compression import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

MAGIC = b"PAR1"
_ROWS_AT_ONCE = 2_048
_SETTINGS = "SET memory_limit = '512MB'; SET threads = 1; SET TimeZone = 'UTC'"
_LOCKED = "SET enable_external_access = false; SET lock_configuration = true"
_FRACTIONS = frozenset({"FLOAT", "DOUBLE"})


def rows_of(chunks: Iterable[bytes], folder: Path | None = None) -> Iterator[bytes]:
    """Yield each row as a JSON object. The file waits in `folder` while it is read. Raises UnreadableError.

    DuckDB may open that file and no other, loads no extension, and keeps to 512 MB.
    """
    with tempfile.NamedTemporaryFile(dir=folder, prefix="upload-", suffix=".part") as file:
        for chunk in chunks:
            file.write(chunk)
        file.flush()
        try:
            yield from _rows(file.name)
        except duckdb.Error as error:
            first_line = str(error).partition("\n")[0]
            raise UnreadableError(f"the Parquet file cannot be read: {first_line.replace(file.name, 'it')}") from None


def _rows(name: str) -> Iterator[bytes]:
    quoted = name.replace("'", "''")
    with duckdb.connect(":memory:", config={"autoload_known_extensions": "false"}) as database:
        database.execute(f"SET allowed_paths = ['{quoted}']; {_SETTINGS}; {_LOCKED}")
        columns = database.execute("DESCRIBE FROM read_parquet(?)", [name]).fetchall()
        chosen = ", ".join(_finite(column, kind) for column, kind, *_ in columns)
        rows = database.execute(f"SELECT to_json(row) FROM (SELECT {chosen} FROM read_parquet(?)) row", [name])  # noqa: S608 # names of columns are quoted
        while found := rows.fetchmany(_ROWS_AT_ONCE):
            yield from (text.encode() for (text,) in found)


def _finite(column: str, kind: str) -> str:
    """Select a column; a fraction that is no number, as pandas writes what is missing, is null."""
    quoted = '"' + column.replace('"', '""') + '"'
    return f"CASE WHEN isfinite({quoted}) THEN {quoted} END AS {quoted}" if kind in _FRACTIONS else quoted
