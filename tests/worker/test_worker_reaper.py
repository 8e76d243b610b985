"""The sweep: a job is put back when it has been orphaned for three seconds, not sooner."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from candor.store.workers import LEASE_S
from candor.telemetry.meters import Meters
from worker.launcher import Reaper

if TYPE_CHECKING:
    from candor.store import Store
    from candor.store.models import Job
    from tests.conftest import NewJob


@pytest.fixture
def orphan(store: Store, new_job: NewJob) -> Job:
    """A job in no queue and in nobody's hands."""
    job = new_job()
    store.jobs.create(job, b"")
    store.queue.remove("interactive", job.id)
    return job


def test_a_job_orphaned_for_three_seconds_is_put_back(store: Store, orphan: Job) -> None:
    reaper = Reaper(store, Meters(), lambda: 0.0)
    for now_s in (0.0, 1.5, 2.9):
        reaper.run(now_s)
    assert store.queue.waiting() == set()
    reaper.run(4.0)
    assert store.queue.waiting() == {orphan.id}


def test_a_look_that_waited_for_redis_counts_from_its_answer_and_the_next_one_is_soon(
    store: Store, orphan: Job
) -> None:
    """Its worker takes the lease again within a second of Redis' return, and must have that second."""
    clock = iter((0.0, 8.0, 8.0))
    reaper = Reaper(store, Meters(), lambda: next(clock, 8.0))
    reaper.run(0.0)
    reaper.run(9.1)
    assert store.queue.waiting() == set()
    reaper.run(18.1)
    assert store.queue.waiting() == {orphan.id}


def test_a_job_found_again_meanwhile_is_left_alone(store: Store, orphan: Job) -> None:
    reaper = Reaper(store, Meters(), lambda: 0.0)
    reaper.run(0.0)
    store.workers.hold("w1", orphan.id)
    reaper.run(2.0)
    store.workers.release("w1", orphan.id)
    reaper.run(4.0)
    assert store.queue.waiting() == set()


def test_a_lease_from_when_the_clock_was_ahead_ends_as_others_do(store: Store, orphan: Job) -> None:
    lease = f"candor:job:{orphan.id}:lease"
    store.redis.set(lease, "w1", ex=86_400)
    Reaper(store, Meters()).run(0.0)
    assert 0 < store.redis.ttl(lease) <= LEASE_S


def test_a_worker_that_was_heard_of_before_the_clock_was_put_back_is_not_alive(store: Store) -> None:
    store.workers.heartbeat("w1")
    store.redis.zincrby("candor:workers", 86_400, "w1")
    store.workers.heartbeat("w2")
    assert store.workers.alive() == {"w2"}


def test_a_job_whose_record_is_gone_is_forgotten(store: Store, orphan: Job) -> None:
    store.redis.delete(f"candor:job:{orphan.id}")
    reaper = Reaper(store, Meters(), lambda: 0.0)
    reaper.run(0.0)
    reaper.run(4.0)
    assert store.recovery.orphans() == set()


def test_a_job_on_its_way_to_a_worker_has_as_long_as_a_lease_lasts(store: Store, new_job: NewJob) -> None:
    job, reaper = new_job(), Reaper(store, Meters(), lambda: 0.0)
    store.jobs.create(job, b"")
    store.redis.lmove("rq:queue:interactive", "rq:queue:interactive:intermediate")  # as a worker takes it
    for now_s in (0.0, 4.0, 9.0):
        reaper.run(now_s)
    assert (store.queue.waiting(), store.queue.on_their_way()) == (set(), {job.id})
    reaper.run(11.0)
    assert (store.queue.waiting(), store.queue.on_their_way()) == ({job.id}, set())
