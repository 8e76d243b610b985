"""Tables in JSON: what their rows leave unsaid, what they write otherwise, and columns of their own."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from candor.formats.columns import LEAST_COLUMNS, field_named, other_columns, post_types, replied_in
from candor.formats.nested import decoded, has_types, holds_record, inner_records, with_dotted, without_types
from candor.scoring.activity import MAPPED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def posts_in(rows: Iterator[Any], ours: Mapping[str, str]) -> Iterator[Any]:
    """Yield rows of JSON with their type, where `ours` says which keys stand for fields and the first row has no type.

    Raises OtherColumnsError where the first has no two keys that are fields of ours or stand for them.
    """
    first, rows = _peek(rows)
    if (record := decoded(first)) is None:
        return rows
    known, time = {*MAPPED, *ours.values()}, ours.get("published", "published")
    if dotted := [name for name in ours.values() if "." in name and name not in record]:
        rows = with_dotted(rows, dotted)
    elif time not in record and holds_record(record, known, time):
        rows = inner_records(rows, known, time)
    elif has_types(record, time):
        rows = without_types(rows)
    first, rows = _peek(rows)
    record = decoded(first) or {}
    if len(record.keys() & known) < LEAST_COLUMNS:
        rows = (_in_our_letters(row, ours) for row in rows)
    elif not {"id", ours.get("id")} & record.keys() and "_id" in record:
        rows = _with_ids_of_mongodb(rows)
    first, rows = _peek(rows)
    record = decoded(first) or {}
    if len(record.keys() & known) < LEAST_COLUMNS:
        raise other_columns(map(str, record))
    replied = replied_in(list(record), ours) if MAPPED & ours.keys() else None
    return rows if replied is None else _typed(rows, replied, post_types(ours))


def _peek(rows: Iterator[Any]) -> tuple[Any, Iterator[Any]]:
    first = next(rows, None)
    return first, chain(() if first is None else (first,), rows)


def _in_our_letters(row: Any, ours: Mapping[str, str]) -> Any:  # noqa: ANN401 JSON
    """Return a row with fields of ours written as ours, where databases write them ID and ACTOR."""
    record = decoded(row)
    return row if record is None else {field_named(name, ours): value for name, value in record.items()}


def _with_ids_of_mongodb(rows: Iterator[Any]) -> Iterator[Any]:
    for row in rows:
        record = decoded(row)
        yield (
            row
            if record is None or "id" in record
            else {("id" if key == "_id" else key): record[key] for key in record}
        )


def _typed(rows: Iterator[Any], replied: str, types: tuple[str, str]) -> Iterator[Any]:
    reply, other = types
    for row in rows:
        if (record := decoded(row)) is None:
            yield row
            continue
        if record.get(replied) == "":  # as what came from a spreadsheet has it
            del record[replied]
        yield {"type": other if record.get(replied) is None else reply, **record}
