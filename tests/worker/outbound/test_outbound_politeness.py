"""Hosts are asked no faster than they like, by all workers together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.worker.outbound.conftest import json_of
from tests.worker.outbound.misbehaving_server import answer
from worker.outbound import CircuitOpenError, GoneError, HostDownError, OutboundError, WaitingError

if TYPE_CHECKING:
    from collections.abc import Callable

    from candor.store import Store
    from tests.worker.outbound.conftest import FakeTime
    from tests.worker.outbound.misbehaving_server import MisbehavingServer
    from worker.outbound import Outbound


def iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def test_a_short_pause_is_slept(outbound: Outbound, server: MisbehavingServer, time: FakeTime) -> None:
    url = server.says("/limited", answer(429, Retry_After="3"), answer(200, {"well": True}))
    assert json_of(outbound.get_json(url)) == {"well": True}
    assert time.slept_s == [3.0]


def test_a_long_pause_gives_the_worker_back(outbound: Outbound, server: MisbehavingServer, time: FakeTime) -> None:
    with pytest.raises(WaitingError) as caught:
        outbound.get_json(server.says("/limited", answer(429, Retry_After="90")))
    assert (caught.value.host, caught.value.until) == (server.name, time.now + timedelta(seconds=90))
    assert time.slept_s == []


def test_every_dialect_gives_the_worker_back_until_the_time_it_names(
    make_outbound: Callable[..., Outbound], server: MisbehavingServer, time: FakeTime
) -> None:
    until = time.now + timedelta(seconds=100)
    epoch = str(int(until.timestamp()))
    dialects = {
        "seconds": answer(429, Retry_After="100"),
        "date": answer(503, Retry_After=f"{until:%a, %d %b %Y %H:%M:%S} GMT"),
        "mastodon": answer(429, X_RateLimit_Remaining="0", X_RateLimit_Reset=iso(until)),
        "bluesky": answer(429, RateLimit_Remaining="0", RateLimit_Reset=epoch),
        "x": answer(429, x_rate_limit_remaining="0", x_rate_limit_reset=epoch),
        "github": answer(403, {"message": "API rate limit"}, X_RateLimit_Remaining="0", X_RateLimit_Reset=epoch),
        "ietf": answer(429, RateLimit='"default";r=0;t=100'),
        "discourse": answer(429, {"extras": {"wait_seconds": 100}}),
        "stackexchange": answer(
            400, {"error_name": "throttle_violation", "error_message": "more requests available in 100 seconds"}
        ),
    }
    for dialect, refusal in dialects.items():
        with pytest.raises(WaitingError) as caught:
            make_outbound().get_json(server.says(f"/{dialect}", refusal), part=dialect)
        assert caught.value.until == until, dialect


def test_a_pause_holds_for_every_worker(make_outbound: Callable[..., Outbound], server: MisbehavingServer) -> None:
    url = server.says("/limited", answer(429, Retry_After="90"))
    with pytest.raises(WaitingError):
        make_outbound("job_1").get_json(url)
    with pytest.raises(WaitingError):
        make_outbound("job_2").get_json(server.url("/good"))
    assert len(server.heard) == 1


def test_after_the_pause_the_host_is_asked_again(outbound: Outbound, server: MisbehavingServer, time: FakeTime) -> None:
    url = server.says("/limited", answer(429, Retry_After="90"), answer(200, {"well": True}))
    with pytest.raises(WaitingError):
        outbound.get_json(url)
    time.pass_by(seconds=90)
    assert json_of(outbound.get_json(url)) == {"well": True}


def test_a_pause_of_one_part_stops_no_other(outbound: Outbound, server: MisbehavingServer) -> None:
    with pytest.raises(WaitingError):
        outbound.get_json(server.says("/limited", answer(429, Retry_After="90")), part="search")
    assert outbound.get_json(server.url("/good"), part="users").status == 200


def test_a_pause_of_the_host_stops_every_part(outbound: Outbound, server: MisbehavingServer) -> None:
    with pytest.raises(WaitingError):
        outbound.get_json(server.says("/limited", answer(403, {"message": "secondary rate limit"})), part="search")
    with pytest.raises(WaitingError):
        outbound.get_json(server.url("/good"), part="users")


def test_stack_exchange_backoff_is_obeyed_beside_a_good_answer(
    outbound: Outbound, server: MisbehavingServer, time: FakeTime
) -> None:
    url = server.says("/answers", answer(200, {"items": [1], "backoff": 30}))
    assert json_of(outbound.get_json(url, part="answers"))["items"] == [1]
    assert outbound.get_json(server.url("/good?1"), part="questions").status == 200
    with pytest.raises(WaitingError) as caught:
        outbound.get_json(server.url("/good?2"), part="answers")
    assert caught.value.until == time.now + timedelta(seconds=30)


def test_an_exhausted_day_is_waited_for_until_midnight(outbound: Outbound, server: MisbehavingServer) -> None:
    outbound.get_json(server.says("/answers", answer(200, {"items": [], "quota_remaining": 0})), part="answers")
    with pytest.raises(WaitingError) as caught:
        outbound.get_json(server.url("/good"), part="questions")
    assert caught.value.until == datetime(2026, 11, 24, tzinfo=UTC)


def test_the_last_request_of_a_window_is_followed_by_none(
    make_outbound: Callable[..., Outbound], server: MisbehavingServer, time: FakeTime
) -> None:
    until = time.now + timedelta(minutes=5)
    url = server.says("/last", answer(200, X_RateLimit_Remaining="0", X_RateLimit_Reset=iso(until)))
    make_outbound("job_1").get_json(url)
    with pytest.raises(WaitingError) as caught:
        make_outbound("job_2").get_json(server.url("/good"))
    assert (caught.value.until, len(server.heard)) == (until, 1)


def test_a_refusal_without_a_time_is_followed_by_growing_pauses(
    outbound: Outbound, server: MisbehavingServer, time: FakeTime
) -> None:
    url = server.says("/limited", answer(429))
    pauses_s = []
    for _ in range(8):
        with pytest.raises(WaitingError) as caught:
            outbound.get_json(url)
        pauses_s.append((caught.value.until - time.now).total_seconds())
        time.now = caught.value.until
    assert pauses_s == [15, 30, 60, 120, 240, 480, 900, 900]


def test_a_wait_of_more_than_a_day_is_not_waited_for(outbound: Outbound, server: MisbehavingServer) -> None:
    with pytest.raises(CircuitOpenError, match="until 2026-11-25"):
        outbound.get_json(server.says("/limited", answer(429, Retry_After="172800")))


def test_a_host_that_is_busy_with_us_is_waited_for(
    outbound: Outbound, server: MisbehavingServer, timed_store: Store, time: FakeTime
) -> None:
    for token in ("one", "two"):
        assert timed_store.budgets.acquire(server.name, "", token, slots=2).verdict == "go"
    with pytest.raises(WaitingError, match="busy"):
        outbound.get_json(server.url("/good"))
    assert 4.0 < sum(time.slept_s) <= 5.0
    timed_store.budgets.release(server.name, "one")
    assert outbound.get_json(server.url("/good")).status == 200


def test_a_place_is_given_back_whatever_happens(hasty_outbound: Outbound, server: MisbehavingServer) -> None:
    for number, path in enumerate(("/reset", "/html", "/silent", "/endless-body", "/loop") * 2):
        with pytest.raises(OutboundError):
            hasty_outbound.get_json(server.url(f"{path}?{number}"))
        hasty_outbound.get_json(server.url(f"/good?{number}"))


def test_a_host_that_fails_again_and_again_is_left_alone(
    outbound: Outbound, server: MisbehavingServer, timed_store: Store, time: FakeTime
) -> None:
    url = server.says("/broken", answer(500))
    for _ in range(3):
        with pytest.raises(HostDownError):
            outbound.get_json(url)
    asked, time.slept_s = len(server.heard), []
    with pytest.raises(CircuitOpenError, match="answered 500"):
        outbound.get_json(server.url("/good"))
    assert (len(server.heard), time.slept_s) == (asked, [])
    (health,) = timed_store.budgets.health("")
    assert (health.host, health.state, health.why) == (server.name, "circuit_open", "answered 500")
    assert health.until is not None
    time.now = health.until
    assert outbound.get_json(server.url("/good")).status == 200


def test_things_that_are_gone_are_no_failures_of_the_host(outbound: Outbound, server: MisbehavingServer) -> None:
    url = server.says("/gone", answer(404))
    for _ in range(20):
        with pytest.raises(GoneError):
            outbound.get_json(url)


def test_a_host_that_fails_now_and_then_is_not_left_alone(outbound: Outbound, server: MisbehavingServer) -> None:
    for number in range(12):
        outbound.get_json(server.says(f"/{number}", answer(502), answer(200)))


REFUSALS_WITHOUT_A_TIME_TO_COME: dict[str, Callable[[datetime], Any]] = {
    "reset in the past": lambda now: answer(
        403, {"message": "API rate limit"}, X_RateLimit_Remaining="0", X_RateLimit_Reset=str(int(now.timestamp()) - 30)
    ),
    "reset now": lambda now: answer(429, X_RateLimit_Remaining="0", X_RateLimit_Reset=iso(now)),
    "no seconds": lambda _: answer(429, Retry_After="0"),
    "a date gone by": lambda now: answer(503, Retry_After=f"{now - timedelta(days=1):%a, %d %b %Y %H:%M:%S} GMT"),
    "words alone": lambda _: answer(403, {"message": "API rate limit exceeded for 198.51.100.7"}),
}


@pytest.mark.parametrize("refusal", REFUSALS_WITHOUT_A_TIME_TO_COME)
def test_a_time_that_has_passed_is_followed_by_growing_pauses(
    outbound: Outbound, server: MisbehavingServer, time: FakeTime, refusal: str
) -> None:
    url = server.says("/limited", REFUSALS_WITHOUT_A_TIME_TO_COME[refusal](time.now))
    pauses_s = []
    for _ in range(4):
        with pytest.raises(WaitingError, match=r"limit|asks to wait") as caught:
            outbound.get_json(url)
        pauses_s.append((caught.value.until - time.now).total_seconds())
        time.now = caught.value.until
    assert (pauses_s, len(server.heard)) == ([15, 30, 60, 120], 4)


def test_a_time_that_is_stated_again_and_again_is_not_believed(
    outbound: Outbound, server: MisbehavingServer, time: FakeTime
) -> None:
    url = server.says("/limited", answer(429, Retry_After="2"))
    pauses_s = []
    for _ in range(4):
        with pytest.raises(WaitingError) as caught:
            outbound.get_json(url)
        pauses_s.append((caught.value.until - time.now).total_seconds())
        time.now = caught.value.until
    assert (time.slept_s, pauses_s) == ([2.0], [15, 30, 60, 120])
