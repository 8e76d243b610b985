"""Tables of posts in JSON: what their rows leave unsaid, and columns of their own."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import msgspec

from candor.formats.columns import LEAST_COLUMNS, OtherColumnsError, post_types, replied_in
from candor.scoring.activity import MAPPED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def posts_in(rows: Iterator[Any], ours: Mapping[str, str]) -> Iterator[Any]:
    """Yield rows of JSON with their type, where `ours` says which keys stand for fields and the first row has no type.

    Raises OtherColumnsError where the first has no two keys that are fields of ours or stand for them.
    """
    first = next(rows, None)
    rows = chain(() if first is None else (first,), rows)
    if (record := decoded(first)) is None:
        return rows
    if len(record.keys() & {*MAPPED, *ours.values()}) < LEAST_COLUMNS:
        raise OtherColumnsError([str(name) for name in record])
    replied = replied_in(list(record), ours) if MAPPED & ours.keys() else None
    return rows if replied is None else _typed(rows, replied, post_types(ours))


def decoded(row: object) -> dict[str, Any] | None:
    """Return a row as an object of JSON, None where it is none."""
    if isinstance(row, bytes):
        try:
            row = msgspec.json.decode(row)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            return None
    return row if isinstance(row, dict) else None


def _typed(rows: Iterator[Any], replied: str, types: tuple[str, str]) -> Iterator[Any]:
    reply, other = types
    for row in rows:
        if (record := decoded(row)) is None:
            yield row
            continue
        if record.get(replied) == "":  # as what came from a spreadsheet has it
            del record[replied]
        yield {"type": other if record.get(replied) is None else reply, **record}
