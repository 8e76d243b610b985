"""The table of speed, printed row by row and written into docs/performance.md: `python -m lab.speed.table [ROW …]`.

Without names the short rows are measured; `--long` measures the boards of up to 11 million events too, `--queries`
those that DuckDB makes of up to a hundred million within a memory limit: hours on a busy machine. What was measured
before, and is not now, stands as it was: lab/speed/measured.json keeps it, with its date and load.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from lab.speed import additions, boards, documents, jobs, queried, records, web
from lab.speed.boards import Cost
from lab.speed.processes import of_size
from lab.speed.queried import Queried
from lab.speed.rows import Pair, RowFigures, machine, measure, versions

KEPT = Path(__file__).with_name("measured.json")
DOCUMENT = Path(__file__).parents[2] / "docs" / "performance.md"
NOT_YET = "not measured yet: `python -m lab.speed.table --long`"
GIGABYTE = 2**30
LARGER = (10**9, 10**10)
COLUMN_BYTES = 40  # of one record among the columns that a board holds in memory
MACHINE_GB = 64
LONG_S = 100.0  # from here on seconds are written whole

INTRODUCTION = """# How fast it is

Written by `python -m lab.speed.table` (`make bench`), which measures: do not edit it by hand.

Each figure is CPU time beside a named reference, both in the same run and in turn. The ratio is the median of the
rounds, the spread its least and most. The load is that of the machine, one minute's average, before and after.

Machine: {machine}. Versions: {versions}.
"""
GROWTH = """## Growth

One topic of a generated community (`lab/speed/community.py`) in memory, its exact rows included and every row written
out, in a process of its own. PageRank is that of scipy alone, on the same vouches.

![Cost of a board by events](growth.svg)
"""
QUERIED = """## By queries, within {limit_gb:.0f} GB

The same community with `CANDOR_ENGINE=duckdb` and a limit of {limit_gb:.0f} GB for DuckDB, two threads, a first topic
and then a second one (`python -m lab.speed.table --queries`). Resident memory is the most there was: of the process
itself, and with the pages of the mapped records, which the system takes back when it needs them. Disk is the most that
the engine's folder held: numbers of the records as Parquet, tables, and what did not fit in memory.
"""
ON_PAPER = """## What more needs, on paper

From {before:,} to {last:,} events each event more costs {each_us:.2f} µs of CPU and {each_bytes:.0f} bytes of
memory, of which its columns are {column_bytes}. A hundred million events need {hundred_gb:.0f} GB, so they do not run
within 6 GB: a board made in memory holds the columns and the acts of its window whole. With `CANDOR_ENGINE=duckdb`
records are read from Parquet and what lies between goes to disk (docs/adr/0018-boards-as-queries.md).
"""
NOT_KNOWN = """A straight line from the sizes above, not measured. What a shuffle between machines costs is not measured
either: with Spark Connect acts are grouped by person anew for the vouches, each step of standing, the credit and the
voices, and each time an act is three numbers, 24 bytes: 24 GB for 10⁹ events and 240 GB for 10¹⁰ where each is an act.
"""


class Row(msgspec.Struct, frozen=True):
    """A row: what is measured against what, what it should be at most, and how, or why it is not."""

    key: str
    what: str
    reference: str
    aim: str
    rounds: Callable[[], Sequence[Pair]] | None = None
    absent: str = ""


class KeptRows(msgspec.Struct):
    """What was measured so far: rows by key, and boards by size."""

    machine: str = ""
    versions: str = ""
    rows: dict[str, RowFigures] = {}
    growth: tuple[Cost, ...] = ()
    queried: tuple[Queried, ...] = ()


BOARDS = ("board", "second", "growth")
ROWS = (
    Row("board", "board of 10.4 M events, one topic", "DuckDB counting whom each person helped, from Parquet", "6"),
    Row("second", "a second topic of the same data set", "the first", ".4"),
    Row("twenty", "twenty topics of 1 M events, one after the other in one job", "the first", "6", boards.twenty),
    Row("growth", "board of 10.4 M events", "board of 1 M events", "11"),
    Row(
        "hundred",
        "board of 100 M events by queries, limit 6 GB",
        "board of 10.4 M events by queries",
        "12",
        absent="not measured yet: `python -m lab.speed.table --queries`",
    ),
    Row(
        "cluster",
        "board of 1 M events by two Sail workers",
        "DuckDB with two threads",
        "2.5",
        queried.rounds if queried.SAIL.exists() else None,
        absent="not measured: needs `pip install pysail pyspark-client`, as `make test-cluster` does",
    ),
    Row("job", "inline job of 200 records", "no-op RQ job on the same worker", "2.5", jobs.rounds),
    Row("read", "`GET /v1/scores/{id}`", "smallest Flask endpoint, same gunicorn", "1.6", web.reading),
    Row("post", "`POST /v1/jobs` of 50 records", "smallest Flask endpoint that enqueues", "2", web.posting),
    Row("decode", "decode and check a record", "msgspec on the same bytes", "2", records.decoding),
    Row("upload", "upload of 712,560 records", "msgspec decoding the same bytes", "5", records.uploading),
    Row("cold", "a document from these, cold", "DuckDB reading the person's rows", "10", documents.cold),
    Row("warm", "a document from these, warm", "DuckDB reading the person's rows", "3", documents.warm),
    Row("ten", "ten accounts from these, cold", "one account, cold", "", documents.ten_at_once),
    Row("alone", "`candor score --in-process` on these", "msgspec decoding the same bytes", "", records.command),
    Row(
        "append",
        "1,000 records added to 712,560",
        "uploading these alone",
        "",
        additions.adding,
        absent="not measured by this command yet: `python -m lab.speed.table append`",
    ),
    Row(
        "erase",
        "erase one person from these, who is in every part",
        "DuckDB writing the parts that hold the person anew",
        "1.5",
        additions.erasing,
        absent="not measured by this command yet: `python -m lab.speed.table erase`",
    ),
)


def main() -> None:
    """Measure, print, keep and write."""
    named, long = [name for name in sys.argv[1:] if not name.startswith("--")], "--long" in sys.argv
    kept = msgspec.json.decode(KEPT.read_bytes(), type=KeptRows) if KEPT.exists() else KeptRows()
    kept.machine, kept.versions = machine(), versions()
    print(f"{kept.machine}\n{kept.versions}")
    for row in ROWS:
        if row.rounds is not None and (not named or row.key in named):
            kept.rows[row.key] = measure(row.rounds)
        if row.key not in BOARDS or not long:
            print(_line(row, kept.rows.get(row.key)), flush=True)
    if long:
        _measure_boards(kept)
    if "--queries" in sys.argv:
        load_before = os.getloadavg()[0]
        kept.queried = tuple(of_size(events, "lab.speed.queried", Queried) for events in queried.SIZES)
        kept.rows["hundred"] = RowFigures.of([Pair(kept.queried[0].cpu_s, kept.queried[-1].cpu_s)], load_before)
    KEPT.write_bytes(msgspec.json.format(msgspec.json.encode(kept), indent=1) + b"\n")
    DOCUMENT.write_text(written(kept), encoding="utf-8")


def _measure_boards(kept: KeptRows) -> None:
    load_before = os.getloadavg()[0]
    costs = boards.grown()
    small, large = costs[1], costs[-1]
    compared = {
        "board": Pair(large.duckdb_s, large.cpu_s),
        "second": Pair(large.cpu_s, large.second_cpu_s),
        "growth": Pair(small.cpu_s, large.cpu_s),
    }
    for row in ROWS:
        if row.key in compared:
            kept.rows[row.key] = RowFigures.of([compared[row.key]], load_before)
            print(_line(row, kept.rows[row.key]))
    kept.growth = tuple(costs)


def _line(row: Row, found: RowFigures | None) -> str:
    return " | ".join(_cells(row, found))


def _cells(row: Row, found: RowFigures | None) -> list[str]:
    aim = f"≤ {row.aim}×" if row.aim and " " not in row.aim else f"≤ {row.aim.replace(' ', '× ')}" if row.aim else ""
    if found is None:
        return [row.what, row.reference, aim, "", "", row.absent or NOT_YET, "", ""]
    return [
        row.what,
        row.reference,
        aim,
        _time(found.ours),
        _time(found.reference),
        f"**{found.ratio:.2f}×**",
        f"{found.least:.2f} to {found.most:.2f} in {found.rounds}" if found.rounds > 1 else "one round",
        f"{found.at:%Y-%m-%d}, {found.load[0]:.1f} to {found.load[1]:.1f}",
    ]


def _time(seconds: float) -> str:
    if seconds >= LONG_S:
        return f"{seconds:,.0f} s"
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e6:.3g} µs"


def written(kept: KeptRows) -> str:
    """Return docs/performance.md."""
    heads = ("what", "reference", "aim", "ours", "reference's", "ratio", "spread", "day and load")
    table = _as_table(heads, (_cells(row, kept.rows.get(row.key)) for row in ROWS))
    parts = [INTRODUCTION.format(machine=kept.machine, versions=kept.versions), table]
    grown = _growth(kept.growth) if kept.growth else ()
    return "\n".join([*parts, *grown, *(_by_queries(kept.queried) if kept.queried else ())])


def _by_queries(costs: Sequence[Queried]) -> Iterator[str]:
    """Yield what boards by queries cost."""
    yield QUERIED.format(limit_gb=costs[0].limit_mb / 1_000)
    heads = ("events", "people", "board, CPU", "by the clock", "second topic", "by the clock")
    more = ("resident, its own", "with mapped records", "disk", "day and load")
    yield _as_table((*heads, *more), map(_one_by_queries, costs))


def _one_by_queries(cost: Queried) -> Sequence[str]:
    times = (cost.cpu_s, cost.wall_s, cost.second_cpu_s, cost.second_wall_s)
    sizes = (f"{size:,.0f} MB" for size in (cost.own_mb, cost.peak_mb, cost.disk_mb))
    day = f"{cost.at:%Y-%m-%d}, {cost.load:.1f}"
    return [f"{cost.events:,}", f"{cost.people:,}", *map(_time, times), *sizes, day]


def _growth(costs: Sequence[Cost]) -> Iterator[str]:
    """Yield how boards grow, and what larger ones need by the slope between the two largest."""
    before, last = costs[-2:]
    more = last.events - before.events
    seconds_each, bytes_each = (last.cpu_s - before.cpu_s) / more, (last.peak_mb - before.peak_mb) * 2**20 / more
    yield GROWTH
    heads = ("events", "people", "board, CPU", "second topic", "DuckDB's count", "PageRank", "resident")
    yield _as_table(heads, map(_grown, costs))
    yield ON_PAPER.format(
        before=before.events,
        last=last.events,
        each_us=1e6 * seconds_each,
        each_bytes=bytes_each,
        column_bytes=COLUMN_BYTES,
        hundred_gb=10**8 * bytes_each / GIGABYTE,
    )
    larger = [
        (
            f"{events:,}",
            f"{events * seconds_each / 3600:,.1f} h",
            f"{events * COLUMN_BYTES / GIGABYTE:,.0f} GB",
            f"{events * bytes_each / GIGABYTE:,.0f} GB",
            f"{-(-events * bytes_each // (GIGABYTE * MACHINE_GB)):,.0f}",
        )
        for events in LARGER
    ]
    yield _as_table(("events", "CPU, one topic", "columns", "memory", f"machines of {MACHINE_GB} GB"), larger)
    yield NOT_KNOWN


def _grown(cost: Cost) -> Sequence[str]:
    times = (cost.cpu_s, cost.second_cpu_s, cost.duckdb_s, cost.pagerank_s)
    return [f"{cost.events:,}", f"{cost.people:,}", *map(_time, times), f"{cost.peak_mb:,.0f} MB"]


def _as_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (heads, ["---"] * len(heads), *rows))


if __name__ == "__main__":
    main()
