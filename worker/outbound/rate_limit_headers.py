"""Rate limits of networks: what their headers say, and waiting for a permit to ask a host."""

from __future__ import annotations

import re
import secrets
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

import msgspec

from worker.outbound.exchange import MALFORMED, CircuitOpenError, WaitingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from candor.store.budgets import Budgets
    from worker.outbound.cache import HostResponse


LONGEST = timedelta(days=7)
_SAME_TIME = timedelta(seconds=30)
SECONDARY_LIMIT = timedelta(minutes=1)
EPOCH_FROM = 1e9
_MILLISECONDS_FROM = 1e11
_FIELDS = (
    ("ratelimit-remaining", "ratelimit-reset"),  # Bluesky (epoch), drafts 3 to 6 of the IETF (seconds from now)
    ("x-ratelimit-remaining", "x-ratelimit-reset"),  # Mastodon (ISO time), GitHub (epoch)
    ("x-rate-limit-remaining", "x-rate-limit-reset"),  # X (epoch), as the next two for all that is asked in a day
    ("x-app-limit-24hour-remaining", "x-app-limit-24hour-reset"),
    ("x-user-limit-24hour-remaining", "x-user-limit-24hour-reset"),
)
_LEFT = re.compile(r"(?:remaining|;\s*r)\s*=\s*(\d{1,15})")
_RESET = re.compile(r"(?:reset|;\s*t)\s*=\s*(\d{1,15})")
_PAUSES = (b'"backoff"', b'"quota_remaining"')
_REFUSALS = (b'"RATE_LIMITED"', b'"ratelimited"', b'"maxlag"')
_REFUSED: frozenset[object] = frozenset({"RATE_LIMITED", "ratelimited", "maxlag"})  # GitHub's GraphQL, MediaWiki
_DAY_IS_USED_UP: frozenset[object] = frozenset({"quotaExceeded", "dailyLimitExceeded"})  # YouTube
_GOOGLE_DAY = 8  # midnight in California, in winter
_SLOWER: frozenset[object] = frozenset({"rate_limit_error", "rateLimitExceeded", "userRateLimitExceeded"})  # Lemmy
_THROTTLED = re.compile(r"available in (\d{1,9}) seconds")

PLACES = 2
PATIENCE_S = 5.0
BUSY = timedelta(seconds=15)
LONGEST_WAIT = timedelta(days=1)
LOOK_S = (0.05, 0.1, 0.2, 0.4)


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """The host refuses, or asks for a pause. `until` is None when it does not say for how long, or a time gone by."""

    words: str
    until: datetime | None = None
    whole_host: bool = False
    refused: bool = True


class RequestsLeft(msgspec.Struct, frozen=True, kw_only=True):
    """How many requests are left until `reset`."""

    left: int
    reset: datetime


class _Told(msgspec.Struct):
    """What the body of an answer says of limits; anything may stand in each place."""

    backoff: Any = None
    quota_remaining: Any = None
    error: Any = None
    errors: Any = None
    error_name: Any = None
    message: Any = None
    error_message: Any = None
    type: Any = None
    extras: Any = None

    @classmethod
    def read(cls, body: bytes) -> _Told:
        """Read a body; one that is no object says nothing."""
        try:
            return msgspec.json.decode(body, type=cls)
        except MALFORMED:
            return cls()

    @property
    def words(self) -> str:
        """What it says to people, in lower case."""
        return str(self.message or self.error_message or "").lower()

    @property
    def reasons(self) -> set[object]:
        """By which words it refuses: one at Lemmy, those of each error at Google."""
        if not isinstance(self.error, dict):
            return {self.error} if isinstance(self.error, str) else set()
        listed = [self.error.get(name) for name in ("errors", "details")]
        errors = [each for some in listed if isinstance(some, list) for each in some if isinstance(each, dict)]
        return {said for each in errors if isinstance(said := each.get("reason"), str)}

    @property
    def is_refusal(self) -> bool:
        """Whether it refuses for now, beside a good status."""
        told = [self.error, *(self.errors if isinstance(self.errors, list) else [])]
        said = [each.get(name) for each in told if isinstance(each, dict) for name in ("code", "type")]
        return any(isinstance(each, str) and each in _REFUSED for each in said)

    @property
    def wait_seconds(self) -> object:
        """How long Discourse asks to wait."""
        return self.extras.get("wait_seconds") if isinstance(self.extras, dict) else None


def parse_limit(status: int, headers: Mapping[str, str], body: bytes, now: datetime) -> Limit | None:
    """Return the limit that an answer tells of, or None. Header names are in lower case."""
    if status < 400 and any(word in body for word in _REFUSALS) and _Told.read(body).is_refusal:
        until = _stated(429, headers, _Told(), now)
        is_timed = until is not None and until > now
        if is_timed or b'"RATE_LIMITED"' not in body:  # GitHub says when, or it is another refusal
            return Limit(words="asks for fewer requests at a time", until=until if is_timed else None)
    if status < 400:
        return _pause_asked_for(_Told.read(body), now) if any(word in body for word in _PAUSES) else None
    told = _Told.read(body)
    until = _stated(status, headers, told, now)
    if until is not None and until > now:
        return Limit(words=f"asks to wait (status {status})", until=until)
    if status in {403, 429} and told.reasons & _DAY_IS_USED_UP:
        return Limit(words="has answered all it does in a day", until=_next(now, _GOOGLE_DAY), whole_host=True)
    if status in {403, 429} and "secondary rate limit" in told.words:
        return Limit(words="asks for fewer requests at a time", until=now + SECONDARY_LIMIT, whole_host=True)
    words = _untimed(status, told, has_passed=until is not None)
    return Limit(words=words) if words else None


def parse_allowance(headers: Mapping[str, str], now: datetime) -> RequestsLeft | None:
    """Return how many requests an answer says are left, or None when it does not say."""
    said: list[RequestsLeft] = []
    for left_name, reset_name in _FIELDS:
        left, reset = (
            _number(headers.get(left_name, "")),
            reset_time(headers.get(reset_name, ""), now, _lead(headers, now)),
        )
        if left is not None and reset is not None:
            said.append(RequestsLeft(left=int(left), reset=reset))
    if said:
        return min(said, key=lambda each: (each.left, now - each.reset))  # of those used up the one that lasts longest
    found = [_structured(item, now) for item in headers.get("ratelimit", "").split(', "')]
    return min((each for each in found if each), key=lambda each: each.left, default=None)


def retry_after(value: str, now: datetime, lead: timedelta = timedelta()) -> datetime | None:
    """Read Retry-After, seconds or an HTTP date (RFC 9110, 10.2.3). `lead` is by how much the host's clock is fast."""
    seconds = _number(value)
    if seconds is not None:
        return _later(now, seconds)
    at = _http_date(value)
    return None if at is None else _within(at, now, lead)


def reset_time(value: str, now: datetime, lead: timedelta = timedelta()) -> datetime | None:
    """Read when a limit is reset: an ISO time, seconds or milliseconds since 1970 or, when small, seconds from now.

    `lead` is as above.
    """
    seconds = _number(value)
    if seconds is not None and seconds >= _MILLISECONDS_FROM:
        seconds /= 1000
    if seconds is not None and seconds < EPOCH_FROM:
        return _later(now, seconds)
    try:
        at = datetime.fromisoformat(value) if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None if seconds is None else now + LONGEST
    return _within(at if at.tzinfo else at.replace(tzinfo=UTC), now, lead)


def _lead(headers: Mapping[str, str], now: datetime) -> timedelta:
    """Return by how much the host's clock is fast, by the time that it says it is; what is little is none."""
    said = _http_date(headers.get("date", ""))
    lead = timedelta() if said is None else said - now
    return lead if abs(lead) > _SAME_TIME else timedelta()


def _http_date(value: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _stated(status: int, headers: Mapping[str, str], told: _Told, now: datetime) -> datetime | None:
    """Return until when to wait, where a refusal says so in one way or another."""
    told_to_wait = retry_after(headers.get("retry-after", ""), now, _lead(headers, now))
    if status in {403, 429, 503} and told_to_wait:
        return told_to_wait
    if status in {403, 429}:
        allowance = parse_allowance(headers, now)
        if allowance is not None and allowance.left <= 0:
            return allowance.reset
    if status == 429 and (seconds := _seconds(told.wait_seconds)) is not None:  # Discourse
        return _later(now, seconds)
    if told.error_name == "throttle_violation" and (found := _THROTTLED.search(told.words)):  # Stack Exchange
        return _later(now, float(found[1]))
    return None


def _untimed(status: int, told: _Told, *, has_passed: bool) -> str | None:
    """Return the words for a refusal that names no time to come, None where it is another refusal."""
    if has_passed:
        return f"rate limit exceeded (status {status}), to be reset at a time that has passed"
    if told.reasons & _SLOWER and status != 429:
        return f"rate limit exceeded (status {status})"
    if status == 429 and not str(told.type).endswith("/usage-capped"):  # X: paid for no more this month
        return "asks to wait (status 429), and does not say how long"
    return "rate limit exceeded (status 403)" if status == 403 and "rate limit exceeded" in told.words else None


def _pause_asked_for(told: _Told, now: datetime) -> Limit | None:
    """Stack Exchange asks in the body of a good answer: `backoff` for the method, or no quota left for the day."""
    if _seconds(told.quota_remaining) == 0:
        until = _next(now, hour=0)
        return Limit(words="has answered all it does in a day", until=until, whole_host=True, refused=False)
    if (seconds := _seconds(told.backoff)) is not None and seconds > 0:
        words = "asks for a pause between calls of this method"
        return Limit(words=words, until=_later(now, seconds), refused=False)
    return None


def _next(now: datetime, hour: int) -> datetime:
    """Return the next time that it is this hour in UTC."""
    today = now.astimezone(UTC).replace(hour=hour, minute=0, second=0, microsecond=0)
    return today if today > now else today + timedelta(days=1)


def _structured(item: str, now: datetime) -> RequestsLeft | None:
    """Read the field RateLimit of the IETF drafts: `limit=10, remaining=0, reset=5`, or `"default";r=0;t=5`."""
    left, reset = _LEFT.search(item), _RESET.search(item)
    return RequestsLeft(left=int(left[1]), reset=_later(now, float(reset[1]))) if left and reset else None


def _seconds(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _number(value: str) -> float | None:
    """Read a number that is written as digits, with a fraction at most."""
    return float(value) if re.fullmatch(r"\s*\d{1,15}(\.\d+)?\s*", value) else None


def _later(now: datetime, seconds: float) -> datetime:
    return now + timedelta(seconds=min(max(seconds, 0.0), LONGEST.total_seconds()))


def _within(at: datetime, now: datetime, lead: timedelta) -> datetime:
    """Return a time of the host's clock by ours, no further off than is plausible."""
    return now + min(max(at - now - lead, timedelta()), LONGEST)


class Politeness:
    """Turns at hosts, for one job. At most PLACES requests are under way to a host, over all workers.

    Waits of up to PATIENCE_S in all for a request are slept; for longer ones the job gives its worker back.
    """

    def __init__(
        self,
        budgets: Budgets,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None],
        *,
        owner: str = "",
    ) -> None:
        self._budgets = budgets
        self._clock = clock
        self._sleep = sleep
        self._owner = owner

    @contextmanager
    def permit(self, host: str, part: str) -> Iterator[None]:
        """Hold a permit for the host during the block. Raises WaitingError, CircuitOpenError when there is none."""
        token = secrets.token_hex(8)
        self._wait_for_permit(host, part, token)
        try:
            yield
        finally:
            self._budgets.release(host, token)

    def update(self, host: str, part: str, answer: HostResponse) -> None:
        """Pass on to all workers what the answer says of limits and of the host's health.

        Raises WaitingError, CircuitOpenError when it is a refusal for now.
        """
        now = self._clock()
        if allowance := parse_allowance(answer.headers, now):
            self._budgets.record_remaining(host, part, allowance.left, allowance.reset)
        limit = parse_limit(answer.status, answer.headers, answer.body, now)
        if limit is None:
            self._note_health(host, part, answer.status)
            return
        until = self._budgets.record_throttle(host, part, limit.until) if limit.refused else limit.until or now
        self._budgets.pause(host, "" if limit.whole_host else part, until, limit.words)
        if limit.refused:
            self._come_back(host, until, limit.words)
        self._budgets.record_success(host, part)

    def failed(self, host: str, why: str) -> None:
        """Count a request that got no answer."""
        self._budgets.record_failure(host, why)

    def sleeps_until(self, until: datetime) -> bool:
        """Tell whether a wait is short enough to be slept."""
        return (until - self._clock()).total_seconds() <= PATIENCE_S

    def _note_health(self, host: str, part: str, status: int) -> None:
        if status >= 500:
            self._budgets.record_failure(host, f"answered {status}")
        else:
            self._budgets.record_success(host, part)

    def _wait_for_permit(self, host: str, part: str, token: str) -> None:
        slept_s, looks = 0.0, 0
        ask = partial(self._budgets.acquire, host, part, token, slots=PLACES, owner=self._owner)
        while (permit := ask()).verdict != "go":
            if permit.verdict == "down":
                raise CircuitOpenError(host, f"circuit open until {_spelled(permit.until)}: {permit.why}")
            if permit.verdict == "wait":
                pause_s = max(0.001, (permit.until - self._clock()).total_seconds())
                if slept_s + pause_s > PATIENCE_S:
                    self._come_back(host, permit.until, permit.why)
            else:
                pause_s, looks = LOOK_S[min(looks, len(LOOK_S) - 1)], looks + 1
                if slept_s + pause_s > PATIENCE_S:
                    self._come_back(host, self._clock() + BUSY, "busy with other requests of ours")
            self._sleep(pause_s)
            slept_s += pause_s

    def _come_back(self, host: str, until: datetime, words: str) -> NoReturn:
        """Raise WaitingError; a day is too long to wait for."""
        if until - self._clock() > LONGEST_WAIT:
            raise CircuitOpenError(host, f"{words}, until {_spelled(until)}")
        raise WaitingError(host, until, words)


def _spelled(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%SZ")
