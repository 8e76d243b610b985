"""A host's budget is one for all workers, and survives those that die."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from redis import Redis

from candor.store.budgets import LEASE, Budgets

if TYPE_CHECKING:
    from collections.abc import Iterator

HOST = "example.org"


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **span: float) -> None:
        self.now += timedelta(**span)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def budgets(redis_url: str, clock: Clock) -> Iterator[Budgets]:
    with Redis.from_url(redis_url) as redis:
        yield Budgets(redis, clock)


def test_no_more_places_are_given_than_there_are(budgets: Budgets) -> None:
    verdicts = [budgets.acquire(HOST, "", str(number), slots=2).verdict for number in range(3)]
    assert verdicts == ["go", "go", "full"]


def test_no_more_places_are_given_than_there_are_when_all_ask_at_once(budgets: Budgets) -> None:
    with ThreadPoolExecutor(8) as pool:
        permits = list(pool.map(lambda number: budgets.acquire(HOST, "", str(number), slots=3), range(40)))
    assert [permit.verdict for permit in permits].count("go") == 3


def test_a_place_given_back_is_free(budgets: Budgets) -> None:
    budgets.acquire(HOST, "", "one", slots=1)
    budgets.release(HOST, "one")
    assert budgets.acquire(HOST, "", "two", slots=1).verdict == "go"


def test_a_dead_workers_place_is_free_after_its_lease(budgets: Budgets, clock: Clock) -> None:
    budgets.acquire(HOST, "", "of a worker that dies", slots=1)
    clock.now += LEASE - timedelta(seconds=1)
    assert budgets.acquire(HOST, "", "two", slots=1).verdict == "full"
    clock.pass_by(seconds=2)
    assert budgets.acquire(HOST, "", "two", slots=1).verdict == "go"


def test_hosts_have_places_of_their_own(budgets: Budgets) -> None:
    budgets.acquire(HOST, "", "one", slots=1)
    assert budgets.acquire("example.com", "", "two", slots=1).verdict == "go"


def test_a_pause_is_never_cut_short(budgets: Budgets, clock: Clock) -> None:
    budgets.pause(HOST, "", clock.now + timedelta(seconds=60), "long")
    budgets.pause(HOST, "", clock.now + timedelta(seconds=10), "short")
    permit = budgets.acquire(HOST, "", "one", slots=1)
    assert (permit.verdict, permit.until, permit.why) == ("wait", clock.now + timedelta(seconds=60), "long")


def test_a_pause_ends_by_itself(budgets: Budgets, clock: Clock) -> None:
    budgets.pause(HOST, "", clock.now + timedelta(seconds=60), "long")
    clock.pass_by(seconds=60)
    assert budgets.acquire(HOST, "", "one", slots=1).verdict == "go"


def test_what_is_left_is_counted_down_over_all_workers(budgets: Budgets, clock: Clock) -> None:
    reset = clock.now + timedelta(minutes=5)
    budgets.record_remaining(HOST, "", 3, reset)
    permits = [budgets.acquire(HOST, "", str(number), slots=9) for number in range(4)]
    assert [permit.verdict for permit in permits] == ["go", "go", "go", "wait"]
    assert permits[-1].until == reset


def test_an_answer_that_was_overtaken_does_not_raise_what_is_left(budgets: Budgets, clock: Clock) -> None:
    reset = clock.now + timedelta(minutes=5)
    budgets.record_remaining(HOST, "", 0, reset)
    budgets.record_remaining(HOST, "", 1, reset + timedelta(seconds=1))
    assert budgets.acquire(HOST, "", "one", slots=1).verdict == "wait"


def test_a_new_window_brings_new_requests(budgets: Budgets, clock: Clock) -> None:
    budgets.record_remaining(HOST, "", 0, clock.now + timedelta(minutes=5))
    clock.pass_by(minutes=5)
    assert budgets.acquire(HOST, "", "one", slots=9).verdict == "go"
    budgets.record_remaining(HOST, "", 7, clock.now + timedelta(minutes=5))
    assert budgets.acquire(HOST, "", "two", slots=9).verdict == "go"


def test_what_is_left_of_one_part_says_nothing_of_another(budgets: Budgets, clock: Clock) -> None:
    budgets.record_remaining(HOST, "search", 0, clock.now + timedelta(minutes=5))
    assert budgets.acquire(HOST, "search", "one", slots=9).verdict == "wait"
    assert budgets.acquire(HOST, "users", "two", slots=9).verdict == "go"


def test_pauses_after_failures_grow_to_an_hour(budgets: Budgets, clock: Clock) -> None:
    minutes = []
    for number in range(18):
        budgets.record_failure(HOST, "no connection")
        permit = budgets.acquire(HOST, "", str(number), slots=99)
        if permit.verdict == "down":
            minutes.append((permit.until - clock.now) / timedelta(minutes=1))
            clock.now = permit.until
    assert minutes == [1, 2, 4, 8, 16, 32, 60, 60, 60, 60]


def test_failures_that_come_back_late_do_not_lengthen_the_pause(budgets: Budgets, clock: Clock) -> None:
    for _ in range(20):
        budgets.record_failure(HOST, "no connection")
    permit = budgets.acquire(HOST, "", "one", slots=1)
    assert permit.until == clock.now + timedelta(minutes=1)


def test_one_success_forgives_all_failures(budgets: Budgets) -> None:
    for _ in range(8):
        budgets.record_failure(HOST, "no connection")
    budgets.record_success(HOST, "")
    budgets.record_failure(HOST, "no connection")
    assert budgets.acquire(HOST, "", "one", slots=1).verdict == "go"


def test_health_tells_the_states_apart(budgets: Budgets, clock: Clock) -> None:
    for host in ("down.example", "limited.example", "spent.example", "well.example"):
        budgets.acquire(host, "", "one", slots=1)
        clock.pass_by(seconds=1)
    for _ in range(9):
        budgets.record_failure("down.example", "answered 502")
    budgets.pause("limited.example", "search", clock.now + timedelta(seconds=30), "asks to wait")
    budgets.record_remaining("spent.example", "", 0, clock.now + timedelta(seconds=40))
    health = [(each.host, each.state, each.why) for each in budgets.health("")]
    assert health == [
        ("well.example", "well", None),
        ("spent.example", "waiting", "has no requests left for us"),
        ("limited.example", "waiting", "asks to wait"),
        ("down.example", "circuit_open", "answered 502"),
    ]
    clock.pass_by(minutes=2)
    assert {each.state for each in budgets.health("")} == {"well"}


def test_hosts_not_asked_for_days_are_forgotten(budgets: Budgets, clock: Clock) -> None:
    budgets.acquire("old.example", "", "one", slots=1)
    clock.pass_by(days=9)
    budgets.acquire(HOST, "", "two", slots=1)
    assert [each.host for each in budgets.health("")] == [HOST]
