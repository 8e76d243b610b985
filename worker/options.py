"""The command line that the launcher and each of its workers share; workers are started with the launcher's own."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from store import Store, open_store
from store.models import Retention

if TYPE_CHECKING:
    from collections.abc import Sequence

RETENTION_DAYS = ("jobs_days", "documents_days", "evidence_days", "datasets_days", "answers_days")


@dataclass(frozen=True)
class Options:
    """Where things are kept and for how long, how many workers, whom to write to, and how long to wait at the end."""

    redis_url: str
    data_dir: Path
    workers: int
    contact: str | None
    grace_s: float
    retention: Retention

    def open_store(self, *, patient: bool) -> Store:
        """Open the store these options name."""
        return open_store(self.redis_url, self.data_dir, retention=self.retention, patient=patient)


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    arguments = argparse.ArgumentParser(prog="python -m worker", description="Run workers for Candor's jobs.")
    arguments.add_argument("--redis-url", required=True, help="redis://, rediss:// or unix:// address")
    arguments.add_argument("--data-dir", required=True, type=Path, help="directory of the data sets")
    arguments.add_argument("--workers", type=int, default=2, help="processes; at least two, one for each queue")
    arguments.add_argument("--contact", help="whom a person scored can write to; stands on every score")
    arguments.add_argument("--grace-s", type=float, default=10.0, help="seconds a job may take to finish at the end")
    for name in RETENTION_DAYS:
        default = getattr(Retention(), name)
        arguments.add_argument(f"--{name.replace('_', '-')}", type=int, default=default, help="days to keep them")
    return arguments


def parse(argv: Sequence[str]) -> Options:
    """Read the command line; argparse ends the process with a message when it is wrong."""
    values = vars(parser().parse_args(argv))
    kept = {name: values.pop(name) for name in RETENTION_DAYS}
    return Options(**values, retention=msgspec.convert(kept, Retention))
