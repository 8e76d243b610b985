"""CPU seconds of other processes, the most memory that this one had, and what is measured in one of its own."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

Measured = TypeVar("Measured")


def of_size(events: int, module: str, kind: type[Measured]) -> Measured:
    """Write a community of about so many events, and let a module measure it in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/community.columns"
        subprocess.run([sys.executable, "-m", "lab.speed.community", str(events), path], check=True)
        run = subprocess.run([sys.executable, "-m", module, path], check=True, stdout=subprocess.PIPE)
    return msgspec.json.decode(run.stdout, type=kind)


def cpu_seconds(pid: int, work: Callable[[], object]) -> float:
    """Return the CPU seconds that process `pid` spends while `work` runs (Linux)."""
    before = _spent(pid)
    work()
    return _spent(pid) - before


def peak_mb() -> float:
    """Return the most memory this process had resident so far, pages of mapped files included (Linux)."""
    return _status_mb("VmHWM:")


def own_mb() -> float:
    """Return what this process has resident now that is in no file (Linux)."""
    return _status_mb("RssAnon:")


def line_with(log: Path, words: str) -> str:
    """Wait for a line with these words in a log that is being written. Raises TimeoutError."""
    deadline_s = time.monotonic() + 60.0
    while time.monotonic() < deadline_s:
        if found := [line for line in log.read_text().splitlines() if words in line]:
            return found[0]
        time.sleep(0.05)
    raise TimeoutError(f"{log} has no line with {words}")


def _status_mb(field: str) -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith(field)) / 1024


def _spent(pid: int) -> float:
    return time.clock_gettime(
        ~pid << 3 | 2
    )  # the clock that clock_getcpuclockid(3) names: ticks of 10 ms are too coarse
