"""Reads activity files for the lab; anything wrong in them ends the run."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from candor.scoring.records import RecordReader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from candor.scoring.activity import Activity


def read_activities(
    path: str, rename: Mapping[str, str] | None = None, only: tuple[str, str] | None = None
) -> list[Activity]:
    """Read NDJSON, gzipped where the name ends in .gz.

    `only` keeps the threads that begin with a record whose field has that value. Raises ValueError naming the first bad
    line.
    """
    reader = RecordReader(rename)
    chosen: set[str] = set()
    with gzip.open(path) if path.endswith(".gz") else Path(path).open("rb") as lines:
        reader.feed(lines if only is None else _noting(lines, only, chosen))
    if reader.bad:
        first = reader.bad[0]
        raise ValueError(f"line {first.line} of {path}: {first.pointer} {first.detail}")
    return reader.activities if only is None else _threads(reader.activities, chosen)


def _noting(lines: Iterable[bytes], only: tuple[str, str], chosen: set[str]) -> Iterator[bytes]:
    """Pass the lines on, and note the ids of those whose field has the value."""
    field, value = only
    decode = msgspec.json.Decoder(dict[str, object]).decode
    for line in lines:
        if value.encode() in line:
            record = decode(line)
            if str(record.get(field)) == value:
                chosen.add(str(record.get("id")))
        yield line


def _threads(activities: list[Activity], chosen: set[str]) -> list[Activity]:
    """Keep the records whose thread begins with a chosen one."""
    object_of = {record.id: record.object for record in activities}
    begins: dict[str | None, bool] = {}
    for record in activities:
        way: list[str | None] = []
        at = record.id
        while at not in begins and at not in way:
            way.append(at)
            above = object_of.get(at)
            if above is None or above not in object_of:
                begins[at] = at in chosen
                break
            at = above
        begins.update(dict.fromkeys(way, begins.get(at, False)))
    return [record for record in activities if begins[record.id]]
