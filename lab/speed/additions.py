"""What adding to, and erasing from, a large data set costs: CPU seconds and bytes written beside its records.

`python -m lab.speed.additions [RECORDS]`. A thousand records are added twice, as the first time an index is made; then
one person is erased. The reference of adding is uploading these records alone; that of erasing is writing the parts
that hold the person anew, by DuckDB.
"""

from __future__ import annotations

import sys
import tempfile
import time
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
from lab.speed.processes import peak_mb
from lab.speed.rows import Pair, cpu_s

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from candor.store.datasets import Datasets

RECORDS, MORE, ROUNDS = 712_560, 1_000, 5
FACTS: dict[str, Any] = {"network": "custom:bench", "profile": "qa", "granted_rights": False}
ERASED = "u7"


class Cost(msgspec.Struct, frozen=True):
    """What a step took, and how many bytes it left in files that were not there before."""

    cpu_s: float
    wall_s: float
    written: int


class Costs(msgspec.Struct, frozen=True):
    """What was measured of one data set."""

    alone: Cost
    first: Cost
    second: Cost
    table: Cost
    erased: Cost
    rewritten_s: float


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


def measured(records: int) -> Costs:
    """Upload so many records, add to them, have the table made, and erase somebody."""
    with tempfile.TemporaryDirectory() as name, EmbeddedServer(Path(name) / "valkey") as server:
        folder = Path(name)
        datasets = open_store(server.url, folder).datasets
        datasets.put("bench", "town", lines=lines(records), **FACTS)
        cost = partial(_cost, folder)
        alone = cost(lambda: datasets.put("bench", "alone", lines=more(0), **FACTS))
        first, second = (cost(partial(datasets.append, "bench", "town", more(number))) for number in (1, 2))
        table = cost(lambda: datasets.activities("bench", "town"))
        rewritten_s = _rewriting(folder / "datasets")
        erased = cost(lambda: _erase(datasets))
        return Costs(alone, first, second, table, erased, rewritten_s)


def adding() -> list[Pair]:
    """Add records to a data set that has an index, against uploading them alone, in turn."""
    with _uploaded() as (_, datasets):
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
    with _uploaded() as (folder, datasets):
        return [
            Pair(_rewriting(folder / "datasets", person), cpu_s(partial(_erase, datasets, person)))
            for person in (f"u{number}" for number in range(ROUNDS))
        ]


@contextmanager
def _uploaded() -> Iterator[tuple[Path, Datasets]]:
    """Give a folder and the data sets in it, of which one holds the records."""
    with tempfile.TemporaryDirectory() as name, EmbeddedServer(Path(name) / "valkey") as server:
        datasets = open_store(server.url, Path(name)).datasets
        datasets.put("bench", "town", lines=lines(RECORDS), **FACTS)
        yield Path(name), datasets


def _cost(folder: Path, work: Callable[[], object]) -> Cost:
    before, wall_s = _files(folder), time.perf_counter()
    spent_s = cpu_s(work)
    wall_s = time.perf_counter() - wall_s
    new = _files(folder)
    return Cost(spent_s, wall_s, sum(size for path, size in new.items() if path not in before))


def _files(folder: Path) -> dict[Path, int]:
    found = (path for name in ("datasets", "cache") for path in (folder / name).rglob("*") if path.is_file())
    return {path: path.stat().st_size for path in found}


def _erase(datasets: Datasets, person: str = ERASED) -> None:
    datasets.erase(DataSubject(network="custom:bench", names=(person,)), None)


def _rewriting(folder: Path, person: str = ERASED) -> float:
    """Return the CPU seconds in which DuckDB writes the parts that hold the person anew, without their records."""
    with tempfile.TemporaryDirectory() as name, duckdb.connect() as connection:

        def _rewrite() -> None:
            for part in folder.glob("*.parquet"):
                source = f"from read_parquet('{part}') where actor = '{person}' or target_actor = '{person}'"
                if connection.execute(f"select 1 {source} limit 1").fetchall():  # our own names
                    kept = f"select * from read_parquet('{part}') where actor <> '{person}'"  # noqa: S608 # as above
                    connection.execute(f"copy ({kept}) to '{name}/{part.name}' (format parquet, compression zstd)")

        return cpu_s(_rewrite)


def main() -> None:
    """Print what each step took."""
    records = int(sys.argv[1]) if len(sys.argv) > 1 else RECORDS
    costs = measured(records)
    for what, cost in (
        (f"{MORE:,} records uploaded alone", costs.alone),
        (f"added to {records:,}, the first time", costs.first),
        (f"{MORE:,} more", costs.second),
        ("the table merged when it is asked for", costs.table),
        ("one person erased", costs.erased),
    ):
        print(f"{what}: {cost.cpu_s:.2f} s of CPU, {cost.wall_s:.2f} s, {cost.written:,} bytes written")
    print(
        f"the parts with the person written anew by DuckDB: {costs.rewritten_s:.2f} s of CPU; peak {peak_mb():,.0f} MB"
    )


if __name__ == "__main__":
    main()
