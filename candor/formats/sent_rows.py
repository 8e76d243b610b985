"""Rows on their way from one system to another, in lines of their own: Elasticsearch's bulk, Singer and Airbyte."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from candor.formats.compression import UnreadableError
from candor.formats.lines import lines_of
from candor.formats.nested import decoded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_ACTION = re.compile(rb'\s*\{\s*"(index|create|update|delete)"\s*:\s*\{[^{}\n]*\}\s*\}\s*(?:\n|\Z)')
_CHANGED = (
    "this is a request to a search engine that changes or deletes what it was sent before: bring what its index holds "
    "now"
)
_DELETED = "the stream deletes what it held before: bring the table that comes of it"
_MESSAGE = re.compile(rb'\s*\{(?:[^\n]*,)?\s*"type"\s*:\s*"[A-Z_]{3,20}"')
_TYPES = frozenset({"RECORD", "SCHEMA", "STATE", "LOG", "TRACE", "SPEC", "CATALOG", "CONTROL", "ACTIVATE_VERSION"})
_BODIES = frozenset({"record", "schema", "value", "state", "log", "trace", "spec", "catalog", "control", "version"})
_DELETED_AT = ("_sdc_deleted_at", "_ab_cdc_deleted_at")


def rows_sent(head: bytes, chunks: Iterable[bytes], time: str) -> Iterator[dict[str, Any]] | None:
    """Return the rows in lines that say what is to be done with them, None where the first says nothing of that kind.

    `time` is the field that each row has which is a record. Raises UnreadableError where rows are deleted or changed.
    """
    if _ACTION.match(head):
        return _of_requests(chunks)
    if _MESSAGE.match(head) and _is_message(head):
        return _of_messages(chunks, time)
    return None


def _is_message(head: bytes) -> bool:
    line, newline, _ = head.lstrip().partition(b"\n")
    if (found := decoded(line)) is None:
        return not newline and b'"SCHEMA"' in line  # of a wide table it is longer than what is looked at
    return found.get("type") in _TYPES and not found.keys().isdisjoint(_BODIES)


def _of_requests(chunks: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """Yield what is to be indexed, with the id that the line before gives it. Raises UnreadableError."""
    told: dict[str, Any] | None = None
    for line in lines_of(chunks):
        if not line.strip():
            continue
        row = decoded(line)
        if told is not None:
            yield ({"id": told["_id"]} if told.get("_id") is not None else {}) | (row or {"": None})
            told = None
        elif row is not None and row.keys() & {"update", "delete"}:
            raise UnreadableError(_CHANGED)
        else:
            told = next((each for each in (row or {}).values() if isinstance(each, dict)), {})


def _of_messages(chunks: Iterable[bytes], time: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of those streams whose first row is a record. Raises UnreadableError."""
    streams: dict[object, bool] = {}
    for line in lines_of(chunks):
        message = decoded(line) or {}
        record = message.get("record") if message.get("type") == "RECORD" else None
        if not isinstance(record, dict):
            continue
        stream = message.get("stream", record.get("stream"))
        row = record["data"] if isinstance(record.get("data"), dict) and "stream" in record else record
        if any(row.get(name) for name in _DELETED_AT):
            raise UnreadableError(_DELETED)
        if streams.setdefault(stream, time in row):
            yield row
