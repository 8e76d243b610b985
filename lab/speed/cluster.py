"""What a board costs on a Sail server with two workers (pip install pysail pyspark-client), against DuckDB."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from candor.boards.board import QueriedCommunity
from candor.boards.engines import DuckDB, SparkConnect
from candor.scoring.method import load_method
from candor.scoring.topics import tag_topic
from candor.store.column_file import read_table
from lab.speed.boards import asked
from lab.speed.processes import cpu_seconds
from lab.speed.rows import Pair, cpu_s, in_turn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from candor.boards.engines import Engine
    from candor.scoring.table import Table

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
