"""What a board costs: one topic of 11 million events, a second topic, and how it grows; against PageRank alone.

`python -m lab.speed.boards` writes each size into a file, ranks it in a process of its own, so that its memory is its
own, and draws docs/growth.svg. `python -m lab.speed.boards FILE` ranks what is in one. The references are PageRank on
the same graph of vouches, by scipy.sparse and, of the smallest size, by networkx; and DuckDB counting from Parquet
whom each person helped.
"""

from __future__ import annotations

import math
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import duckdb
import msgspec
import networkx as nx  # type: ignore[import-untyped] # it has no types
import numpy as np

from candor.scoring.activity import TYPE_CODE
from candor.scoring.arrays import kept_memory
from candor.scoring.board import make_board
from candor.scoring.everybody import Everybody
from candor.scoring.method import load_method
from candor.scoring.question import Question
from candor.scoring.topics import tag_topic
from candor.scoring.trust_root import RootAccount, TrustRoot
from candor.scoring.world import build_world
from candor.store.column_file import read_table
from lab.speed.community import END, TAGS, community_table
from lab.speed.processes import of_size, peak_mb
from lab.speed.rows import Pair

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scipy.sparse import csr_array

    from candor.scoring.board import Board
    from candor.scoring.table import Table

SIZES = (110_000, 1_100_000, 3_500_000, 11_000_000)
OF_TWENTY, ROUNDS_OF_TWENTY = 1_100_000, 2
ROOT_SIZE = 100
DAMPING, ROUNDS = 0.85, 40
FOR_NETWORKX = 1_000_000  # vouches at most: it takes some microseconds for each
Result = TypeVar("Result")
WIDTH, HEIGHT, LEFT, TOP = 640, 400, 70, 40  # of the picture
GROWTH = Path(__file__).parents[2] / "docs" / "growth.svg"


class Cost(msgspec.Struct, frozen=True):
    """Wall and CPU seconds of a board with its exact rows and every row written out, and of its references.

    `peak_mb` is the most that was resident, pages of the mapped file included.
    """

    events: int
    people: int
    wall_s: float
    cpu_s: float
    second_wall_s: float
    second_cpu_s: float
    vouches: int
    pagerank_s: float
    networkx_s: float | None
    duckdb_s: float
    peak_mb: float
    compared: int
    largest_difference: float


def measure(path: Path) -> Cost:
    """Rank everybody in a community on one topic, then on a second one.

    What a worker has loaded since its first job is loaded before, as DuckDB is.
    """
    import scipy.sparse  # noqa: PLC0415 # the command that measures others needs none of it
    import scipy.special  # noqa: F401, PLC0415 # as above

    table = read_table(path)

    def first() -> tuple[Everybody, Board]:
        everybody = Everybody(build_world(table, asked(), load_method()))
        return everybody, ranked(everybody, "tag:topic")

    (everybody, board), wall_s, cpu_s = timed(first)
    world = everybody.world
    first_peak_mb = peak_mb()
    people, compared, difference = len(board), board.compared, board.largest_difference
    del board
    _, second_wall_s, second_cpu_s = timed(lambda: ranked(everybody, "tag:other-1"))
    towards = world.trust.vouches.towards.astype(np.float64)
    return Cost(
        events=len(world.columns.records),
        people=people,
        wall_s=wall_s,
        cpu_s=cpu_s,
        second_wall_s=second_wall_s,
        second_cpu_s=second_cpu_s,
        vouches=int(towards.nnz),
        pagerank_s=timed(lambda: pagerank(towards))[2],
        networkx_s=timed(lambda: pagerank_by_networkx(towards))[2] if towards.nnz < FOR_NETWORKX else None,
        duckdb_s=helped_by_duckdb(table),
        peak_mb=first_peak_mb,
        compared=compared,
        largest_difference=difference,
    )


def twenty() -> list[Pair]:
    """Measure the boards of twenty topics of one data set, made one after the other as a job does, against the first.

    The first is made with all that boards of the data set have in common.
    """
    table = community_table(OF_TWENTY, topics=len(TAGS))
    rounds = []
    for _ in range(ROUNDS_OF_TWENTY):
        first, *others = (tag for (tag,) in TAGS)
        with kept_memory():
            begin_s = time.process_time()
            everybody = Everybody(build_world(table, asked(), load_method()))
            ranked(everybody, f"tag:{first}")
            first_s = time.process_time() - begin_s
            for tag in others:
                ranked(everybody, f"tag:{tag}")
            rounds.append(Pair(first_s, time.process_time() - begin_s))
    return rounds


def asked() -> Question:
    """Return what boards of a generated community are asked with: its most active people are trusted."""
    root = TrustRoot(kind="accounts", accounts=tuple(RootAccount(account=f"u{n}") for n in range(ROOT_SIZE)))
    return Question(network="custom:bench", accounts=(), topics=(), trust_root=root, as_of=END, profile="qa")


def ranked(everybody: Everybody, tag: str) -> Board:
    """Make the board of a topic as a worker does, and write every row out."""
    board = make_board(everybody.world.about((tag_topic(tag),)), 0, everybody=everybody)
    for _ in board.rows(0, len(board)):
        pass
    return board


def pagerank(towards: csr_array) -> np.ndarray:
    """The reference: PageRank (Page et al. 1999) by scipy.sparse alone, on the same graph of vouches."""
    people = towards.shape[0]
    outdegree = np.maximum(np.asarray(towards.sum(axis=0)), 1)
    rank = np.full(people, 1 / people)
    for _ in range(ROUNDS):
        rank = (1 - DAMPING) / people + DAMPING * (towards @ (rank / outdegree))
    return rank


def helped_by_duckdb(table: Table) -> float:
    """Return the CPU seconds in which DuckDB counts, from Parquet, how many people each person answered."""
    events = {
        "row": np.arange(len(table)),
        "type": np.asarray(table.type),
        "actor": np.asarray(table.actor),
        "object": np.asarray(table.object),
    }
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        parquet = f"{folder}/events.parquet"
        connection.register("events", events)
        connection.execute(f"COPY (FROM events) TO '{parquet}'")
        connection.unregister("events")
        counted = (
            f"SELECT answer.actor, count(DISTINCT asked.actor) FROM read_parquet('{parquet}') answer "  # noqa: S608 ours
            f"JOIN read_parquet('{parquet}') asked ON answer.object = asked.row "
            f"WHERE answer.type = {TYPE_CODE['answer']} GROUP BY 1"
        )
        return timed(lambda: connection.execute(counted).fetchall())[2]


def pagerank_by_networkx(towards: csr_array) -> dict[int, float]:
    """The same by networkx, making its graph included."""
    vouched, voucher = towards.nonzero()
    graph = nx.DiGraph()
    graph.add_edges_from(zip(voucher.tolist(), vouched.tolist(), strict=True))
    ranks: dict[int, float] = nx.pagerank(graph, alpha=DAMPING)
    return ranks


def timed(work: Callable[[], Result]) -> tuple[Result, float, float]:
    """Return what `work` returns, and the wall and CPU seconds it takes."""
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    result = work()
    return result, time.perf_counter() - wall_s, time.process_time() - cpu_s


def said(cost: Cost) -> str:
    """Put a cost into words."""
    networkx = "" if cost.networkx_s is None else f", by networkx {cost.networkx_s:.2f} s"
    return (
        f"board of {cost.people:,} people, {cost.events:,} events: {cost.wall_s:.1f} s ({cost.cpu_s:.1f} s of CPU), "
        f"{cost.peak_mb:,.0f} MB resident; a second topic {cost.second_wall_s:.1f} s ({cost.second_cpu_s:.1f} s of "
        f"CPU, {100 * cost.second_cpu_s / cost.cpu_s:.0f} %); PageRank alone on the {cost.vouches:,} vouches "
        f"{cost.pagerank_s:.2f} s of CPU{networkx}, ratio {cost.cpu_s / cost.pagerank_s:.0f}; DuckDB "
        f"counting whom each helped {cost.duckdb_s:.2f} s; "
        f"{cost.compared} exact, largest difference {cost.largest_difference:.6f} points"
    )


def grown() -> list[Cost]:
    """Measure every size, and draw the growth."""
    costs = []
    for events in SIZES:
        costs.append(of_size(events, "lab.speed.boards", Cost))
        print(said(costs[-1]), flush=True)
    GROWTH.write_text(draw_growth([(cost.events, cost.cpu_s, cost.peak_mb) for cost in costs]), encoding="utf-8")
    return costs


def main() -> None:
    """Rank the file named, or measure every size."""
    if len(sys.argv) == 1:
        grown()
        return
    with kept_memory():
        sys.stdout.write(msgspec.json.encode(measure(Path(sys.argv[1]))).decode())


def draw_growth(costs: Sequence[tuple[int, float, float]]) -> str:
    """Return the picture of (events, seconds of CPU, megabytes)."""
    lines = (
        ("#0b6e99", "seconds of CPU", [cost[1] for cost in costs]),
        ("#b3541e", "megabytes", [cost[2] for cost in costs]),
    )
    values = [value for _, _, column in lines for value in column]
    across = _scale([cost[0] for cost in costs], LEFT, WIDTH - 40)
    up = _scale([min(values), max(values)], HEIGHT - 60, TOP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-size="12">',
        f"<title>Cost of a board by events</title><rect width='{WIDTH}' height='{HEIGHT}' fill='white'/>",
    ]
    parts.extend(
        f'<text x="{across(events):.0f}" y="{HEIGHT - 35}" text-anchor="middle">{events:,}</text>'
        for events, _, _ in costs
    )
    parts.append(f'<text x="{WIDTH // 2}" y="{HEIGHT - 12}" text-anchor="middle">events (both axes logarithmic)</text>')
    for place, (colour, name, column) in enumerate(lines):
        points = [(across(cost[0]), up(value)) for cost, value in zip(costs, column, strict=True)]
        parts.append(
            f'<polyline fill="none" stroke="{colour}" stroke-width="2" '
            f'points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}"/>'
        )
        for (x, y), value in zip(points, column, strict=True):
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>')
            parts.append(f'<text x="{x - 6:.1f}" y="{y - 8:.1f}" text-anchor="end" fill="{colour}">{value:,.1f}</text>')
        parts.append(f'<text x="{LEFT + 110 * place}" y="20" fill="{colour}">{name}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _scale(values: Sequence[float], first: float, last: float) -> Callable[[float], float]:
    low, high = math.log(min(values)), math.log(max(values))
    return lambda value: first + (last - first) * (math.log(value) - low) / (high - low)


if __name__ == "__main__":
    main()
