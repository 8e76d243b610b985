"""CPU seconds of other processes, and ratios that stand on several rounds."""

from __future__ import annotations

import os
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int, work: Callable[[], object]) -> float:
    """Return the CPU seconds that process `pid` spends while `work` runs (Linux)."""
    before = _spent(pid)
    work()
    return _spent(pid) - before


def peak_mb() -> float:
    """Return the most memory this process had resident so far, pages of mapped files included (Linux)."""
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) / 1024


def line_with(log: Path, words: str) -> str:
    """Wait for a line with these words in a log that is being written. Raises TimeoutError."""
    deadline_s = time.monotonic() + 60.0
    while time.monotonic() < deadline_s:
        if found := [line for line in log.read_text().splitlines() if words in line]:
            return found[0]
        time.sleep(0.05)
    raise TimeoutError(f"{log} has no line with {words}")


def median_ratio(reference: Callable[[], float], ours: Callable[[], float], rounds: int) -> tuple[float, float, float]:
    """Return the medians of both, taken in turn, and the median of their ratios."""
    pairs = [(reference(), ours()) for _ in range(rounds)]
    return (
        statistics.median(pair[0] for pair in pairs),
        statistics.median(pair[1] for pair in pairs),
        statistics.median(pair[1] / pair[0] for pair in pairs),
    )


def _spent(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS
