"""Reads the JSON of dumps one thing at a time: lines, arrays, tables, and lists in an object."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from candor.formats.dumps.dump import chunks_of
from candor.formats.json_items import items_under
from candor.formats.rows import records_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


def objects_in(path: Path) -> Iterator[Any]:
    """Yield what NDJSON, a JSON array, CSV or Parquet holds, one after the other, as `read_item` takes it."""
    with chunks_of(path) as chunks:
        yield from things_in(chunks)


def things_in(chunks: Iterable[bytes]) -> Iterator[Any]:
    """Yield what a text or a Parquet file holds, as `objects_in`."""
    for each in records_in(chunks, sys.maxsize, any_table=True):
        if not isinstance(each, bytes):
            yield each
        elif each.strip():
            yield msgspec.Raw(each)


@contextmanager
def listed_in(path: Path, name: str) -> Iterator[tuple[dict[str, Any], Iterator[Any]]]:
    """Give what stands before a list in a JSON object, as far as it can be read, and the list's items one by one."""
    with chunks_of(path) as chunks:
        before, items = items_under(chunks, name)
        yield before, (msgspec.Raw(item) for item in items)
