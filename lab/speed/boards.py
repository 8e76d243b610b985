"""What a board costs: one topic of 11 million events, a second topic, and how it grows; against PageRank alone.

`python -m lab.speed.boards` runs each size in a process of its own, so that its memory is its own, and draws
docs/growth.svg. `python -m lab.speed.boards EVENTS` runs one.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from lab.speed.columns import community_table
from lab.speed.community import END
from lab.speed.growth import draw
from scoring.board import make_board
from scoring.method import load_method
from scoring.question import Question
from scoring.topics import tag_topic
from scoring.trust_root import RootAccount, TrustRoot
from scoring.world import World

if TYPE_CHECKING:
    from collections.abc import Callable

    from scipy.sparse import csr_array

SIZES = (110_000, 1_100_000, 3_500_000, 11_000_000)
ROOT_SIZE = 100
DAMPING, ROUNDS = 0.85, 40
GROWTH = Path(__file__).parents[2] / "docs" / "growth.svg"


class Cost(msgspec.Struct, frozen=True):
    """Wall and CPU seconds of a board with its exact rows and every row written out, and of its references."""

    events: int
    people: int
    wall_s: float
    cpu_s: float
    second_topic_s: float
    pagerank_s: float
    peak_mb: float
    compared: int
    largest_difference: float


def measure(events: int) -> Cost:
    """Rank everybody in a generated community on one topic, then on a second one."""
    table = community_table(events)
    root = TrustRoot(kind="accounts", accounts=tuple(RootAccount(account=f"u{n}") for n in range(ROOT_SIZE)))
    question = Question(network="custom:bench", accounts=(), topics=(), trust_root=root, as_of=END, profile="qa")
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    world = World(table, question, load_method())
    board = make_board(world.about((tag_topic("tag:topic"),)), 0)
    written = sum(1 for _ in board.rows(0, len(board)))
    wall_s, cpu_s = time.perf_counter() - wall_s, time.process_time() - cpu_s
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    compared, difference = board.compared, board.largest_difference
    del board

    def second() -> None:
        other = make_board(world.about((tag_topic("tag:other-1"),)), 0)
        sum(1 for _ in other.rows(0, len(other)))

    return Cost(
        events=len(table),
        people=written,
        wall_s=wall_s,
        cpu_s=cpu_s,
        second_topic_s=seconds(second),
        pagerank_s=seconds(lambda: pagerank(world.vouches.towards)),
        peak_mb=peak_mb,
        compared=compared,
        largest_difference=difference,
    )


def pagerank(towards: csr_array) -> np.ndarray:
    """The reference: PageRank (Page et al. 1999) by scipy.sparse alone, on the graph of vouches."""
    people = towards.shape[0]
    outdegree = np.maximum(np.asarray(towards.sum(axis=0)), 1)
    rank = np.full(people, 1 / people)
    for _ in range(ROUNDS):
        rank = (1 - DAMPING) / people + DAMPING * (towards @ (rank / outdegree))
    return rank


def seconds(work: Callable[[], object]) -> float:
    """Return the wall seconds that `work` takes."""
    before = time.perf_counter()
    work()
    return time.perf_counter() - before


def said(cost: Cost) -> str:
    """Put a cost into words."""
    return (
        f"board of {cost.people:,} people, {cost.events:,} events: {cost.wall_s:.1f} s ({cost.cpu_s:.1f} s of CPU), "
        f"{cost.peak_mb:,.0f} MB with the events; a second topic {cost.second_topic_s:.1f} s "
        f"({100 * cost.second_topic_s / cost.wall_s:.0f} %); PageRank alone {cost.pagerank_s:.2f} s, "
        f"ratio {cost.wall_s / cost.pagerank_s:.0f}; {cost.compared} exact, largest difference "
        f"{cost.largest_difference:.6f} points"
    )


def main() -> None:
    """Measure every size, or the one named, and draw the growth."""
    if len(sys.argv) > 1:
        sys.stdout.write(msgspec.json.encode(measure(int(sys.argv[1]))).decode())
        return
    costs = []
    for events in SIZES:
        argv = [sys.executable, "-m", "lab.speed.boards", str(events)]
        run = subprocess.run(argv, check=True, stdout=subprocess.PIPE)
        costs.append(msgspec.json.decode(run.stdout, type=Cost))
        print(said(costs[-1]), flush=True)
    GROWTH.write_text(draw([(cost.events, cost.cpu_s, cost.peak_mb) for cost in costs]), encoding="utf-8")


if __name__ == "__main__":
    main()
