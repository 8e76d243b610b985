"""What adding to, and erasing from, a large data set costs, in CPU seconds.

The reference of adding is uploading these records alone; that of erasing is writing the parts that hold the person
anew, by DuckDB.
"""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import msgspec

from candor.scoring.activity import Activity
from candor.scoring.redaction import DataSubject
from candor.store import open_store
from candor.store.embedded import EmbeddedServer
from lab.speed.community import END, community
from lab.speed.rows import Pair, cpu_s

if TYPE_CHECKING:
    from collections.abc import Iterator

    from candor.store import Store

RECORDS, MORE, ROUNDS = 712_560, 1_000, 5
FACTS: dict[str, Any] = {"network": "custom:bench", "profile": "qa", "granted_rights": False}


def lines(records: int) -> Iterator[bytes]:
    """Yield the records as an upload brings them."""
    encode = msgspec.json.Encoder().encode
    return (encode(activity) for activity in community(records * 20 // 19))


def more(number: int) -> list[bytes]:
    """Return a thousand records that answer what is there, the latest of all."""
    encode = msgspec.json.Encoder().encode
    return [
        encode(Activity(id=f"more{number}-{at}", actor=f"u{at}", type="answer", object=f"q{at}", published=END))
        for at in range(MORE)
    ]


def adding() -> list[Pair]:
    """Add records to a data set that has an index, against uploading them alone, in turn."""
    with _uploaded() as (_, store):
        datasets = store.datasets
        datasets.append("bench", "town", more(0))
        given = map(more, range(1, ROUNDS + 1))
        return [
            Pair(
                cpu_s(partial(datasets.put, "bench", "alone", lines=some, **FACTS)),
                cpu_s(partial(datasets.append, "bench", "town", some)),
            )
            for some in given
        ]


def erasing() -> list[Pair]:
    """Erase one person after the other, against writing the parts that hold the person anew, in turn."""
    with _uploaded() as (folder, store):
        return [
            Pair(_rewriting(folder / "datasets", person), cpu_s(partial(_erase, store, person)))
            for person in (f"u{number}" for number in range(ROUNDS))
        ]


@contextmanager
def _uploaded() -> Iterator[tuple[Path, Store]]:
    """Give a folder and the store in it, of which one data set holds the records."""
    with tempfile.TemporaryDirectory() as name, EmbeddedServer(Path(name) / "valkey") as server:
        store = open_store(server.url, Path(name))
        store.datasets.put("bench", "town", lines=lines(RECORDS), **FACTS)
        yield Path(name), store


def _erase(store: Store, person: str) -> None:
    store.dataset_erasure.erase(DataSubject(network="custom:bench", names=(person,)), None)


def _rewriting(folder: Path, person: str) -> float:
    """Return the CPU seconds in which DuckDB writes the parts that hold the person anew, without their records."""
    with tempfile.TemporaryDirectory() as name, duckdb.connect() as connection:

        def _rewrite() -> None:
            for part in folder.glob("*.parquet"):
                source = f"from read_parquet('{part}') where actor = '{person}' or target_actor = '{person}'"
                if connection.execute(f"select 1 {source} limit 1").fetchall():  # our own names
                    kept = f"select * from read_parquet('{part}') where actor <> '{person}'"  # noqa: S608 # as above
                    connection.execute(f"copy ({kept}) to '{name}/{part.name}' (format parquet, compression zstd)")

        return cpu_s(_rewrite)
