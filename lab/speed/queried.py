"""What a board costs by queries: DuckDB within a memory limit, one topic and then a second; and Sail with two workers.

`python -m lab.speed.table --queries` measures each size in a process of its own; `python -m lab.speed.queried FILE`
ranks what lab.speed.community wrote into one.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from candor.boards.board import QueriedCommunity
from candor.boards.engines import DuckDB, SparkConnect
from candor.scoring.arrays import kept_memory
from candor.scoring.method import load_method
from candor.scoring.topics import tag_topic
from candor.store.column_file import read_table
from lab.speed.boards import asked, timed
from lab.speed.processes import cpu_seconds, own_mb, peak_mb
from lab.speed.rows import Pair, cpu_s, in_turn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from candor.boards.engines import Engine
    from candor.scoring.table import Table


SIZES = (11_000_000, 32_600_000, 104_600_000)
LIMIT_MB = 6_000
EACH_S = 0.5


class Queried(msgspec.Struct, frozen=True):
    """Wall and CPU seconds of a first and a second topic, every row written out.

    `peak_mb` is the most that was resident, pages of the mapped records included, which the system may take back;
    `own_mb` is the same without these. `disk_mb` is the most that the engine's folder held: numbers of records, tables
    and what did not fit in memory.
    """

    events: int
    people: int
    limit_mb: int
    wall_s: float
    cpu_s: float
    second_wall_s: float
    second_cpu_s: float
    peak_mb: float
    own_mb: float
    disk_mb: float
    load: float
    at: datetime


class Watched:
    """The most that a folder held and that this process had of its own, as seen from a thread."""

    disk_mb = own_mb = 0.0

    def see(self, folder: Path) -> None:
        """Look once."""
        self.disk_mb = max(self.disk_mb, _held_mb(folder))
        self.own_mb = max(self.own_mb, own_mb())


@contextmanager
def watched(folder: Path) -> Iterator[Watched]:
    """Look at a folder twice a second until the block ends."""
    found, over = Watched(), threading.Event()

    def _watch() -> None:
        while not over.wait(EACH_S):
            found.see(folder)

    thread = threading.Thread(target=_watch)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join()


def _held_mb(folder: Path) -> float:
    held = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                held += Path(place, name).stat().st_size
            except FileNotFoundError:  # deleted meanwhile
                continue
    return held / 2**20


def measure(path: Path) -> Queried:
    """Rank everybody in a community on one topic, then on a second one."""
    table, method = read_table(path), load_method()
    with tempfile.TemporaryDirectory(dir=path.parent) as folder, watched(Path(folder)) as seen:
        engine = DuckDB(Path(folder), memory_mb=LIMIT_MB, threads=os.cpu_count())
        made, wall_s, cpu_s = timed(lambda: QueriedCommunity.prepared(engine, table, asked(), method, lambda: None))
        people, first_wall_s, first_cpu_s = timed(lambda: _ranked(made, "tag:topic"))
        _, second_wall_s, second_cpu_s = timed(lambda: _ranked(made, "tag:other-1"))
        made.close()
    return Queried(
        events=len(table),
        people=people,
        limit_mb=LIMIT_MB,
        wall_s=wall_s + first_wall_s,
        cpu_s=cpu_s + first_cpu_s,
        second_wall_s=second_wall_s,
        second_cpu_s=second_cpu_s,
        peak_mb=peak_mb(),
        own_mb=seen.own_mb,
        disk_mb=seen.disk_mb,
        load=os.getloadavg()[0],
        at=datetime.now(UTC).replace(microsecond=0),
    )


def _ranked(community: QueriedCommunity, tag: str) -> int:
    board = community.board(tag_topic(tag), (), lambda: None)
    return sum(1 for _ in board.rows(0, len(board)))


EVENTS = 1_000_000
ROUNDS = 3
SAIL = Path(sys.executable).with_name("sail")
WORKERS = {"SAIL_MODE": "local-cluster", "SAIL_CLUSTER__WORKER_INITIAL_COUNT": "2"}


@contextmanager
def server() -> Iterator[tuple[str, int]]:
    """Run a Sail server; yield its address and its process id."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    command = [str(SAIL), "spark", "server", "--ip", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(command, env=os.environ | WORKERS, stderr=subprocess.DEVNULL) as process:
        try:
            yield f"sc://127.0.0.1:{port}", process.pid
        finally:
            process.terminate()


def rank(engine: Engine, table: Table) -> None:
    """Rank everybody on one topic, every row written out, and close the engine."""
    community = QueriedCommunity.prepared(engine, table, asked(), load_method(), lambda: None)
    board = community.board(tag_topic("tag:topic"), (), lambda: None)
    for _ in board.rows(0, len(board)):
        pass
    community.close()


def rounds() -> list[Pair]:
    """Measure the CPU of this process, and of the server, for the same board, in turn."""
    with tempfile.TemporaryDirectory() as folder, server() as (address, pid):
        place, path = Path(folder), f"{folder}/community.columns"
        subprocess.run([sys.executable, "-m", "lab.speed.community", str(EVENTS), path], check=True)
        table = read_table(Path(path))

        def _there() -> float:
            here_s = time.process_time()
            server_s = cpu_seconds(pid, lambda: rank(SparkConnect(address, place), table))
            return server_s + time.process_time() - here_s

        return in_turn(lambda: cpu_s(lambda: rank(DuckDB(place, threads=2), table)), _there, ROUNDS)


if __name__ == "__main__":
    with kept_memory():
        sys.stdout.write(msgspec.json.encode(measure(Path(sys.argv[1]))).decode())
