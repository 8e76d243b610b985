"""Finds records in JSON that is neither lines nor one list: pages, objects by id, lists in lists, rows under way."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from candor.formats.columns import likely_columns
from candor.formats.compression import UnreadableError
from candor.formats.inner_lists import kind_of
from candor.formats.json_items import items_under, json_items, lists_of_objects, values_by_key
from candor.formats.lines import lines_of
from candor.formats.nested import decoded
from candor.formats.other_lists import records_in_lists
from candor.scoring.activity import TITLE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from typing import Any

LEAST_FIELDS = 2
_IN_ONE = 3
"""Brackets around the first record where one object holds the list of them."""
_TOKEN = re.compile(rb'("[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z))(\s*:)?|[\[\]{}]', re.DOTALL)
"""The brackets of JSON, and its texts, of which the last may have been cut off."""
_BY_ROWS = re.compile(
    rb'\s*\{\s*(?:"\w{1,40}"\s*:\s*(?:[\w.]+|"[^"]{0,40}"|\[\s*\]|\{\s*\})\s*,\s*){0,9}"columns"\s*:\s*\[[^\[\]{}]*+\]\s*,.*?"(data|rows)"\s*:\s*\[\s*\[',
    re.DOTALL,
)
"""As pandas writes with orient='split', and Discourse what its Data Explorer found."""
_NAMELESS = re.compile(rb"\s*\[\s*\[\s*[^\s\[{\]]")
_EMPTY = re.compile(rb'\s*\{(?:[^\[\]{}]*,)?\s*"\w{1,40}"\s*:\s*\[\s*\][^\[\]{}]*+\}\s*')
_IDS = {"_id", "id"}
_USUAL = frozenset({"data", "items", "records", "results", "rows", "value", "values", "activities", "entries"})


class _Open(NamedTuple):
    """A bracket that is open: where it stands, under which key, and the keys in it so far."""

    sign: bytes
    start: int
    key: str
    keys: set[str]


def wrapped_in(
    head: bytes, chunks: Iterable[bytes], fields: Collection[str], time: str
) -> Iterator[bytes | dict[str, Any]] | None:
    """Return the records in JSON where they are wrapped into something, None where they stand as they should.

    `fields` are those that records may have, of which `time` is one that each has. Raises UnreadableError.
    """
    if by_rows := _BY_ROWS.match(head):
        return _by_rows(chunks, by_rows[1].decode())
    if _NAMELESS.match(head):
        raise UnreadableError(
            "its rows are without the names of their columns: in pandas, write it with orient='records', lines=True"
        )
    if _EMPTY.fullmatch(head) and sum(f'"{field}"'.encode() in head for field in fields) < LEAST_FIELDS:
        return iter(())
    path = _path_of_first(head, fields, time)
    return None if path is None or len(path) < LEAST_FIELDS else _along(path, head, chunks, fields, time)


def _along(
    path: list[_Open], head: bytes, chunks: Iterable[bytes], fields: Collection[str], time: str
) -> Iterator[bytes | dict[str, Any]] | None:
    """Return the records that stand in such brackets, None where they stand as they should. Raises UnreadableError."""
    if path[0].sign == path[1].sign == b"[":
        return _flat(json_items(chunks))
    if not _has_fields(path[-1].keys, fields, time):
        return records_in_lists(chunks, fields, time)
    if (threads := _of_threads(path, chunks, time)) is not None:
        return threads
    while path[-2].sign == b"{" and any(each.sign == b"[" for each in path[:-2]):
        path.pop()  # as what is wrapped are the items of a list
    above = path[-2]
    if above.sign == b"{":
        is_row = bool(above.keys & _IDS)  # which a row around a record has, and an object of records by their ids not
        return None if is_row else _by_key(chain([head[above.start + 1 :]], _behind(head, chunks)))
    if all(each.sign == b"[" for each in path[:-1]):
        return _flat(json_items(chunks)) if len(path) > LEAST_FIELDS else None
    return _in_lists(chunks, above.key, time)


def _of_threads(path: list[_Open], chunks: Iterable[bytes], time: str) -> Iterator[bytes | dict[str, Any]] | None:
    """Return the outermost objects around such brackets where posts stand in others or in threads; None elsewhere."""
    lists = [each for each in path[:-1] if each.sign == b"["]
    if len(path) < _IN_ONE or path[-2].sign != b"[" or path[-3].sign != b"{":
        return None
    if len(lists) > 1 and path[0].sign == b"{":
        return _in_lists(chunks, lists[0].key, time)
    if not _is_thread(path[-3], path[-2].key) or (len(lists) == 1 and len(path) > _IN_ONE):
        return None
    return _of_thread(chunks, path[1].key) if len(lists) == 1 else json_items(chunks)


def _is_thread(around: _Open, name: str) -> bool:
    """Say whether an object is a thread with posts in it, or another thing that they belong to: not a page of them."""
    return (
        around.sign == b"{"
        and kind_of(name) is not None
        and not {TITLE, "content"}.isdisjoint(likely_columns(around.keys))
    )


def _of_thread(chunks: Iterable[bytes], name: str) -> Iterator[bytes | dict[str, Any]]:
    """Yield the one thread that a file holds once for each of its posts, with what stands before the list of these."""
    before, items = items_under(chunks, name)
    for item in items:
        found = decoded(item)
        yield item if found is None else {**before, name: [found]}


def _path_of_first(head: bytes, fields: Collection[str], time: str) -> list[_Open] | None:
    """Return the brackets around the outermost thing that looks like a record in the first value of a text.

    Where nothing does, those around the first object in a list, if what holds the list is all there is.
    """
    best: list[_Open] | None = None
    other: list[_Open] | None = None
    root: set[str] = set()
    end = len(head)
    for path, is_whole, place in _brackets(head):
        root = path[0].keys
        if not is_whole:
            is_listed = [each.sign for each in path[-2:]] == [b"[", b"{"]
            other = path.copy() if other is None and is_listed else other
            continue
        best = _better(best, path, fields, time)
        if best is not None and len(best) <= LEAST_FIELDS and best[0].sign == b"[":
            return best
        end = place if len(path) == 1 else end
    is_alone = not head[end:].strip(b" \t\r\n,]")
    if best is not None:
        is_usual = len(best) > 1 and best[-2].sign == b"[" and best[-2].key in _USUAL
        return best if is_alone or len(best) == 1 or is_usual or best[0].sign == b"[" else None
    is_ours = len(root.intersection(fields)) >= LEAST_FIELDS
    is_wrapped = other is not None and (other[0].sign == b"{" or len(other) > LEAST_FIELDS)
    return other if is_wrapped and is_alone and not is_ours else None


def _brackets(head: bytes) -> Iterator[tuple[list[_Open], bool, int]]:
    """Yield the brackets that are open in a first value, at each that opens and, whole, at each that closes.

    What the text does not close is as good as whole.
    """
    path: list[_Open] = []
    key = ""
    for found in _TOKEN.finditer(head):
        text, names = found.groups()
        if text is not None:
            key = _text(text) if names else ""
            if names and path:
                path[-1].keys.add(key)
        elif found[0] in b"[{":
            path.append(_Open(found[0], found.start(), key, set()))
            yield path, False, found.end()
        elif path:
            yield path, True, found.end()
            path.pop()
            if not path:
                return
    while path:
        yield path, True, len(head)
        path.pop()


def _better(best: list[_Open] | None, path: list[_Open], fields: Collection[str], time: str) -> list[_Open] | None:
    is_record = path[-1].sign == b"{" and _has_fields(path[-1].keys, fields, time)
    return path.copy() if is_record and (best is None or len(path) < len(best)) else best


def _has_fields(keys: set[str], fields: Collection[str], time: str) -> bool:
    return time in keys and len(keys.intersection(fields)) >= LEAST_FIELDS


def _text(quoted: bytes) -> str:
    try:
        return msgspec.json.decode(quoted, type=str)
    except (msgspec.DecodeError, UnicodeError):
        return ""


def _behind(head: bytes, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what follows the first bytes."""
    left = len(head)
    for chunk in chunks:
        if len(chunk) > left:
            yield chunk[left:]
        left = max(0, left - len(chunk))


def _by_rows(chunks: Iterable[bytes], name: str) -> Iterator[dict[str, Any]]:
    before, rows = items_under(chunks, name)
    names = before["columns"]
    for row in rows:
        cells = msgspec.json.decode(row, type=list[object])
        yield {str(name): cell for name, cell in zip(names, cells, strict=False) if cell is not None}


def _by_key(chunks: Iterable[bytes]) -> Iterator[bytes | dict[str, Any]]:
    """Yield records by their keys, which are their ids where they say no other."""
    for key, value in values_by_key(chunks):
        try:
            yield {"id": key, **msgspec.json.decode(value, type=dict[str, object])}
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            yield value


def _flat(items: Iterator[bytes], depth: int = 3) -> Iterator[bytes]:
    """Yield what lists in lists hold; what lies deeper stays a list, for the reader to name."""
    for item in items:
        if item[:1] != b"[" or not depth:
            yield item
        else:
            yield from _flat(json_items([item]), depth - 1)


def _in_lists(chunks: Iterable[bytes], chosen: str, time: str) -> Iterator[bytes]:
    """Yield the items of each list of records, and of the one that was chosen; others hold something else."""
    for name, items in lists_of_objects(chunks):
        first = next(items, b"")
        if name == chosen or _has(first, time):
            yield from chain([first], items)


def _has(item: bytes, time: str) -> bool:
    try:
        return time in msgspec.json.decode(item, type=dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return False


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
