"""Dates as 1/5/2026, where only the rest of the column tells day from month."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

T = TypeVar("T")
_SLASHED = re.compile(
    r"(?P<first>\d\d?)(?P<sign>[/-])(?P<second>\d\d?)(?P=sign)(?P<year>\d{4}|\d\d)"
    r"(?:,?[ T]+(?P<hour>\d\d?):(?P<minute>\d\d)(?::(?P<rest>\d\d)(?:\.\d+)?)?"
    r"(?:[ \u202f]?(?P<half>[AaPp])\.?[Mm]\.?)?)?"
)
_MONTHS, _LAST_DAY = 12, 31
_MOST_WAITING = 200_000
"""Rows that wait for one whose day is after the twelfth."""


def with_days_told(rows: Iterable[T], column: str) -> Iterator[T | dict[str, Any]]:
    """Yield rows with times like 1/5/2026 as 2026-05-01 or 2026-01-05, as others of the column have it.

    Where none tells, or they tell different things, times stay as they are. Rows of JSON are decoded where need be.
    """
    waiting: list[tuple[T, dict[str, Any], re.Match[str]]] = []
    day_first: bool | None = None
    for row in rows:
        found = _as_dict(row)
        match = _SLASHED.fullmatch(found[column].strip()) if found and isinstance(found.get(column), str) else None
        if found is None or match is None:
            yield row
            continue
        if day_first is None:
            day_first = _says_day_first(match)
            waiting.append((row, found, match))
            if day_first is None and len(waiting) < _MOST_WAITING:
                continue
        else:
            waiting.append((row, found, match))
        yield from (_told(*each, column, day_first=day_first) for each in waiting)
        waiting.clear()
    yield from (_told(*each, column, day_first=day_first) for each in waiting)


def is_in_doubt(row: object, column: str) -> bool:
    """Say whether the time of a row is written so that the day could be the month."""
    found = _as_dict(row)
    time = found.get(column) if found else None
    return isinstance(time, str) and _SLASHED.fullmatch(time.strip()) is not None


def _as_dict(row: object) -> dict[str, Any] | None:
    if isinstance(row, dict):
        return row
    if not isinstance(row, bytes):
        return None
    try:
        return msgspec.json.decode(row, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None


def _says_day_first(match: re.Match[str]) -> bool | None:
    """Say which of two numbers is the day; None where both could be, or the first of three be a year."""
    first, second = int(match["first"]) > _MONTHS, int(match["second"]) > _MONTHS
    if first == second or (first and len(match["year"]) == len("26")):
        return None
    return first


def _told(
    row: T, found: dict[str, Any], match: re.Match[str], column: str, *, day_first: bool | None
) -> T | dict[str, Any]:
    if day_first is None:
        return row
    day, month = (match["first"], match["second"]) if day_first else (match["second"], match["first"])
    if int(month) > _MONTHS or int(day) > _LAST_DAY:
        return row
    return {**found, column: f"{_year(match['year'])}-{int(month):02}-{int(day):02}{_clock(match)}"}


def _year(written: str) -> str:
    """Return a year, of two digits one of 1970 to 2069, as POSIX has it."""
    return written if len(written) > len("26") else f"{'20' if written < '70' else '19'}{written}"


def _clock(match: re.Match[str]) -> str:
    if match["hour"] is None:
        return ""
    hour = int(match["hour"])
    if match["half"]:
        hour = hour % _MONTHS + (_MONTHS if match["half"] in "pP" else 0)
    return f" {hour:02}:{match['minute']}:{match['rest'] or '00'}"
