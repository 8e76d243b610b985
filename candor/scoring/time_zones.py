"""Zones that stand behind a time by their names: Europe/Berlin, CET, PST."""

from __future__ import annotations

import re
from datetime import timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

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
