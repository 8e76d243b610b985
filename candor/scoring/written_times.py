"""Times as data frames, databases, spreadsheets, mail and forums write them, in many languages and time zones."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from candor.scoring.words import fold

if TYPE_CHECKING:
    from collections.abc import Mapping


def iso_time(text: str) -> datetime:
    """Read a date or time that somebody gives us, as ISO 8601 writes it, in UTC where it says no other zone.

    Raises ValueError, OverflowError.
    """
    found = datetime.fromisoformat(text)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


_HOURS = {
    "WET": 0,
    **dict.fromkeys(("CET", "WEST"), 1),
    **dict.fromkeys(("CEST", "EET"), 2),
    **dict.fromkeys(("EEST", "MSK"), 3),
    **dict.fromkeys(("EST", "CDT"), -5),
    **dict.fromkeys(("CST", "MDT"), -6),
    **dict.fromkeys(("MST", "PDT"), -7),
    "JST": 9,
    "EDT": -4,
    "PST": -8,
}
"""Zones by the letters that RFC 5322 and the zones of Europe, Moscow and Japan have; others stand for several."""
_BEHIND = re.compile(r"(?P<time>.*\d.*?)\s*[\s(\[](?P<zone>[A-Za-z]+(?:/[\w+-]+)+|[A-Z]{3,4})[)\]]?")


def zone_named(text: str) -> tuple[str, tzinfo | None]:
    """Return a time without the name of a zone behind it, and the zone; the whole text where there is none."""
    found = _BEHIND.fullmatch(text)
    zone = found and _zone(found["zone"])
    return (found["time"], zone) if found and zone else (text, None)


def _zone(name: str) -> tzinfo | None:
    if (hours := _HOURS.get(name)) is not None:
        return timezone(timedelta(hours=hours))
    try:
        return ZoneInfo(_zones()[name.lower()]) if "/" in name else None
    except (KeyError, ZoneInfoNotFoundError):
        return None


@cache
def _zones() -> dict[str, str]:
    return {name.lower(): name for name in available_timezones()}


CLOCK = (
    r"(?P<hour>\d\d?)(?: ?[hH] ?|[:.])(?P<minute>\d\d)(?:[:.](?P<second>\d\d)(?:[.,]\d+)?)?"
    r"(?:[ \u202f]?(?P<half>[AaPp])\.? ?[Mm]\.?)?(?: (?:Uhr|uur|h))?"
)
"""A time of day: 14:05, 14.05, 14h05, 2:05:09 PM, 14:05 Uhr."""
_AT = (
    r"at|om|à|um|kl\.?|klo|a las?|alle(?: ore)?|ore|às|as|o(?: godz\.?)?|u|v|ve|[\u0432\u0443\u043e]"
    r"|ob|saat|pukul|la|ora"
)
BEFORE_CLOCK = rf",?[ T]+(?:(?i:{_AT}|@) )?"
"""What stands between a day and its time of day: a blank, a T, or `at` in other words.

No other word is taken: of some languages it says whether it is morning or afternoon.
"""
_EPOCH_UNITS = ((10**11, 1), (10**14, 10**3), (10**17, 10**6), (10**20, 10**9))
_LEAST_EPOCH = 10**8
"""Seconds, in 1973: what is less counts days, as spreadsheets and R do."""
_USUAL = re.compile(r"[12]\d{3}-\d\d-\d\d[T ][0-2]\d:\d\d:[0-5]\d(?:\.\d{1,6})?(?:Z|[+-][01]\d:\d\d)")
_WITHOUT_ZONE = re.compile(r"[12]\d{3}-\d\d-\d\d(?:[T ][0-2]\d:[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?)?")
_DOTTED = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})(?:,? ([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?)?")
"""What most times are written like, also without a zone and with the day first: these need nothing of the rest."""
_LONGEST = 100
"""Letters of the longest text that is looked at: no time is longer."""
_DIGITS = re.compile(r"\d{9,19}(?:\.\d+)?|\d\.\d+[eE]\+?\d{1,2}")
_ZONE_NAME = re.compile(r"\s*(?:UTC|GMT|Z)$", re.IGNORECASE)
_OFFSET = re.compile(r"\s+([+-]\d{2}(?::?\d{2})?)$")
_ZONE_WORD = re.compile(
    r" (?:IST|BST|AST|AES?T|AEDT|ACST|AWST|NZST|NZDT|SGT|HKT|KST|WIB|SAST|BRT|ART|AKST|HST|NST|NDT|MEZ|MESZ|PKT)$"
)
"""A zone's short name, of which several zones have the same: such a time has none."""
_OFFSET_BEHIND = re.compile(r"(?:(?<=[:.]\d\d)|(?<=\d{4}-\d\d-\d\d)|(?<=[AaPp][Mm])) ?([+-])(\d\d):?(\d\d)$")
_DAY_WITH_OFFSET = re.compile(r"\d{4}-\d\d-\d\d ?[+-]")
"""A day of XML Schema, whose offset Python takes for a time of day."""
_FROM_GMT = re.compile(r" ?(?:GMT|UTC)([+-])(\d{1,2})(?::?(\d\d))?$")
_AFTER_DAY = re.compile(r"(?<=/\d{4}):")
"""Between day and time of day in the logs of web servers."""
_DOTTED_CLOCK = re.compile(r"(?<=[ T])(\d\d)\.(\d\d)(?:\.(\d\d))?$")
_ZONE_BESIDE = re.compile(r"(?:(?<=[Zz])|(?<=[+-]\d\d:\d\d)|(?<=[+-]\d{4}))\[[\w/+-]+\]$")
"""A zone's name behind an offset, as Java and Temporal write it (RFC 9557)."""
_IN_NUMBERS = re.compile(
    r"(?:(?P<year>\d{4})(?:[/.-]|\. )(?P<month>\d\d?)(?:[/.-]|\. )(?P<day>\d\d?)\.?"
    r"|(?P<year_>\d{4})[年년] ?(?P<month_>\d\d?)[月월] ?(?P<day_>\d\d?)[日일]"
    rf"|(?P<day__>\d\d?)\. ?(?P<month__>\d\d?)\. ?(?P<year__>\d{{4}})\.?)(?:{BEFORE_CLOCK}{CLOCK})?"
)
"""Where the order of day and month is beyond doubt: of 1/5/2026 the rest of the column tells."""
_WORD = r"[^\W\d_]{2,14}"
_DAY = r"\d\d?(?:\.|st|nd|rd|th|er|º|°)?"
_OF = r"(?:[ /-]+|[ -]+del?[ ]+|[ ]+d[\u2019']|(?<=\.)|\.(?=\d))"
_IN_WORDS = re.compile(
    rf"(?:{_WORD}(?:-{_WORD})?[.,]* (?:den |the )?)?"
    rf"(?:(?P<day>{_DAY}){_OF}(?P<month>{_WORD})\.?,?{_OF}(?P<year>\d{{4}}|\d\d)(?:(?P<dot>\.)| [^\W\d_]\.)?"
    rf"|(?P<month_>{_WORD})\.? (?P<day_>{_DAY}),? (?P<year_>\d{{4}})"
    rf"|(?P<year__>\d{{4}})\.?[ -](?P<month__>{_WORD})\.?[ -](?P<day__>{_DAY}))(?:{BEFORE_CLOCK}{CLOCK})?"
)
"""With the month as a word: 5-Jan-26, January 5, 2026 1:05 PM, Samstag, 7. Februar 2026 um 10:05 Uhr."""
_MAILED = re.compile(
    r"(?:[a-z]{3,9},? )?\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d(?::\d\d)?"
    r"(?: [+-]\d{4}| (?:UT|GMT|UTC|Z|[ECMP][SD]T))?(?: \([^()]*\))?",
    re.IGNORECASE,
)
_JAVASCRIPT = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d\d) (\d{4} \d\d:\d\d:\d\d) GMT([+-]\d{4})(?: \(.*\))?")
_CTIME = re.compile(
    r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) +(\d\d?) (\d\d:\d\d:\d\d) (?:([+-]\d{4}) (\d{4})|(\d{4})(?: ([+-]\d{4}))?)"
)
"""As X and git write times: Mon Jan 05 10:00:00 +0000 2026, Mon Jan 5 10:00:00 2026 +0100."""
_LEAP_SECOND = re.compile(r"(?<=[T ]\d\d:\d\d:)60\b")
_DATE_COMMAND = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) +(\d\d?) (\d\d:\d\d:\d\d) ([A-Z]{3,4}) (\d{4})")
_DOT_NET = re.compile(r"/?Date\((-?\d{9,14})(?:[+-]\d{4})?\)/?")
"""Milliseconds in JSON of .NET."""
_SAS = re.compile(r"(\d\d)([A-Za-z]{3})(\d{4}|\d\d):")
_GO = re.compile(r" m=[+-][\d.]+$")
"""What Go writes behind a time of its monotonic clock."""
_IN_A_ROW = re.compile(
    r"(?:19[7-9]|20[0-9])[0-9](?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
    r"(?:(?:[01][0-9]|2[0-3])(?:[0-5][0-9](?:[0-5][0-9])?)?)?"
)
"""20260105, 2026010508, 202601050805 and 20260105080500, which count no parts of seconds of a year near to ours."""
_HALF_BEFORE = re.compile(r"(?:(?<=[\d.日일])|\s)\s?([AaPp][Mm])\s?(\d\d?[:.]\d\d(?:[:.]\d\d)?)$")
"""PM 3:20, as Korean, Japanese and Chinese have it."""
_WEEKDAY_BEHIND = re.compile(
    r"(?<=[\d.])[,.]? (?:pazartesi|salı|çarşamba|perşembe|cuma|cumartesi|pazar"  # noqa: RUF001 # Turkish
    r"|hétfő|kedd|szerda|csütörtök|péntek|szombat|vasárnap)\b,?"
    r"|(?<=\d) ?\([^\x00-\x7f]{1,3}\)(?= |$)",
    re.IGNORECASE,
)
"""The name of the day where Turkish, Hungarian and Japanese have it: 13 Mart 2024 Çarşamba 14:05, 2024/03/13(水)."""
_WEEKDAY_BEFORE = re.compile(r"^[^\W\d_]{2,12}[.,]{0,2} (?=\d\d?[./-]\d\d?[./-]\d)")
"""As in Mi, 13.03.2024, where the month is no word."""
_HALVES_IN_GREEK = re.compile(r"\s?([πμ])\.?\s?μ\.?$", re.IGNORECASE)
_VIETNAMESE = re.compile(r"(?<=\d) tháng (\d\d?)(?:,| năm)? (?=\d{4})", re.IGNORECASE)
_EAST_ASIAN = re.compile(r"[年月日時时点點星周週曜요시午전후晨早晚]")
_EAST_ASIAN_DAY = re.compile(
    r"\s?(?:(?:星期|周|週)[一二三四五六日天]|[月火水木金土日]曜日?|[월화수목금토일]요일|\(\w\))"
)
_HALVES = {
    **dict.fromkeys(("午前", "上午", "오전", "凌晨", "清晨", "早上"), "AM"),
    **dict.fromkeys(("午後", "下午", "오후", "晚上"), "PM"),
}
_EAST_ASIAN_CLOCK = re.compile(
    rf"\s?({'|'.join(_HALVES)})?\s?(\d\d?)(?:[:時时点點]|시\s?)(\d\d)[分분]?(?:[:\s]?(\d\d)[秒초]?)?$"
)
_NOON = 12
_YEARS = range(1900, 2101)
"""What is none of these is a year of another calendar, or a slip."""


def time_of(value: object) -> tuple[datetime | None, bool]:
    """Return a time and whether it says where it is; None where it cannot be read.

    Numbers are seconds, milli-, micro- or nanoseconds since 1970. A time without a zone is one of UTC, a day its first
    moment, and years of two digits are those of 1970 to 2069, as POSIX has it. None too where the year is not one of
    1900 to 2100.
    """
    time, has_zone = _usual_time(value) if isinstance(value, str) else _time_of(value)
    return (time, has_zone) if time is not None and time.year in _YEARS else (None, True)


def _usual_time(text: str) -> tuple[datetime | None, bool]:
    """Read what most times are written like the short way, six times as fast; any other the long way."""
    try:
        if _USUAL.fullmatch(text):
            return datetime.fromisoformat(text), True
        if _WITHOUT_ZONE.fullmatch(text):
            return datetime.fromisoformat(text).replace(tzinfo=UTC), False
        if found := _DOTTED.fullmatch(text):
            day, month, year, hour, minute, second = map(int, found.groups("0"))
            return datetime(year, month, day, hour, minute, second, tzinfo=UTC), False
    except ValueError:  # as of a second that was put in between
        pass
    return _time_of(text)


def _time_of(value: object) -> tuple[datetime | None, bool]:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _counted(value)
    if isinstance(value, dict):  # as Firestore and protocol buffers write it
        return _time_of(value.get("_seconds", value.get("seconds")))
    if isinstance(value, list):
        return _in_parts(value)
    if not isinstance(value, str) or len(value) > _LONGEST:
        return None, True
    text = _FROM_GMT.sub(_as_offset, _GO.sub("", value.strip().replace("\N{MINUS SIGN}", "-")))
    if found := _DOT_NET.fullmatch(text) or _DIGITS.fullmatch(text) or _IN_A_ROW.fullmatch(text):
        return _counted(
            float(digits) if not (digits := found[found.lastindex or 0]).lstrip("-").isdecimal() else int(digits)
        )
    rest, zone = zone_named(_DATE_COMMAND.sub(r"\2 \1 \5 \3 \4", text))
    time, has_zone = _written_time(rest)
    return (time, has_zone) if time is None or zone is None or has_zone else (time.replace(tzinfo=zone), True)


def _in_parts(parts: list[Any]) -> tuple[datetime | None, bool]:
    """Read [2026, 1, 5, 10, 5, 9, 500000000], as Java writes times without a zone, with nanoseconds behind."""
    if not 3 <= len(parts) <= 7 or not all(isinstance(part, int) and not isinstance(part, bool) for part in parts):
        return None, True
    year, month, day, hour, minute, second, nanoseconds = [*parts, 0, 0, 0, 0][:7]
    try:
        return datetime(year, month, day, hour, minute, second, nanoseconds // 1000, UTC), False
    except (ValueError, OverflowError):
        return None, True


def _counted(number: float) -> tuple[datetime | None, bool]:
    """Read seconds since 1970 and parts of them, or a day with its time in a row of digits."""
    if float(number).is_integer() and _IN_A_ROW.fullmatch(digits := str(int(number))):
        return _written_in_a_row(digits)
    return (_since_1970(number) if abs(number) >= _LEAST_EPOCH else None), True


def _written_in_a_row(digits: str) -> tuple[datetime | None, bool]:
    try:
        return datetime.strptime(digits.ljust(len("20260105080500"), "0"), "%Y%m%d%H%M%S").replace(tzinfo=UTC), False
    except ValueError:
        return None, True


def year_of(digits: str) -> int:
    """Return a year, of two digits one of 1970 to 2069, as POSIX has it."""
    year = int(digits)
    return year if len(digits) > len("26") else year + (2000 if year < 70 else 1900)


def clock_of(told: Mapping[str, str | None]) -> tuple[int, int, int]:
    """Return hour, minute and second of what CLOCK found; midnight where there was no time of day."""
    hour = int(told.get("hour") or 0)
    if half := told.get("half"):
        hour = hour % 12 + (12 if half in "pP" else 0)
    return hour, int(told.get("minute") or 0), int(told.get("second") or 0)


def _written_time(text: str) -> tuple[datetime | None, bool]:
    text = _ZONE_WORD.sub("", _ZONE_BESIDE.sub("", text)) if not _ZONE_NAME.search(text) else text
    bare = _DOTTED_CLOCK.sub(_with_colons, _OFFSET.sub(r"\1", _ZONE_NAME.sub("", text)))
    bare = _LEAP_SECOND.sub("59", bare)
    try:
        time = datetime.fromisoformat("" if _DAY_WITH_OFFSET.match(bare) else bare)
    except ValueError:
        text = with_half_behind(text)
        return _other_time(" ".join(_AFTER_DAY.sub(" ", _SAS.sub(r"\1-\2-\3 ", text)).split()))
    return (time, True) if time.tzinfo else (time.replace(tzinfo=UTC), _ZONE_NAME.search(text) is not None)


def with_half_behind(text: str) -> str:
    """Return a time in the order of English: 下午3:20 and PM 3:20 as 3:20 PM, without the name of the day."""
    if not text.isascii():
        text = "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in text)
        text = _VIETNAMESE.sub(r"/\1/", text)
        text = _HALVES_IN_GREEK.sub(lambda half: " PM" if half[1] in "μΜ" else " AM", text)
    text = _WEEKDAY_BEFORE.sub("", _WEEKDAY_BEHIND.sub("", text))
    if _EAST_ASIAN.search(text):
        text = _EAST_ASIAN_CLOCK.sub(_in_latin, _EAST_ASIAN_DAY.sub("", text))
    return _HALF_BEFORE.sub(r" \2 \1", text)


def _in_latin(clock: re.Match[str]) -> str:
    """Return 8時05分 as 8:05, and 午後8:05 as 8:05 PM; of 晚上12:05 nobody can say which day it is."""
    half, hour, minute, second = clock.groups()
    if half == "晚上" and int(hour) == _NOON:
        return clock[0]
    told = f" {hour}:{minute}" + (f":{second}" if second else "")
    return f"{told} {_HALVES[half]}" if half else told


def _as_offset(zone: re.Match[str]) -> str:
    """Return UTC+1 as +0100."""
    sign, hours, minutes = zone.groups()
    return f" {sign}{int(hours):02}{minutes or '00'}"


def _with_colons(clock: re.Match[str]) -> str:
    return ":".join(filter(None, clock.groups()))


def _other_time(text: str) -> tuple[datetime | None, bool]:
    bare = _ZONE_NAME.sub("", text)
    offset = _OFFSET_BEHIND.search(bare)
    if found := _matched(bare[: offset.start()] if offset else bare):
        told = {name.rstrip("_"): part for name, part in found.groupdict().items() if part}
        return _made_time(told, offset), bare != text or offset is not None
    return _mailed_time(_CTIME.sub(r"\2 \1 \5\6 \3 \4\7", _JAVASCRIPT.sub(r"\2 \1 \3 \4", text)).strip())


def _matched(text: str) -> re.Match[str] | None:
    return _IN_NUMBERS.fullmatch(text) or _IN_WORDS.fullmatch(text)


def _made_time(told: dict[str, str], offset: re.Match[str] | None) -> datetime | None:
    month = int(told["month"]) if told["month"].isdecimal() else _month(told)
    if month is None:
        return None
    day = int("".join(filter(str.isdecimal, told["day"])))
    try:
        zone = datetime.strptime("".join(offset.groups()), "%z").tzinfo if offset else UTC
        return datetime(year_of(told["year"]), month, day, *clock_of(told), tzinfo=zone)
    except ValueError:
        return None


def _month(told: Mapping[str, str]) -> int | None:
    """Return the month of a word, of Croatian where a dot stands behind the year too.

    None where one behind the day says that it may be Croatian, which has some words for other months than Czech.
    """
    names, name = _month_names(), fold(told["month"])
    if "." in told["day"] and name in names["croatian"]:
        return int(names["croatian"][name]) if "dot" in told else None
    return next((number for number, known in enumerate(names["names"], 1) if name in known), None)


@cache
def _month_names() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("month_names.toml").read_text("utf-8"))


def _mailed_time(text: str) -> tuple[datetime | None, bool]:
    """Read a time as mail and HTTP write it (RFC 5322, RFC 9110)."""
    if not _MAILED.fullmatch(text):
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
