"""Drafts: what a process writes before it is kept says whose it is, so that what a killed one left can go at once."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

DRAFT = ".part"
_OURS = re.compile(rf"(?:^|\.)([^.]+)~(\d+)(?:{re.escape(DRAFT)})?$")


def of_process() -> str:
    """Return how drafts of this process are called: by machine and number of the process."""
    return f"{_machine()}~{os.getpid()}"


def sweep(folders: Iterable[Path], pid: int | None = None) -> list[Path]:
    """Delete the drafts of a process of this machine that has ended, or of all that have; return what that was.

    Those of a process whose number is another's by now wait for the daily sweep.
    """
    gone = []
    for path in (path for folder in folders for path in _there(folder)):
        found = _OURS.search(path.name)
        if found is None or found[1] != _machine():
            continue
        if int(found[2]) == pid or (pid is None and not _is_alive(int(found[2]))):
            with contextlib.suppress(OSError):  # on a disk that cannot be written to, it waits for the daily sweep, too
                delete(path)
                gone.append(path)
    return gone


def _there(folder: Path) -> list[Path]:
    """Return what is in a folder; nothing where its disk does not answer: what is there waits for the daily sweep."""
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def delete(path: Path) -> None:
    """Delete what is there, whatever it is."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _machine() -> str:
    return re.sub(r"[^\w-]", "_", socket.gethostname())


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
