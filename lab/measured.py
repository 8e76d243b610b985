"""Measured: reads and writes the file of what `make evaluate` found out about the method."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from candor.scoring.published import Measured, MeasuredAccuracy, MeasuredAttacks, MeasuredIntervals

if TYPE_CHECKING:
    from pathlib import Path

Part = Literal["accuracy", "intervals", "attacks"]
Rows = tuple[MeasuredAccuracy, ...] | tuple[MeasuredIntervals, ...] | tuple[MeasuredAttacks, ...]


def with_part(figures: Measured, name: str, date: str, part: Part, new: Rows) -> Measured:
    """Return the figures with a part of those of one data set replaced."""
    others = tuple(row for row in getattr(figures, part) if row.data != name)
    on = dict(sorted({**figures.on, name: date}.items()))
    lacks = tuple(lacking for lacking in figures.lacks if lacking != name)
    return msgspec.structs.replace(figures, on=on, lacks=lacks, **{part: (*others, *new)})


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
