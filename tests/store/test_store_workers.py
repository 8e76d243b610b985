"""Leases: one worker at a time has a job in hand, and a lease that nobody renews ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from candor.store import Store

JOB = "job_1"


def test_a_worker_is_alive_from_when_it_says_so_until_it_leaves(store: Store) -> None:
    store.workers.heartbeat("w1")
    assert store.workers.alive() == {"w1"}
    store.workers.leave("w1")
    assert store.workers.alive() == set()


def test_a_worker_not_heard_of_for_ten_seconds_is_not_alive(store: Store) -> None:
    store.redis.zadd("candor:workers", {"w1": store.redis.time()[0] - 11})
    assert store.workers.alive() == set()


def test_one_worker_at_a_time_has_a_job_in_hand(store: Store) -> None:
    assert store.workers.hold("w1", JOB)
    assert not store.workers.hold("w2", JOB)
    assert store.workers.hold("w1", JOB)


def test_a_lease_ends_within_ten_seconds_unless_renewed(store: Store) -> None:
    store.workers.hold("w1", JOB)
    assert 0 < store.redis.ttl(f"candor:job:{JOB}:lease") <= 10


def test_what_a_worker_has_in_hand_is_known(store: Store) -> None:
    store.workers.hold("w1", JOB)
    assert store.workers.held_by("w1") == JOB
    assert store.workers.held_by("w2") is None


def test_a_released_job_is_free(store: Store) -> None:
    store.workers.hold("w1", JOB)
    store.workers.release("w1", JOB)
    assert store.workers.held_by("w1") is None
    assert store.workers.hold("w2", JOB)


def test_releasing_does_not_end_another_workers_lease(store: Store) -> None:
    store.workers.hold("w1", JOB)
    store.workers.release("w2", JOB)
    assert not store.workers.hold("w2", JOB)


def test_renewing_prolongs_a_lease_and_never_makes_one(store: Store) -> None:
    store.workers.hold("w1", JOB)
    store.redis.expire(f"candor:job:{JOB}:lease", 1)
    assert store.workers.renew("w1") == JOB
    assert store.redis.ttl(f"candor:job:{JOB}:lease") > 1
    store.workers.release("w1", JOB)
    assert store.workers.renew("w1") is None
    assert not store.redis.exists(f"candor:job:{JOB}:lease")
