"""The embedded server: keeps what it was told, and never outlives whoever started it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from candor.store import embedded
from candor.store.embedded import EmbeddedServer, EmbeddedServerError

if TYPE_CHECKING:
    from collections.abc import Callable

STARTS_ONE = """
import sys, time
from pathlib import Path
from candor.store.embedded import EmbeddedServer
server = EmbeddedServer(Path(sys.argv[1]))
server.start()
print(server.pid, flush=True)
time.sleep(60)
"""
WATCHES = "import sys; from store.die_with_parent import watch; sys.exit(watch(tuple(sys.argv[1:])))"


def until(condition: Callable[[], bool]) -> None:
    """Wait for the condition."""
    deadline_s = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline_s
        time.sleep(0.02)


def runs(pid: int) -> bool:
    """Whether the process exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_stopped_server_has_kept_what_it_was_told(tmp_path: Path) -> None:
    for value in (None, b"kept"):
        with EmbeddedServer(tmp_path) as server, Redis.from_url(server.url) as redis:
            assert redis.get("word") == value
            redis.set("word", "kept")


def test_a_killed_server_has_kept_what_it_acknowledged(tmp_path: Path) -> None:
    with EmbeddedServer(tmp_path) as server, Redis.from_url(server.url) as redis:
        redis.set("word", "kept")
        os.kill(server.pid, signal.SIGKILL)
        until(lambda: server.pid is None)
        server.start()
        assert redis.get("word") == b"kept"


def test_it_listens_on_no_port_and_on_a_socket_of_this_user_alone(tmp_path: Path) -> None:
    with EmbeddedServer(tmp_path) as server, Redis.from_url(server.url) as redis:
        assert redis.config_get("port") == {"port": "0"}
        assert (tmp_path / "valkey.sock").stat().st_mode & 0o077 == 0


def test_it_never_evicts_and_logs_every_write(tmp_path: Path) -> None:
    with EmbeddedServer(tmp_path) as server, Redis.from_url(server.url) as redis:
        options = redis.config_get("maxmemory-policy", "appendonly", "appendfsync")
    assert options == {"maxmemory-policy": "noeviction", "appendonly": "yes", "appendfsync": "always"}


def test_a_folder_with_a_long_name_has_its_socket_elsewhere_until_the_server_stops(tmp_path: Path) -> None:
    server = EmbeddedServer(tmp_path / ("long" * 25))
    for _ in range(2):
        with server, Redis.from_url(server.url) as redis:
            assert redis.ping()
            folder = Path(redis.config_get("unixsocket")["unixsocket"]).parent
            assert folder.stat().st_mode & 0o077 == 0
        assert not folder.exists()


def test_a_stopped_server_answers_no_more(tmp_path: Path) -> None:
    with EmbeddedServer(tmp_path) as server:
        url = server.url
    with Redis.from_url(url) as redis, pytest.raises(RedisConnectionError):
        redis.ping()


def test_it_dies_with_a_killed_parent(tmp_path: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", STARTS_ONE, str(tmp_path)], stdout=subprocess.PIPE)
    with parent:
        server = int(parent.stdout.readline())
        assert runs(server)
        parent.kill()
    until(lambda: not runs(server))


def test_where_the_kernel_does_not_tell_a_closed_pipe_ends_the_command() -> None:
    watching = [sys.executable, "-c", WATCHES, sys.executable, "-c", "import time; time.sleep(60)"]
    with subprocess.Popen(watching, stdin=subprocess.PIPE) as watcher:
        watcher.stdin.close()
        assert watcher.wait(20) == -signal.SIGKILL % 256 or watcher.returncode != 0


def test_a_second_server_on_the_same_directory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "LOCK_WAIT_S", 0.1)
    with EmbeddedServer(tmp_path), pytest.raises(EmbeddedServerError, match="another process"):
        EmbeddedServer(tmp_path).start()


def test_a_server_that_can_not_start_says_what_it_logged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = EmbeddedServer(tmp_path)
    monkeypatch.setattr(server, "_options", lambda: ["--no-such-option", "1"])
    with pytest.raises(EmbeddedServerError, match="no-such-option"):
        server.start()


def test_a_directory_with_a_long_name_will_do(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 20) / ("name" * 20)
    with EmbeddedServer(folder) as server, Redis.from_url(server.url) as redis:
        assert redis.ping()


def test_a_folder_put_in_the_place_of_the_one_in_use_is_noticed(tmp_path: Path) -> None:
    folder = tmp_path / "valkey"
    with EmbeddedServer(folder) as server:
        assert not server.is_displaced
        shutil.copytree(folder, tmp_path / "back-up", ignore=shutil.ignore_patterns("*.sock"))
        folder.rename(tmp_path / "before")
        assert server.is_displaced
        shutil.copytree(tmp_path / "back-up", folder)
        assert server.is_displaced
        shutil.rmtree(folder)
        (tmp_path / "before").rename(folder)
        assert not server.is_displaced
