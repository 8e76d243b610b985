"""Parts of data sets: Parquet files of records, which are written once and never changed, and tables made of them.

A part is sorted by time, so that its row groups say which times they hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import duckdb
import msgspec
import numpy as np

from candor.scoring.activity import RECORD_TYPES
from candor.scoring.arrays import is_among
from candor.scoring.record_digest import DIGEST_BYTES
from candor.scoring.table import VISIBILITIES
from candor.store.part_columns import digest_column, part_columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from candor.scoring.table import Table
    from candor.store.column_file import ColumnFile

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]
    Digests = NDArray[np.int64]

SUFFIX = ".parquet"
MOST_ROWS = 250_000
MOST_TEXT_BYTES = 2**28
_ROW_GROUP_ROWS = 50_000
_ROWS_AT_ONCE = 200_000
_MEMORY = "2GB"
_AS_PARQUET = f"""(format parquet, parquet_version v2, compression zstd, compression_level 1,
    row_group_size {_ROW_GROUP_ROWS}, dictionary_size_limit 2000, use_tmp_file false)"""
# level 1 takes two thirds of what the usual level 3 does, for files a tenth larger; to try a larger dictionary for ids
# and digests, none of which comes twice, takes a tenth
_COLUMNS = f"""id, {list(RECORD_TYPES)}[type + 1] as type, make_timestamp(published) as published,
    utc_offset::integer as utc_offset, actor, target_actor, object, content, tags, url,
    nullif(value, 'nan'::double) as value,
    case when visibility >= 0 then {list(VISIBILITIES)}[visibility + 1] end as visibility, more, digest"""
_ACCOUNT = "type = 'account'"


class Part(msgspec.Struct, frozen=True):
    """What is known of a part: where it is, what was written there (CRC-32), and which upload it came with.

    Of records with one id, and of accounts seen at one moment, that of the latest upload counts.
    """

    name: str
    records: int
    bytes: int
    checksum: int
    upload: int = 0


@dataclass(frozen=True)
class PartKeys:
    """What says which records a part holds: ids and objects ("" for none), accounts by who and when, and digests."""

    ids: list[str]
    is_account: Bools
    people: list[str]
    published: Ints
    objects: list[str]
    digests: list[bytes]


@lru_cache(maxsize=4)
def _database(scratch: Path, **more: int) -> duckdb.DuckDBPyConnection:
    """Open DuckDB once for each folder: to do so takes a hundredth of a second, more than most of what is asked."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": _MEMORY,
        "temp_directory": str(scratch / "spill"),
        "autoinstall_known_extensions": False,
        "enable_external_file_cache": False,  # what was erased is not to stay in memory
        "pandas_analyze_sample": 0,  # columns of objects are text: no type is guessed
        **more,
    }
    return duckdb.connect(config=config)


def connected(scratch: Path) -> duckdb.DuckDBPyConnection:
    """Return a connection of the caller's own, to be closed; what does not fit in memory goes to a folder there."""
    return _database(scratch).cursor()


def keys_of(path: Path, scratch: Path) -> PartKeys:
    """Read what says which records a part holds."""
    with connected(scratch) as connection:
        found = connection.execute(
            f"""select coalesce(id, '') as id, {_ACCOUNT} as is_account, coalesce(actor, '') as actor,
            epoch_us(published) as published, coalesce(object, '') as object, digest
            from read_parquet({_quoted(path)})"""
        ).fetchnumpy()
    return PartKeys(
        ids=found["id"].tolist(),
        is_account=np.asarray(found["is_account"], np.bool_),
        people=found["actor"].tolist(),
        published=np.asarray(found["published"], np.int64),
        objects=found["object"].tolist(),
        digests=list(map(bytes, found["digest"])),
    )


def slices(table: Table, rows: Ints) -> Iterator[Ints]:
    """Cut rows of a table, ascending, into what one part may hold; no rows are one slice."""
    size = np.zeros(len(table), np.int64)
    size[table.contents.row] = np.diff(table.contents.end, prepend=0)
    before = np.cumsum(size[rows]) // MOST_TEXT_BYTES
    first = 0
    while True:
        stop = min(first + MOST_ROWS, int(np.searchsorted(before, before[first], "right")) if rows.size else 0)
        yield rows[first:stop]
        if stop >= rows.size:
            return
        first = stop


def write_part(table: Table, rows: Ints, path: Path, scratch: Path) -> None:
    """Write some rows of a table, ascending, as a part; what does not fit in memory meanwhile goes to `scratch`."""
    with _database(scratch, threads=1).cursor() as connection:  # a second one waits more than it helps
        connection.register("given", part_columns(table, rows))
        connection.execute(f"copy (select {_COLUMNS} from given) to {_quoted(path)} {_AS_PARQUET}").fetchall()


def record_digests(path: Path, connection: duckdb.DuckDBPyConnection) -> Digests:
    """Return the digest of each record of a part, as two numbers."""
    found = connection.execute(f"select digest from read_parquet({_quoted(path)})").fetchnumpy()["digest"]
    return np.frombuffer(b"".join(found.tolist()), np.int64).reshape(-1, 2)


def are_among(digests: Digests, others: Digests) -> Bools:
    """Say which digests are among others, whose halves ascend each: `ascending` makes them so."""
    among = np.ones(len(digests), np.bool_)
    for half in (0, 1):
        order = np.argsort(digests[:, half])
        among[order] &= is_among(digests[order, half], others[:, half])
    return among


def ascending(digests: Digests) -> Digests:
    """Return digests with the first halves sorted, and the second."""
    return np.sort(digests, axis=0)


def rows_with(path: Path, digests: NDArray[np.uint8], connection: duckdb.DuckDBPyConnection) -> Ints:
    """Return which records of a part, from 0, have one of some digests."""
    connection.register("gone", digest_column(digests))
    source = f"read_parquet({_quoted(path)}, file_row_number = true) semi join gone using (digest)"
    found = connection.execute(f"select file_row_number as row from {source} order by row").fetchnumpy()
    return np.asarray(found["row"], np.int64)


def write_some(path: Path, kept: Bools, new: Path, connection: duckdb.DuckDBPyConnection) -> None:
    """Write those records of a part that are kept as another part."""
    connection.register("chosen", {"kept": kept})
    query = f"select * exclude (kept) from read_parquet({_quoted(path)}) positional join chosen where kept"
    connection.execute(f"copy ({query}) to {_quoted(new)} {_AS_PARQUET}").fetchall()


def write_table(parts: Sequence[tuple[Part, Path]], file: ColumnFile, scratch: Path) -> None:
    """Write the columns of a table of all records of the parts."""
    with connected(scratch) as connection:
        _join(connection, parts)
        fetched = connection.execute(_NUMBERS).fetchnumpy()
        numbers = {name: np.ma.filled(column) for name, column in fetched.items()}
        ((acts,),) = connection.execute(f"select count(*) from record where not ({_ACCOUNT})").fetchall()
        file.add("acts", "<i8", np.array([acts]))
        codes = [("type", "i1"), ("published", "<i8"), ("actor", "<i4"), ("target", "<i4"), ("tags", "<i4")]
        for name, dtype in [*codes, ("object", "<i4"), ("visibility", "i1")]:
            file.add(name, dtype, numbers[name])
        for name, column in (("ids", "id"), ("contents", "content"), ("urls", "url"), ("more", "more")):
            _add_texts(connection, file, name, "record", column)
        for name, table in (("people", "person"), ("tag_sets", "tag_set"), ("objects", "stray")):
            _add_texts(connection, file, name, table, "name")
        for name, column, dtype in (("values", "value", "<f8"), ("offset", "utc_offset", "<i4")):
            there = f"{column} is not null" if dtype == "<f8" else f"{column} <> 0"
            query = f"select row, {column} as said from record where {there} order by row"
            said = connection.execute(query).fetchnumpy()
            file.add(f"{name}.row", "<i8", said["row"])
            file.add(f"{name}.value", dtype, np.ma.filled(said["said"]))
        digests = b"".join(connection.execute("select digest from record order by row").fetchnumpy()["digest"].tolist())
        file.add_digests(np.frombuffer(digests, np.uint8).reshape(-1, DIGEST_BYTES))


def _join(connection: duckdb.DuckDBPyConnection, parts: Sequence[tuple[Part, Path]]) -> None:
    """Make the tables of records in the order of a table, and of people, sets of tags and ids that no act has."""
    sources = " union all ".join(
        f"select *, {number} as part, {part.upload} as upload "
        f"from read_parquet({_quoted(path)}, file_row_number = true)"
        for number, (part, path) in enumerate(parts)
    )
    connection.execute(f"create temp view sent as {sources}").fetchall()
    again = "select id, max(upload) as last from sent where upload > 0 and id is not null group by id"
    seen = f"select actor, published, max(upload) as last from sent where upload > 0 and {_ACCOUNT} group by all"
    several = len({part.upload for part, _ in parts}) > 1
    newest = f"""select sent.* from sent
        left join ({again}) as again on again.id = sent.id
        left join ({seen}) as seen on {_ACCOUNT} and seen.actor = sent.actor and seen.published = sent.published
        where coalesce(again.last, 0) <= upload and coalesce(seen.last, 0) <= upload"""
    order = f"""{_ACCOUNT}, case when {_ACCOUNT} then null else published end,
        case when {_ACCOUNT} then null else coalesce(id, 'None') end, upload, part, file_row_number"""
    connection.execute(
        f"create temp table record as select row_number() over (order by {order}) - 1 as row, * "
        f"from ({newest if several else 'from sent'})"
    ).fetchall()
    for table, query in (
        ("person", "select actor as name from record union select target_actor from record"),
        ("tag_set", "select distinct tags as name from record"),
        (
            "stray",
            """select distinct object as name from record where not exists
            (select 1 from record as act where act.id = record.object and act.type <> 'account')""",
        ),
    ):
        connection.execute(
            f"create temp table {table} as select row_number() over () - 1 as row, name from ({query}) "
            "where name is not null"
        ).fetchall()


_NUMBERS = f"""select array_position({list(RECORD_TYPES)}, record.type) - 1 as type,
    epoch_us(record.published) as published, coalesce(actor.row, -1) as actor, coalesce(target.row, -1) as target,
    coalesce(tag_set.row, -1) as tags,
    coalesce(act.row, stray.row + (select count(*) from record), -1) as object,
    coalesce(array_position({list(VISIBILITIES)}, record.visibility) - 1, -1) as visibility
    from record
    left join person as actor on actor.name = record.actor
    left join person as target on target.name = record.target_actor
    left join tag_set on tag_set.name = record.tags
    left join (select id, row from record where not ({_ACCOUNT})) as act on act.id = record.object
    left join stray on stray.name = record.object
    order by record.row"""


def _add_texts(connection: duckdb.DuckDBPyConnection, file: ColumnFile, name: str, table: str, column: str) -> None:
    """Write the texts of a column, one behind the other, some at a time."""
    said = f"from {table} where {column} is not null"
    sizes = connection.execute(f"select row, strlen({column}) as size {said} order by row").fetchnumpy()
    file.add(f"{name}.row", "<i4", sizes["row"])
    file.add(f"{name}.end", "<i8", np.cumsum(np.ma.filled(sizes["size"]).astype(np.int64)))
    query = f"select encode(string_agg({column}, '' order by row)) {said} and row >= ? and row < ?"
    last = int(sizes["row"][-1]) + 1 if sizes["row"].size else 0
    file.add_pieces(
        f"{name}.data",
        (
            np.frombuffer(text, np.uint8)
            for first in range(0, last, _ROWS_AT_ONCE)
            for (text,) in connection.execute(query, [first, first + _ROWS_AT_ONCE]).fetchall()
            if text
        ),
    )


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
