"""Parts: the real service as processes of its own, each of which can be killed, frozen and started again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

import requests
from redis import Redis

from candor.store.embedded import EmbeddedServer

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

WORKERS = 4
READY_S = 60.0
PATIENCE_S = 60.0


class Parts:
    """Valkey, interface and launcher in a folder. Whoever kills a part starts it again, as an init system would.

    A second machine is given the `server` of another and the address of their common `storage`.
    """

    def __init__(self, folder: Path, *, server: EmbeddedServer | None = None, storage: str | None = None) -> None:
        self.folder = folder
        self.server = server or EmbeddedServer(folder / "valkey")
        self.storage = storage
        self._is_alone = server is None
        self.url = f"http://127.0.0.1:{_free_port()}"
        self._log = (folder / "log").open("ab")
        self._api: subprocess.Popen[bytes] | None = None
        self._launcher: subprocess.Popen[bytes] | None = None
        self._old: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        if self._is_alone:
            self.server.start()
        self.start_api()
        self.start_launcher()
        try:
            self.until_ready()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End everything."""
        for process in (self._api, self._launcher, *self._old):
            if process is not None:
                _kill_group(process)
        if self._is_alone:
            self.server.stop()
        self._log.close()

    def lose(self) -> None:
        """End interface, launcher and workers at once, as when a machine loses its power."""
        for process in (self._api, self._launcher):
            if process is not None:
                _kill_group(process)

    def redis(self) -> Redis:
        """Return a connection past the service."""
        return Redis.from_url(self.server.url, socket_timeout=60)

    def start_api(self) -> None:
        """Start the interface, as `candor api` does."""
        self._api = self._start("-c", "from service.cli import main; main()", "api")

    def start_launcher(self) -> None:
        """Start the launcher, with workers that die where they are told to."""
        self._launcher = self._start("-m", "lab.chaos.trapped_worker")

    def kill_api(self) -> None:
        """End the interface with kill -9, its web processes too."""
        if self._api is not None:
            _kill_group(self._api)

    def kill_launcher(self) -> None:
        """End the launcher with kill -9 and leave its workers."""
        if self._launcher is not None:
            self._launcher.kill()
            self._launcher.wait()

    def kill_workers(self) -> int:
        """End all workers with kill -9; return how many."""
        workers = self.worker_pids()
        for pid in workers:
            os.kill(pid, signal.SIGKILL)
        return len(workers)

    def worker_pids(self) -> list[int]:
        """Return the processes of the workers."""
        if self._launcher is None:
            return []
        path = Path(f"/proc/{self._launcher.pid}/task/{self._launcher.pid}/children")
        return [int(pid) for pid in path.read_text().split()]

    def kill_server(self) -> None:
        """End Valkey with kill -9."""
        self.signal_server(signal.SIGKILL)
        until(lambda: self.server.pid is None)

    def signal_server(self, number: int) -> None:
        """Send Valkey a signal."""
        if (pid := self.server.pid) is not None:
            os.kill(pid, number)

    def stop_all(self) -> None:
        """Ask interface and workers to end, as a deployment does, without waiting for them."""
        for process in (self._api, self._launcher):
            if process is not None:
                process.terminate()
                self._old.append(process)

    def until_api_ended(self) -> None:
        """Wait until the interface told to stop has stopped: its port is free then."""
        if self._api is not None:
            self._api.wait(PATIENCE_S)

    def until_ready(self) -> None:
        """Wait until the service says that it can work."""
        until(self._ready, READY_S)

    def _ready(self) -> bool:
        try:
            answer = requests.get(f"{self.url}/readyz", timeout=5)
        except requests.RequestException:
            return False
        return answer.ok and answer.json()["workers"] >= WORKERS

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        environ = {
            "CANDOR_REDIS_URL": self.server.url,
            "CANDOR_DATA_DIR": str(self.folder),
            "CANDOR_PORT": self.url.rpartition(":")[2],
            "CANDOR_WORKERS": str(WORKERS),
            "CANDOR_LOG_FORMAT": "json",
            **({"CANDOR_STORAGE": self.storage} if self.storage else {}),
        }
        return subprocess.Popen(
            [sys.executable, *arguments],
            env={**os.environ, **environ},
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )


def until(condition: Callable[[], object], patience_s: float = PATIENCE_S) -> None:
    """Wait for a condition. Raises TimeoutError."""
    deadline_s = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > deadline_s:
            raise TimeoutError("it did not come about")
        time.sleep(0.05)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
