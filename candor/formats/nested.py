"""Records and values inside other objects, as search engines, queues, databases and GraphQL hand rows out."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import msgspec

from candor.scoring.hidden_records import is_hidden, is_in_hidden_place
from candor.scoring.loose_values import missing

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

_LEAST_FIELDS = 2
_DEEPEST = 5
_DYNAMO = frozenset({"S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS"})
"""How DynamoDB says of which type each value is, and nothing else has as its only key."""
_NAN = re.compile(rb":\s*NaN\s*[,}]")
_SAYS_PRIVATE = ("visibility", "private", "is_private")
_PUBLIC = (None, "", "public", False, 0, "false", "False", "0")
ANSWER_HIDDEN = "the answer is hidden"
"""A field for rows of a question and its answer in objects of their own."""
_BEFORE, _AFTER = "before", "after"
"""What feeds of changes tell of a row: as it was, and as it is, which is null of a row that was deleted."""


def holds_record(row: dict[str, Any], fields: Collection[str], time: str) -> bool:
    """Say whether an object has a record somewhere in it: `time` and one more of the `fields` that records may have."""
    return next(_records_in(row, fields, time, {}), None) is not None


def inner_records(rows: Iterable[Any], fields: Collection[str], time: str) -> Iterator[Any]:
    """Yield the records in rows that are wrapped into objects; a row in which there is none stays as it is.

    A record without an id has that of the object around it, or of several side by side the key of each. What is private
    around a record makes it so.
    """
    for row in rows:
        found = None if (outer := decoded(row)) is None else list(_records_in(outer, fields, time, {}))
        yield from found or (row,)


def with_dotted(
    rows: Iterable[Any], names: Iterable[str], posts: Collection[str], answers: Collection[str] = ()
) -> Iterator[Any]:
    """Yield rows with what they hold under names such as `user.id` beside the rest, under that name.

    `posts` are those of them that say something of the post itself: what hides that may stand beside them. So are
    `answers` of the answer, where a row holds a question and its answer.
    """
    around = {name.partition(".")[0] for name in posts}
    of_answers = {name.partition(".")[0] for name in answers} - around
    paths = {name: name.split(".") for name in names}
    for row in rows:
        if (record := decoded(row)) is None:
            yield row
            continue
        found = {name: _value_at(record, path) for name, path in paths.items()}
        used = {path[0] for name, path in paths.items() if found[name] is not None}
        told = {name: value for name, value in found.items() if value is not None}
        if any(is_hidden_on_way(record, paths[name]) for name in posts if found.get(name) is not None) or any(
            is_in_hidden_place(name, record[name]) for name in used
        ):
            told["deleted"] = True
        if any(is_hidden(record[name]) for name in used & of_answers):
            told[ANSWER_HIDDEN] = True
        yield {name: value for name, value in record.items() if name not in used} | told


def is_hidden_on_way(value: Any, path: Iterable[str]) -> bool:  # noqa: ANN401 JSON
    """Say whether one of the objects says that it is hidden in which a part of a record stands."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
        if isinstance(value, dict) and is_hidden(value):
            return True
    return False


def _value_at(value: Any, path: Iterable[str]) -> Any:  # noqa: ANN401 JSON
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def dotted_names(record: Mapping[str, Any], deepest: int = 5) -> list[str]:
    """Return the names of what a record holds, and as `from.user.id` of what objects in it hold."""
    names: list[str] = []
    for name, value in record.items():
        inner = dotted_names(value, deepest - 1) if isinstance(value, dict) and deepest > 1 else []
        names += [f"{name}.{each}" for each in inner] or [name]
    return names


def decoded(row: object) -> dict[str, Any] | None:
    """Return a row as an object of JSON, None where it is none; NaN reads as null, as Python writes what is missing."""
    if isinstance(row, bytes):
        try:
            has_missing = b"NaN" in row and _NAN.search(row)
            row = json.loads(row, parse_constant=missing) if has_missing else msgspec.json.decode(row)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return None
    return row if isinstance(row, dict) else None


def _records_in(
    value: dict[str, Any], fields: Collection[str], time: str, outer: dict[str, Any], depth: int = _DEEPEST
) -> Iterator[dict[str, Any]]:
    hidden = {name: outer[name] for name in _SAYS_PRIVATE if name in outer}
    if time in value and len(value.keys() & set(fields)) >= _LEAST_FIELDS:
        yield {**outer, **{name: _plain(each) for name, each in value.items()}, **hidden}
        return
    hidden |= {name: value[name] for name in _SAYS_PRIVATE if value.get(name) not in _PUBLIC}
    inner = [(key, each) for key, each in value.items() if isinstance(each, dict) and depth]
    if _AFTER in value:
        inner = [(key, each) for key, each in inner if key != _BEFORE]
    named = next((value[name] for name in ("_id", "id") if isinstance(value.get(name), str | int)), None)
    for key, each in inner:
        told = {"id": named} if named is not None else {"id": key} if len(inner) > 1 else outer
        yield from _records_in(each, fields, time, {**told, **hidden}, depth - 1)


def has_types(record: dict[str, Any], time: str) -> bool:
    """Say whether a record writes its values as DynamoDB does, with the type of each."""
    return time in record and _plain(record[time]) is not record[time]


def without_types(rows: Iterable[Any]) -> Iterator[Any]:
    """Yield rows whose values have types beside them without those."""
    for row in rows:
        record = decoded(row)
        yield row if record is None else {name: _plain(value) for name, value in record.items()}


def _plain(value: Any) -> Any:  # noqa: ANN401 JSON
    """Return what DynamoDB writes with its type, as in {"S": "ada"}."""
    if not isinstance(value, dict) or len(value) != 1 or (kind := next(iter(value))) not in _DYNAMO:
        return value
    if kind == "NULL":
        return None
    return [_plain(each) for each in value[kind]] if kind == "L" else value[kind]
