"""Boards by a Spark Connect server with two workers: the same rows as DuckDB makes. Needs pysail and pyspark-client."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from golden.communities import COMMUNITIES

from boards.test_queries import METHOD, TOWN, queried, table_of
from candor.boards.board import QueriedCommunity
from candor.boards.engines import DuckDB, SilentEngineError, SparkConnect
from lab.speed.community import community

if TYPE_CHECKING:
    from collections.abc import Iterator

SAIL = Path(sys.executable).with_name("sail")
MISSING = [name for name in ("pysail", "pyspark") if find_spec(name) is None]
WORKERS = {"SAIL_MODE": "local-cluster", "SAIL_CLUSTER__WORKER_INITIAL_COUNT": "2"}

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.skipif(
        bool(MISSING), reason=f"not installed: {', '.join(MISSING)} (pip install pysail pyspark-client)"
    ),
    pytest.mark.filterwarnings("ignore"),  # of pyspark about pandas
]


@pytest.fixture(scope="module")
def sail() -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The address of a Sail server with two workers, and its process."""
    assert shutil.which(SAIL)
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    command = [str(SAIL), "spark", "server", "--ip", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(command, env=os.environ | WORKERS)
    try:
        yield f"sc://127.0.0.1:{port}", process
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture
def server(sail: tuple[str, subprocess.Popen[bytes]]) -> str:
    """The address of the server."""
    return sail[0]


@pytest.mark.parametrize("name", [*sorted(COMMUNITIES), "town"])
def test_a_cluster_makes_the_rows_that_duckdb_makes(server: str, name: str, tmp_path: Path) -> None:
    activities, question = (list(community(1_000)), TOWN) if name == "town" else COMMUNITIES[name]()
    here = queried(DuckDB(tmp_path), activities, question)
    there = queried(SparkConnect(server, tmp_path), activities, question)
    assert len(here) > 3
    assert list(there.rows(0, len(there))) == list(here.rows(0, len(here)))
    assert not list(tmp_path.iterdir())


def test_a_board_whose_server_stands_still_is_given_up_and_the_next_one_is_made(
    sail: tuple[str, subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    address, process = sail
    activities, question = list(community(1_000)), TOWN
    still = SparkConnect(address, tmp_path, longest_s=3.0)
    made = QueriedCommunity(still, table_of(activities), question, METHOD)
    steps = iter([None, None, lambda: process.send_signal(signal.SIGSTOP)])

    def _stop_in_the_middle() -> None:
        if stop := next(steps, None):
            stop()

    try:
        with pytest.raises(SilentEngineError):
            made.prepare(_stop_in_the_middle)
        made.close()
        assert still._spark.client.is_closed  # else pyspark keeps this process from ending until the server answers
    finally:
        process.send_signal(signal.SIGCONT)
    here = queried(DuckDB(tmp_path), activities, question)
    there = queried(SparkConnect(address, tmp_path), activities, question)
    assert list(there.rows(0, len(there))) == list(here.rows(0, len(here)))
