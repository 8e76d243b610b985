"""Reads activity files for the lab; anything wrong in them ends the run."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import TYPE_CHECKING

from scoring.records import RecordReader

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scoring.activity import Activity


def read_activities(path: str, rename: Mapping[str, str] | None = None) -> list[Activity]:
    """Read NDJSON, gzipped where the name ends in .gz. Raises ValueError naming the first bad line."""
    reader = RecordReader(rename)
    with gzip.open(path) if path.endswith(".gz") else Path(path).open("rb") as lines:
        reader.feed(lines)
    if reader.bad:
        first = reader.bad[0]
        raise ValueError(f"line {first.line} of {path}: {first.pointer} {first.detail}")
    return reader.activities
