"""Values as data frames, databases and spreadsheets write them, turned into what a record holds."""

from __future__ import annotations

import contextlib
import json
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from candor.scoring.activity import RECORD_TYPES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_TEXTS = ("id", "actor", "object", "target_actor", "content", "name", "bio", "url", "via")
_WORDS = ("type", "visibility", "kind")
_WHOLE = ("followers",)
_SAFE_INTEGER = 2**53
_EPOCH_UNITS = ((10**11, 1), (10**14, 10**3), (10**17, 10**6), (10**20, 10**9))
_LEAST_EPOCH = 10**8
"""Seconds, in 1973: what is less counts days, as spreadsheets and R do."""
_DIGITS = re.compile(r"\d{9,19}(?:\.\d+)?|\d\.\d+[eE]\+?\d{1,2}")
_ZONE_NAME = re.compile(r"\s*(?:UTC|GMT|Z)$", re.IGNORECASE)
_OFFSET = re.compile(r"\s+([+-]\d{2}(?::?\d{2})?)$")
_MONTH = re.compile(r"\b\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d", re.IGNORECASE)
_JAVASCRIPT = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d\d) (\d{4} \d\d:\d\d:\d\d) GMT([+-]\d{4})(?: \(.*\))?")
_ZONE_BESIDE = re.compile(r"(?:(?<=[Zz])|(?<=[+-]\d\d:\d\d)|(?<=[+-]\d{4}))\[[\w/+-]+\]$")
"""A zone's name behind an offset, as Java and Temporal write it (RFC 9557)."""
_CLOCK = r"(?P<hour>\d\d?):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.\d+)?)?(?:[ \u202f]?(?P<half>[AaPp])\.?[Mm]\.?)?"
_DAY_FIRST = r"(?P<day>\d\d?)[ -](?P<month>[A-Za-z]{3,9})\.?,?[ -](?P<year>\d{4}|\d\d)"
_MONTH_FIRST = r"(?P<month_>[A-Za-z]{3,9})\.? (?P<day_>\d\d?)(?:st|nd|rd|th)?,? (?P<year_>\d{4})"
_WORDED = re.compile(rf"(?:[A-Za-z]{{3,9}},? )?(?:{_DAY_FIRST}|{_MONTH_FIRST})(?:,?(?: at)?[ T]+{_CLOCK})?")
"""With the month in English: 5-Jan-26, January 5, 2026 1:05 PM."""
_CTIME = re.compile(
    r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) +(\d\d?) (\d\d:\d\d:\d\d) (?:([+-]\d{4}) (\d{4})|(\d{4}) ([+-]\d{4}))"
)
"""As X and git write times: Mon Jan 05 10:00:00 +0000 2026, Mon Jan 5 10:00:00 2026 +0100."""
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_REST_OF_MONTHS = frozenset(
    ("", "uary", "ruary", "ch", "il", "e", "y", "ust", "tember", "t", "ober", "ember")  # january, february, sept …
)
_SPREADSHEET = re.compile(
    r"(?:(?P<year>\d{4})[/.-](?P<month>\d\d?)[/.-](?P<day>\d\d?)|(?P<day_>\d\d?)\.(?P<month_>\d\d?)\.(?P<year_>\d{4}))"
    r"(?:,?[ T]+(?P<hour>\d\d?):(?P<minute>\d\d)(?::(?P<second>\d\d))?)?"
)
"""As spreadsheets write times where the order of day and month is beyond doubt: of 1/5/2026 the column tells."""
_BOOLEANS: Mapping[object, bool] = {
    **dict.fromkeys(("true", "1", "yes", "t"), True),
    **dict.fromkeys(("false", "0", "no", "f"), False),
}
_SEPARATORS = re.compile(r"[|;,<>\t\r\n]+")
_QUOTED = re.compile(r"""'([^']*)'|"([^"]*)\"""")
_HASHTAG = re.compile(r"#[^#,;|<>]+")


def put_right(record: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
    """Return a record with values of our types where they can be read as such, and whether its time had no zone.

    Numbers that are ids or names become text, 1.0 as 1; times may be seconds, milli-, micro- or nanoseconds since 1970,
    or lack their zone, which is UTC then; a day is its first moment. What cannot be read stays as it is.
    """
    found = {name: _bare(value) for name, value in record.items()}
    for names, read in _READERS:
        for name in names:
            if found.get(name) is not None:
                with contextlib.suppress(ValueError, OverflowError, TypeError):
                    found[name] = read(found[name])
    time, has_zone = time_of(found.get("published"))
    if time is not None:
        found["published"] = time
    return found, time is not None and not has_zone


def with_whole_numbers(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record in which 12.0 stands as 12 where a whole number is meant, as both are one to JSON Schema."""
    return {name: _whole(value) if name in _WHOLE and type(value) is float else value for name, value in record.items()}


def _bare(value: object) -> object:
    """Return what MongoDB wraps to say of which type it is, as in {"$date": …}."""
    while isinstance(value, dict) and len(value) == 1 and str(name := next(iter(value))).startswith("$"):
        value = value[name]
    return value


def _text(value: object) -> object:
    if isinstance(value, float) and value.is_integer() and abs(value) < _SAFE_INTEGER:
        return str(int(value))
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _word(value: object) -> object:
    """Lower the case of one of our own words, and of no other: a word of the source stays to be named as it is."""
    lowered = value.strip().lower() if isinstance(value, str) else value
    return lowered if lowered in {*RECORD_TYPES, "public", "unlisted", "private", "person", "bot"} else value


def _number(value: object) -> object:
    return float(value) if isinstance(value, str | bool) else value


def _whole(value: object) -> object:
    number = _number(value)
    return int(number) if isinstance(number, float) and number.is_integer() else value


def _flag(value: object) -> object:
    return value if isinstance(value, bool) else _BOOLEANS.get(str(value).strip().lower(), value)


def _tags(value: object) -> object:
    """Read tags from one text: a list in JSON or Python, <a><b>, |a|b|, with commas or semicolons between, or #a #b.

    Other blanks are part of a tag: one that is called "Fruit trees" is not two.
    """
    if isinstance(value, list):
        return [_text(tag) for tag in value]
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text.startswith("["):
        with contextlib.suppress(ValueError):
            return [_text(tag) for tag in json.loads(text)]
        quoted = [one or other for one, other in _QUOTED.findall(text)]
        return quoted or _parts(text.strip("[]"))
    words = text.split()
    return [tag.lstrip("#") for tag in (words if all(map(_HASHTAG.fullmatch, words)) else _parts(text))]


def _parts(text: str) -> list[str]:
    return [part.strip() for part in _SEPARATORS.split(text) if part.strip()]


def time_of(value: object) -> tuple[datetime | None, bool]:
    """Return a time and whether it says where it is; None where it cannot be read."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return (_since_1970(value) if abs(value) >= _LEAST_EPOCH else None), True
    if not isinstance(value, str):
        return None, True
    if _DIGITS.fullmatch(text := value.strip()):
        return _since_1970(float(text)), True
    return _written_time(text)


def _written_time(text: str) -> tuple[datetime | None, bool]:
    text = _ZONE_BESIDE.sub("", text)
    bare = _OFFSET.sub(r"\1", _ZONE_NAME.sub("", text))
    try:
        time = datetime.fromisoformat(bare)
    except ValueError:
        return _spreadsheet_time(text)
    return (time, True) if time.tzinfo else (time.replace(tzinfo=UTC), bare != text)


def _spreadsheet_time(text: str) -> tuple[datetime | None, bool]:
    found = _SPREADSHEET.fullmatch(text)
    if found is None:
        return _worded_time(text)
    numbers = {name.rstrip("_"): int(digits) for name, digits in found.groupdict().items() if digits}
    try:
        return datetime(**numbers, tzinfo=UTC), False
    except ValueError:
        return None, True


def _worded_time(text: str) -> tuple[datetime | None, bool]:
    """Read a time whose month is a word in English."""
    if (found := _WORDED.fullmatch(text)) is None:
        mailed = _CTIME.sub(r"\2 \1 \5\6 \3 \4\7", _JAVASCRIPT.sub(r"\2 \1 \3 \4", text))
        return _mailed_time(mailed)
    told = {name.rstrip("_"): part for name, part in found.groupdict().items() if part}
    month, year, hour = told["month"].lower(), told["year"], int(told.get("hour", "0"))
    if month[:3] not in _MONTHS or month[3:] not in _REST_OF_MONTHS:
        return None, True
    if half := told.get("half"):
        hour = hour % 12 + (12 if half in "pP" else 0)
    try:
        day = (int(f"20{year}" if len(year) == len("26") else year), _MONTHS.index(month[:3]) + 1, int(told["day"]))
        return datetime(*day, hour, int(told.get("minute", "0")), int(told.get("second", "0")), tzinfo=UTC), False
    except ValueError:
        return None, True


def _mailed_time(text: str) -> tuple[datetime | None, bool]:
    """Read a time as mail and HTTP write it (RFC 5322, RFC 9110)."""
    if not text[-1:].isalnum() or not _MONTH.search(text):
        return None, True
    try:
        time = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None, True
    return (time, True) if time.tzinfo else (time.replace(tzinfo=UTC), False)


def _since_1970(number: float) -> datetime | None:
    for limit, unit in _EPOCH_UNITS:
        if abs(number) < limit:
            seconds, rest = divmod(number, unit)
            try:
                return datetime.fromtimestamp(seconds, UTC).replace(microsecond=round(rest * 10**6 / unit) % 10**6)
            except (ValueError, OverflowError, OSError):
                return None
    return None


_READERS: tuple[tuple[tuple[str, ...], Callable[[object], object]], ...] = (
    (_TEXTS, _text),
    (_WORDS, _word),
    (("value",), _number),
    (_WHOLE, _whole),
    (("consent",), _flag),
    (("tags",), _tags),
)
