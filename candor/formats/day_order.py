"""Dates as 1/5/2026 and 1/5/26, where only the rest of the column tells what is the day, the month and the year."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar

import msgspec

from candor.formats.compression import UnreadableError
from candor.scoring.written_times import BEFORE_CLOCK, CLOCK, clock_of, with_half_behind, year_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

T = TypeVar("T")
Order: TypeAlias = Literal["dmy", "mdy", "ymd"]
_DATE = re.compile(
    r"(?P<one>\d\d?)(?P<sign>[/.-])(?P<two>\d\d?)(?P=sign)(?P<three>\d\d?|(?<!\.)\d{4})"
    rf"(?:{BEFORE_CLOCK}{CLOCK})?"
)
"""With dots and a year of four digits the day always comes first, so that these need no column."""
_MONTHS, _LAST_DAY = 12, 31
_LEAST_DAYS, _MANY_DAYS = 3, 10
"""So many different days tell them from years, and more where the year comes first, as hardly anybody writes it."""
_MOST_WAITING = 200_000
"""Rows that wait for one that tells."""
_MOST_WAITING_BYTES = 64 * 1024 * 1024


class DayUntoldError(UnreadableError):
    """A time that a table cannot do without could be of two days, and no row of its column tells which."""

    def __init__(self, written: str, column: str) -> None:
        super().__init__(
            f"no row tells what is the day of {written!r} in the column {column!r}: say day_first=true or "
            "day_first=false, or write the year first"
        )


class _Column:
    """What the dates of a column that were seen leave possible."""

    def __init__(self) -> None:
        self._possible: set[Order] = {"dmy", "mdy", "ymd"}
        self._is_dotted = False
        self._firsts: set[str] = set()
        self._thirds: set[str] = set()

    def see(self, date: re.Match[str]) -> None:
        """Leave out the orders in which this is no date."""
        self._possible = {order for order in self._possible if _is_possible(date, order)}
        self._is_dotted |= date["sign"] == "."
        self._firsts.add(date["one"])
        self._thirds.add(date["three"])

    def only_order(self) -> Order | None:
        """Return the order that is left; None where several are."""
        return next(iter(self._possible)) if len(self._possible) == 1 else None

    def likely_order(self, *, day_first: bool | None) -> Order | None:
        """Return the order once all is seen; None where nothing tells.

        Days vary more than years, and where dots are between the day comes first. `day_first` is what somebody says of
        dates that could be either.
        """
        said: Order = "dmy" if day_first else "mdy"
        if day_first is not None and said in self._possible:
            return said
        if self._possible != {"dmy", "ymd"}:
            return self.only_order()
        firsts, thirds = len(self._firsts), len(self._thirds)
        if self._is_dotted or (firsts >= _LEAST_DAYS and firsts >= thirds * 2):
            return "dmy"
        return "ymd" if thirds >= _MANY_DAYS and thirds >= firsts * 2 else None


def with_days_told(rows: Iterable[T], column: str, *, day_first: bool | None = None) -> Iterator[T | dict[str, Any]]:
    """Yield rows in their order, times like 1/5/2026 as 2026-05-01 or 2026-01-05, as others of the column have it.

    Where no row tells, as `day_first` says. Where nothing tells, times stay as they are, as do those that tell
    something else. Rows of JSON are decoded where need be.
    """
    waiting: list[T] = []
    size, seen = 0, _Column()
    order: Order | None = None
    for row in rows:
        if order is not None:
            yield _told(row, column, order)
            continue
        waiting.append(row)
        size += _size(row)
        if (date := _date_in(row, column)) is not None:
            seen.see(date)
            order = seen.only_order()
        if order is None and len(waiting) < _MOST_WAITING and size < _MOST_WAITING_BYTES:
            continue
        order = order or seen.likely_order(day_first=day_first)
        yield from (_told(each, column, order) for each in waiting)
        waiting.clear()
        size = 0
    order = order or seen.likely_order(day_first=day_first)
    yield from (_told(each, column, order) for each in waiting)


def is_in_doubt(row: object, column: str) -> bool:
    """Say whether the time of a row is written so that the day could be the month or the year."""
    return _date_in(row, column) is not None


def _size(row: object) -> int:
    """Return about how many bytes a row holds."""
    if isinstance(row, dict):
        return sum(len(each) for each in row.values() if isinstance(each, str))
    return len(row) if isinstance(row, bytes) else 0


def _date_in(row: object, column: str) -> re.Match[str] | None:
    value = found.get(column) if (found := _as_dict(row)) is not None else None
    if not isinstance(value, str):
        return None
    return _DATE.fullmatch(value) or _DATE.fullmatch(with_half_behind(value.strip()))


def _as_dict(row: object) -> dict[str, Any] | None:
    if isinstance(row, dict):
        return row
    if not isinstance(row, bytes):
        return None
    try:
        return msgspec.json.decode(row, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None


def _numbers(date: re.Match[str], order: Order) -> tuple[str, int, int]:
    """Return year, month and day in an order."""
    first, second, third = date["one"], date["two"], date["three"]
    if order == "ymd":
        return first, int(second), int(third)
    return (third, int(second), int(first)) if order == "dmy" else (third, int(first), int(second))


def _is_possible(date: re.Match[str], order: Order) -> bool:
    if order == "mdy" and date["sign"] == ".":
        return False
    year, month, day = _numbers(date, order)
    return len(year) != 1 and 1 <= month <= _MONTHS and 1 <= day <= _LAST_DAY


def _told(row: T, column: str, order: Order | None) -> T | dict[str, Any]:
    date = None if order is None else _date_in(row, column)
    if order is None or date is None or not _is_possible(date, order):
        return row
    year, month, day = _numbers(date, order)
    hour, minute, second = clock_of(date.groupdict())
    clock = f" {hour:02}:{minute:02}:{second:02}" if date["hour"] else ""
    return {**(_as_dict(row) or {}), column: f"{year_of(year)}-{month:02}-{day:02}{clock}"}
