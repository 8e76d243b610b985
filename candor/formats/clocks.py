"""Tables that have the day in one column and the time of day in another, as chats and sheets typed by hand have it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from candor.formats.column_words import fold_column, part_words
from candor.formats.nested import decoded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_CLOCK = re.compile(r"(\d{1,2})[:.hH](\d\d)(?:[:.](\d\d)(?:[.,]\d+)?)?(\s?[ap]\.?\s?m\.?)?", re.IGNORECASE)
_MIDNIGHT = re.compile(r"[T ]00:00(?::00(?:\.0+)?)?$")
"""What spreadsheets write behind a day."""
_HAS_CLOCK = re.compile(r"\d[:hH]\d\d|\d{9}")


def clock_column(rows: Iterable[Any], ours: Mapping[str, str]) -> str | None:
    """Return the column that tells the time of day where the one for `published` tells days alone; None without one."""
    records = [record for row in rows if (record := decoded(row)) is not None]
    names = dict.fromkeys(name for record in records for name in record)
    clocks = [name for name in names if name not in ours.values() and fold_column(name) in part_words("clock")]
    day = ours.get("published", "published")
    found = [record for record in records if isinstance(record.get(day), str)]
    if not clocks or not found or any(_HAS_CLOCK.search(_MIDNIGHT.sub("", record[day])) for record in found):
        return None
    return next((name for name in clocks if all(_clock(record.get(name)) for record in found)), None)


def with_clocks(rows: Iterable[Any], column: str, ours: Mapping[str, str]) -> Iterator[Any]:
    """Yield rows with the time of day behind the day that they were published."""
    day = ours.get("published", "published")
    for row in rows:
        record = decoded(row)
        if record is None or not isinstance(record.get(day), str) or (clock := _clock(record.get(column))) is None:
            yield row
        else:
            told = {name: value for name, value in record.items() if name != column}
            yield {**told, day: f"{_MIDNIGHT.sub('', record[day])} {clock}"}


def _clock(cell: object) -> str | None:
    found = _CLOCK.fullmatch(cell.strip()) if isinstance(cell, str) else None
    if found is None:
        return None
    hour, minute, second, half = found.groups()
    return f"{hour:0>2}:{minute}:{second or '00'}{half or ''}"
