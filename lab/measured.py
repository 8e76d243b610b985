"""Measured: what `make evaluate` found out about a version of the method, as the file and the model card hold it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from lab.attack import Report as AttackReport
from lab.coverage import Coverage
from lab.evaluate import Report as AccuracyReport

if TYPE_CHECKING:
    from pathlib import Path


Part = Literal["accuracy", "intervals", "attacks"]


class Accuracy(msgspec.Struct, frozen=True):
    """One data set under one kind of root: a whole report for the first seed, and MAP by seed (plain score)."""

    data: str
    root: str
    report: AccuracyReport
    map_by_seed: tuple[float, ...]

    @property
    def map(self) -> float:
        """The mean over the seeds."""
        return sum(self.map_by_seed) / len(self.map_by_seed)


class Attacks(msgspec.Struct, frozen=True):
    """Every attack on one data set; `targets` in each third of activity."""

    data: str
    targets: int
    report: AttackReport


class Intervals(msgspec.Struct, frozen=True):
    """Coverage of the intervals on one data set under one root."""

    data: str
    root: str
    coverage: Coverage


class Measured(msgspec.Struct, frozen=True):
    """All figures of one version. `on` says by data set when they were measured, `lacks` names those without."""

    method: str
    digest: str
    command: str
    on: dict[str, str]
    lacks: tuple[str, ...]
    accuracy: tuple[Accuracy, ...] = ()
    attacks: tuple[Attacks, ...] = ()
    intervals: tuple[Intervals, ...] = ()

    def with_part(
        self, name: str, date: str, part: Part, new: tuple[Accuracy, ...] | tuple[Intervals, ...] | tuple[Attacks, ...]
    ) -> Measured:
        """Return these figures with a part of those of one data set replaced."""
        others = tuple(row for row in getattr(self, part) if row.data != name)
        on = dict(sorted({**self.on, name: date}.items()))
        lacks = tuple(lacking for lacking in self.lacks if lacking != name)
        return msgspec.structs.replace(self, on=on, lacks=lacks, **{part: (*others, *new)})


def read(path: Path) -> Measured | None:
    """Read a file of figures, or None where there is none yet."""
    return msgspec.json.decode(path.read_bytes(), type=Measured) if path.is_file() else None


def write(path: Path, measured: Measured) -> None:
    """Write the file, indented, floats to six places so that a diff stays readable."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(_rounded(msgspec.to_builtins(measured)))) + b"\n")


def _rounded(part: object) -> object:
    if isinstance(part, dict):
        return {name: _rounded(value) for name, value in part.items()}
    if isinstance(part, (list, tuple)):
        return [_rounded(value) for value in part]
    return round(part, 6) if isinstance(part, float) else part
