"""Rows of a Parquet file as lines of JSON, a few thousand at a time, by way of DuckDB."""

from __future__ import annotations

import tempfile
from functools import partial
from typing import TYPE_CHECKING

import duckdb
import msgspec

from candor.formats.columns import (
    LEAST_COLUMNS,
    OtherColumnsError,
    check_named,
    check_time,
    post_types,
    replied_in,
    take_titles_and_accepted,
)
from candor.formats.compression import UnreadableError
from candor.formats.forum_texts import kind_of_first
from candor.scoring.activity import FIELDS, title_column

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

MAGIC = b"PAR1"
_ROWS_AT_ONCE = 2_048
_SETTINGS = "SET memory_limit = '512MB'; SET threads = 1; SET TimeZone = 'UTC'"
_LOCKED = "SET enable_external_access = false; SET lock_configuration = true"
_UNTYPED = '"type":null}'
_FRACTIONS = frozenset({"FLOAT", "DOUBLE"})


def rows_of(chunks: Iterable[bytes], folder: Path | None = None, ours: dict[str, str] | None = None) -> Iterator[bytes]:
    """Yield each row as a JSON object. The file waits in `folder` while it is read. Raises UnreadableError.

    `ours` says which columns stand for fields of ours; None: the table may have any columns, and rows stay as they are.
    `title` and `accepted` are noted in it where they stand in a table of posts.
    DuckDB may open that file and no other, loads no extension, and keeps to 512 MB.
    """
    with tempfile.NamedTemporaryFile(dir=folder, prefix="upload-", suffix=".part") as file:
        for chunk in chunks:
            file.write(chunk)
        file.flush()
        try:
            yield from _rows(file.name, ours)
        except duckdb.Error as error:
            first_line = str(error).partition("\n")[0]
            raise UnreadableError(f"the Parquet file cannot be read: {first_line.replace(file.name, 'it')}") from None


def _rows(name: str, ours: dict[str, str] | None) -> Iterator[bytes]:
    quoted = name.replace("'", "''")
    with duckdb.connect(":memory:", config={"autoload_known_extensions": "false"}) as database:
        database.execute(f"SET allowed_paths = ['{quoted}']; {_SETTINGS}; {_LOCKED}")
        columns = database.execute("DESCRIBE FROM read_parquet(?)", [name]).fetchall()
        names = [column for column, *_ in columns]
        check_named(names, ours)
        if ours is not None and len({*names} & {*FIELDS, *ours.values()}) < LEAST_COLUMNS:
            raise OtherColumnsError(names)
        check_time(names, ours)
        take_titles_and_accepted(names, ours)
        chosen = ", ".join([*(_finite(column, kind) for column, kind, *_ in columns), *_made(names, ours)])
        rows = database.execute(f"SELECT to_json(row) FROM (SELECT {chosen} FROM read_parquet(?)) row", [name])  # noqa: S608 # names of columns are quoted
        of_first = partial(_with_type, ours or {})
        while found := rows.fetchmany(_ROWS_AT_ONCE):
            yield from (of_first(text) if text.endswith(_UNTYPED) else text.encode() for (text,) in found)


def _made(names: list[str], ours: Mapping[str, str] | None) -> list[str]:
    """Select what a table of posts does not say: which of them are replies; of others a title may tell the type."""
    if (replied := replied_in(names, ours)) is None:
        return []
    reply, other = post_types(ours)
    if replied not in names:
        return [f"'{other}' AS type"]
    by_title = other == "note" and title_column(ours or {}) is not None
    first = "NULL" if by_title else f"'{other}'"
    return [f"CASE WHEN {_quoted(replied)} IS NULL THEN {first} ELSE '{reply}' END AS type"]


def _with_type(ours: Mapping[str, str], text: str) -> bytes:
    """Return a row that replies to nothing with its type, as its title tells."""
    row = msgspec.json.decode(text)
    row["type"] = kind_of_first(post_types(ours)[1], row.get(title_column(ours) or ""))
    return msgspec.json.encode(row)


def _finite(column: str, kind: str) -> str:
    """Select a column; a fraction that is no number, as pandas writes what is missing, is null."""
    quoted = _quoted(column)
    return f"CASE WHEN isfinite({quoted}) THEN {quoted} END AS {quoted}" if kind in _FRACTIONS else quoted


def _quoted(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'
