"""Rows of the table of speed: a figure beside a named reference in the same run, with the spread of their ratio."""

from __future__ import annotations

import os
import platform
import statistics
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

VERSIONS = ("numpy", "scipy", "msgspec", "flask", "gunicorn", "rq", "redis", "duckdb")


class Pair(msgspec.Struct, frozen=True):
    """What the reference and ours cost, one after the other; both in the same unit."""

    reference: float
    ours: float

    @property
    def ratio(self) -> float:
        """How many times the reference."""
        return self.ours / self.reference


class RowFigures(msgspec.Struct, frozen=True):
    """Medians of some rounds, the ratio's median with its least and most, and how busy the machine was meanwhile."""

    reference: float
    ours: float
    ratio: float
    least: float
    most: float
    rounds: int
    load: tuple[float, float]
    at: datetime

    @classmethod
    def of(cls, pairs: Sequence[Pair], load_before: float) -> RowFigures:
        """Sum some rounds up."""
        ratios = [pair.ratio for pair in pairs]
        return cls(
            reference=statistics.median(pair.reference for pair in pairs),
            ours=statistics.median(pair.ours for pair in pairs),
            ratio=statistics.median(ratios),
            least=min(ratios),
            most=max(ratios),
            rounds=len(pairs),
            load=(load_before, os.getloadavg()[0]),
            at=datetime.now(UTC).replace(microsecond=0),
        )


def measure(rounds: Callable[[], Sequence[Pair]]) -> RowFigures:
    """Measure a row."""
    load_before = os.getloadavg()[0]
    return RowFigures.of(rounds(), load_before)


def cpu_s(work: Callable[[], object]) -> float:
    """Return the CPU seconds that `work` takes in this process."""
    before = time.process_time()
    kept = work()
    taken = time.process_time() - before
    del kept  # what it made is freed when its time is known
    return taken


def in_turn(reference: Callable[[], float], ours: Callable[[], float], rounds: int) -> list[Pair]:
    """Measure both in turn."""
    return [Pair(reference(), ours()) for _ in range(rounds)]


def machine() -> str:
    """Say on what it was measured (Linux)."""
    cpu = next((line for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "?: unknown")
    memory = next((line for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), "?: 0 kB")
    gigabytes = int(memory.split()[1]) / 2**20
    return f"{cpu.partition(':')[2].strip()}, {os.cpu_count()} cores, {gigabytes:.0f} GB, Linux {platform.release()}"


def versions() -> str:
    """Say with what it was measured."""
    return ", ".join([f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in VERSIONS)])


def _lines(path: str) -> list[str]:
    return Path(path).read_text(encoding="utf-8").splitlines()
