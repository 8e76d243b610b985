"""How networks say "not so fast": each dialect of rate limits, read into a time until which to wait."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST = timedelta(days=7)
SECONDARY_LIMIT = timedelta(minutes=1)
EPOCH_FROM = 1e9
_FIELDS = (
    ("ratelimit-remaining", "ratelimit-reset"),  # Bluesky (epoch), drafts 3 to 6 of the IETF (seconds from now)
    ("x-ratelimit-remaining", "x-ratelimit-reset"),  # Mastodon (ISO time), GitHub (epoch)
    ("x-rate-limit-remaining", "x-rate-limit-reset"),  # X (epoch)
)
_LEFT = re.compile(r"(?:remaining|;\s*r)\s*=\s*(\d{1,15})")
_RESET = re.compile(r"(?:reset|;\s*t)\s*=\s*(\d{1,15})")
_THROTTLED = re.compile(r"available in (\d{1,9}) seconds")


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """The host refuses, or asks for a pause. `until` is None when it does not say for how long."""

    words: str
    until: datetime | None = None
    whole_host: bool = False


class Allowance(msgspec.Struct, frozen=True, kw_only=True):
    """How many requests are left until `reset`."""

    left: int
    reset: datetime


def limit_in(status: int, headers: Mapping[str, str], body: object, now: datetime) -> Limit | None:
    """Return the limit that an answer tells of, or None. Header names are in lower case; `body` is decoded JSON."""
    if status < 400:
        return _asked_beside_an_answer(body, now)
    until = _stated(status, headers, body, now)
    if until is not None:
        return Limit(words=f"asks to wait (status {status})", until=until)
    if status in {403, 429} and "secondary rate limit" in _message(body):
        return Limit(words="asks for fewer requests at a time", until=now + SECONDARY_LIMIT, whole_host=True)
    if status == 429 and not _field(body, "type").endswith("/usage-capped"):  # X: paid for no more this month
        return Limit(words="asks to wait, and does not say how long")
    return None


def allowance_in(headers: Mapping[str, str], now: datetime) -> Allowance | None:
    """Return how many requests an answer says are left, or None when it does not say."""
    for left_name, reset_name in _FIELDS:
        left, reset = _number(headers.get(left_name, "")), reset_time(headers.get(reset_name, ""), now)
        if left is not None and reset is not None:
            return Allowance(left=int(left), reset=reset)
    found = [_structured(item, now) for item in headers.get("ratelimit", "").split(', "')]
    return min((each for each in found if each), key=lambda each: each.left, default=None)


def retry_after(value: str, now: datetime) -> datetime | None:
    """Read Retry-After, seconds or an HTTP date (RFC 9110, 10.2.3)."""
    seconds = _number(value)
    if seconds is not None:
        return _later(now, seconds)
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    return _within(at if at.tzinfo else at.replace(tzinfo=UTC), now)


def reset_time(value: str, now: datetime) -> datetime | None:
    """Read when a limit is reset: an ISO time, seconds since 1970 or, when small, seconds from now."""
    seconds = _number(value)
    if seconds is not None:
        return _later(now, seconds - now.timestamp() if seconds >= EPOCH_FROM else seconds)
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return _within(at if at.tzinfo else at.replace(tzinfo=UTC), now)


def _stated(status: int, headers: Mapping[str, str], body: object, now: datetime) -> datetime | None:
    """Return until when to wait, where a refusal says so in one way or another."""
    if status in {403, 429, 503} and (until := retry_after(headers.get("retry-after", ""), now)):
        return until
    if status in {403, 429}:
        allowance = allowance_in(headers, now)
        if allowance is not None and allowance.left <= 0:
            return allowance.reset
    if status == 429 and (seconds := _at(body, "extras", "wait_seconds")) is not None:  # Discourse
        return _later(now, seconds)
    if _field(body, "error_name") == "throttle_violation" and (
        found := _THROTTLED.search(_message(body))
    ):  # Stack Exchange
        return _later(now, float(found[1]))
    return None


def _asked_beside_an_answer(body: object, now: datetime) -> Limit | None:
    """Stack Exchange asks in the body of a good answer: `backoff` for the method, or no quota left for the day."""
    if _at(body, "quota_remaining") == 0:
        midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        return Limit(words="has answered all it does in a day", until=midnight, whole_host=True)
    if (seconds := _at(body, "backoff")) is not None and seconds > 0:
        return Limit(words="asks for a pause between calls of this method", until=_later(now, seconds))
    return None


def _structured(item: str, now: datetime) -> Allowance | None:
    """Read the field RateLimit of the IETF drafts: `limit=10, remaining=0, reset=5`, or `"default";r=0;t=5`."""
    left, reset = _LEFT.search(item), _RESET.search(item)
    return Allowance(left=int(left[1]), reset=_later(now, float(reset[1]))) if left and reset else None


def _at(body: object, *path: str) -> float | None:
    for name in path:
        body = body.get(name) if isinstance(body, dict) else None
    return float(body) if isinstance(body, int | float) and not isinstance(body, bool) else None


def _field(body: object, name: str) -> str:
    return str(body.get(name) or "") if isinstance(body, dict) else ""


def _message(body: object) -> str:
    return (_field(body, "message") or _field(body, "error_message")).lower()


def _number(value: str) -> float | None:
    """Read a number that is written as digits, with a fraction at most."""
    return float(value) if re.fullmatch(r"\s*\d{1,15}(\.\d+)?\s*", value) else None


def _later(now: datetime, seconds: float) -> datetime:
    return now + timedelta(seconds=min(max(seconds, 0.0), LONGEST.total_seconds()))


def _within(at: datetime, now: datetime) -> datetime:
    return min(max(at, now), now + LONGEST)
