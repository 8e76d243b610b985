"""Each network's way to say "not so fast" is understood."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from worker.outbound.rate_limit_headers import LONGEST, Limit, parse_allowance, parse_limit, reset_time, retry_after

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
EPOCH = int(NOW.timestamp())


def limit_of(status: int, headers: dict[str, str], body: object, now: datetime) -> Limit | None:
    return parse_limit(status, headers, b"" if body is None else msgspec.json.encode(body), now)


def seconds(at: datetime | None) -> float | None:
    return None if at is None else (at - NOW).total_seconds()


@pytest.mark.parametrize(
    ("value", "wait_s"),
    [
        ("30", 30), ("0", 0), (" 7 ", 7), ("1.5", 1.5), ("Mon, 23 Nov 2026 12:01:00 GMT", 60),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0), ("999999999999", LONGEST.total_seconds()), ("-5", None), ("soon", None),
        ("", None), ("9" * 400, None),
    ],
)  # fmt: skip
def test_retry_after_is_seconds_or_a_date(value: str, wait_s: float | None) -> None:
    assert seconds(retry_after(value, NOW)) == wait_s


@pytest.mark.parametrize(
    ("value", "wait_s"),
    [
        ("2026-11-23T12:05:00.000Z", 300), ("2026-11-23T13:05:00+01:00", 300), (str(EPOCH + 90), 90), ("45", 45),
        ("2026-11-23T11:00:00Z", 0), (str(EPOCH - 90), 0), ("tomorrow", None), ("", None),
        (str((EPOCH + 90) * 1000), 90), (str((EPOCH - 90) * 1000), 0),
    ],
)  # fmt: skip
def test_a_reset_is_an_iso_time_an_epoch_or_seconds(value: str, wait_s: float | None) -> None:
    assert seconds(reset_time(value, NOW)) == wait_s


REFUSALS: dict[str, tuple[int, dict[str, str], object, float | None]] = {
    "plain 429 with seconds": (429, {"retry-after": "12"}, None, 12),
    "503 with a date": (503, {"retry-after": "Mon, 23 Nov 2026 12:00:20 GMT"}, None, 20),
    "429 without a word": (429, {}, None, None),
    "Mastodon": (429, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "2026-11-23T12:04:00.123456Z"}, None, 240.1),
    "Bluesky": (429, {"ratelimit-remaining": "0", "ratelimit-reset": str(EPOCH + 77)}, None, 77),
    "X": (429, {"x-rate-limit-remaining": "0", "x-rate-limit-reset": str(EPOCH + 900)}, None, 900),
    "GitHub, primary limit": (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(EPOCH + 1800)}, None, 1800),
    "GitHub, secondary limit with a time": (403, {"retry-after": "60"}, {"message": "secondary rate limit"}, 60),
    "GitHub, secondary limit": (403, {"x-ratelimit-remaining": "9"}, {"message": "a Secondary Rate Limit"}, 60),
    "X, a day's requests": (
        429,
        {
            "x-rate-limit-remaining": "12",
            "x-rate-limit-reset": str(EPOCH + 900),
            "x-app-limit-24hour-remaining": "0",
            "x-app-limit-24hour-reset": str(EPOCH + 7_000),
        },
        None,
        7_000,
    ),
    "GraphQL of GitHub": (
        200,
        {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(EPOCH + 600)},
        {"data": None, "errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]},
        600,
    ),
    "MediaWiki, too fast": (200, {}, {"error": {"code": "ratelimited", "info": "slow down"}}, None),
    "MediaWiki, behind": (200, {"retry-after": "5"}, {"error": {"code": "maxlag", "lag": 7}}, 5),
    "a clock an hour slow": (
        429,
        {
            "date": "Mon, 23 Nov 2026 11:00:00 GMT",
            "x-ratelimit-remaining": "0",
            "x-ratelimit-reset": "2026-11-23T11:00:50Z",
        },
        None,
        50,
    ),
    "a clock a day fast": (
        403,
        {
            "date": "Tue, 24 Nov 2026 12:00:00 GMT",
            "x-ratelimit-remaining": "0",
            "x-ratelimit-reset": str(EPOCH + 86_440),
        },
        None,
        40,
    ),
    "a date by a clock that is fast": (
        503,
        {"date": "Mon, 23 Nov 2026 15:00:00 GMT", "retry-after": "Mon, 23 Nov 2026 15:00:25 GMT"},
        None,
        25,
    ),
    "seconds by a clock that is fast": (429, {"date": "Mon, 23 Nov 2026 15:00:00 GMT", "retry-after": "9"}, None, 9),
    "draft 6 of the IETF": (429, {"ratelimit-remaining": "0", "ratelimit-reset": "33"}, None, 33),
    "draft 7 of the IETF": (429, {"ratelimit": "limit=100, remaining=0, reset=21"}, None, 21),
    "draft 10 of the IETF": (429, {"ratelimit": '"burst";r=5;t=3, "daily";r=0;t=44'}, None, 44),
    "Discourse": (429, {}, {"error_type": "rate_limit", "extras": {"wait_seconds": 17}}, 17),
    "Lemmy before 1.0": (400, {}, {"error": "rate_limit_error"}, None),
    "Google, too fast": (403, {}, {"error": {"code": 403, "errors": [{"reason": "rateLimitExceeded"}]}}, None),
    "Google, a day's units": (403, {}, {"error": {"code": 403, "errors": [{"reason": "quotaExceeded"}]}}, 20 * 3600),
    "Stack Exchange": (
        400,
        {},
        {"error_name": "throttle_violation", "error_message": "too many, more requests available in 41 seconds"},
        41,
    ),
}


@pytest.mark.parametrize("dialect", REFUSALS)
def test_a_refusal_says_how_long_to_wait(dialect: str) -> None:
    status, headers, body, wait_s = REFUSALS[dialect]
    limit = limit_of(status, headers, body, NOW)
    assert limit is not None
    assert seconds(limit.until) == (None if wait_s is None else pytest.approx(wait_s, abs=0.1))


def test_github_secondary_limit_holds_for_the_whole_host() -> None:
    limit = limit_of(403, {}, {"message": "You have exceeded a secondary rate limit."}, NOW)
    assert limit is not None
    assert limit.whole_host


@pytest.mark.parametrize("error", ["couldnt_find_person", None, 7, [], {"errors": 7}, {"errors": [7, {"reason": []}]}])
def test_another_reason_is_no_limit(error: object) -> None:
    assert limit_of(400, {}, {"error": error}, NOW) is None
    assert limit_of(403, {}, {"error": {"errors": [{"reason": "commentsDisabled"}]}}, NOW) is None


def test_a_403_without_a_limit_is_none() -> None:
    assert limit_of(403, {"x-ratelimit-remaining": "4999"}, {"message": "Resource not accessible"}, NOW) is None


def test_a_month_that_is_used_up_at_x_is_nothing_to_wait_for() -> None:
    body = {"title": "UsageCapExceeded", "type": "https://api.twitter.com/2/problems/usage-capped"}
    assert limit_of(429, {"x-rate-limit-remaining": "74"}, body, NOW) is None


@pytest.mark.parametrize("status", [400, 404, 500, 502, 503])
def test_other_errors_are_no_limits(status: int) -> None:
    assert limit_of(status, {}, {"message": "no"}, NOW) is None


def test_stack_exchange_asks_for_a_pause_beside_a_good_answer() -> None:
    limit = limit_of(200, {}, {"items": [], "backoff": 10, "quota_remaining": 200}, NOW)
    assert limit is not None
    assert seconds(limit.until) == 10
    assert not limit.whole_host


def test_stack_exchange_without_quota_rests_until_midnight() -> None:
    limit = limit_of(200, {}, {"items": [], "backoff": 10, "quota_remaining": 0}, NOW)
    assert limit is not None
    assert limit.until == datetime(2026, 11, 24, tzinfo=UTC)
    assert limit.whole_host


@pytest.mark.parametrize("body", [None, [], "backoff", {"backoff": True}, {"backoff": "ten"}, {"backoff": -1}, {}])
def test_other_good_answers_ask_for_nothing(body: object) -> None:
    assert limit_of(200, {}, body, NOW) is None


@pytest.mark.parametrize(
    "headers",
    [
        {"x-ratelimit-remaining": "17", "x-ratelimit-reset": "2026-11-23T12:00:50Z"},
        {"ratelimit-remaining": "17", "ratelimit-reset": "50"},
        {"x-rate-limit-remaining": "17", "x-rate-limit-reset": str(EPOCH + 50)},
        {"ratelimit": "limit=20, remaining=17, reset=50"},
        {"ratelimit": '"default";r=17;t=50'},
        {"ratelimit": '"big";r=170;t=500, "small";r=17;t=50'},
    ],
)
def test_what_is_left_is_read(headers: dict[str, str]) -> None:
    allowance = parse_allowance(headers, NOW)
    assert allowance is not None
    assert (allowance.left, allowance.reset) == (17, NOW + timedelta(seconds=50))


@pytest.mark.parametrize("headers", [{}, {"x-ratelimit-remaining": "5"}, {"ratelimit": "nonsense"}])
def test_what_is_left_is_unknown_otherwise(headers: dict[str, str]) -> None:
    assert parse_allowance(headers, NOW) is None
