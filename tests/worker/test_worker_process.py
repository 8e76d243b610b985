"""The worker process: one job at a time under a lease, and a heartbeat that outlasts Redis."""

from __future__ import annotations

import os
import signal
from queue import Queue
from typing import TYPE_CHECKING

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from candor.scoring.method import load_method
from candor.scoring.score import score
from candor.telemetry.meters import Meters
from tests.integration.waiting import until
from worker import process as heartbeat_module
from worker.context import CURRENT, WorkerContext
from worker.process import Heartbeat, Worker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from candor.store import Store
    from tests.conftest import Log, NewJob


@pytest.fixture
def heartbeat(store: Store) -> Heartbeat:
    """A heartbeat that does not beat."""
    return Heartbeat(store, "w1", os.getppid(), Meters())


@pytest.fixture
def worker(store: Store, heartbeat: Heartbeat) -> Iterator[Worker]:
    """A worker on the interactive queue, in a context with the real method."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)}
    CURRENT.set(WorkerContext(store, load_method(), score))
    yield Worker("w1", "interactive", store, heartbeat, lambda: None)
    for number, handler in handlers.items():
        signal.signal(number, handler)


def test_a_worker_runs_what_its_queue_holds(store: Store, new_job: NewJob, posts: bytes, worker: Worker) -> None:
    job = new_job()
    store.jobs.create(job, posts)
    worker.work(burst=True)
    assert store.jobs.find(job.id).status == "succeeded"


def test_nothing_of_a_finished_job_is_left_in_the_queue(
    store: Store, new_job: NewJob, posts: bytes, worker: Worker
) -> None:
    job = new_job()
    store.jobs.create(job, posts)
    worker.work(burst=True)
    assert [key for key in store.redis.keys("*") if job.id.encode() in key] == [f"candor:job:{job.id}".encode()]
    assert not store.redis.exists("rq:queue:interactive", "rq:queue:interactive:intermediate", "rq:wip:interactive")


def test_a_worker_leaves_a_job_that_another_has_in_hand(
    store: Store, new_job: NewJob, posts: bytes, worker: Worker
) -> None:
    job = new_job()
    store.jobs.create(job, posts)
    store.workers.hold("w2", job.id)
    worker.work(burst=True)
    assert store.jobs.find(job.id).status == "queued"
    assert not store.redis.exists("rq:queue:interactive:intermediate")


def test_a_worker_does_not_touch_the_other_queue(store: Store, new_job: NewJob, posts: bytes, worker: Worker) -> None:
    job = new_job(queue="batch")
    store.jobs.create(job, posts)
    worker.work(burst=True)
    assert store.jobs.find(job.id).status == "queued"


def test_a_lease_is_held_during_the_block_and_free_after_it(store: Store, heartbeat: Heartbeat) -> None:
    with heartbeat.holding(store.workers, "job_1") as held:
        assert held
        assert store.workers.held_by("w1") == "job_1"
    assert store.workers.held_by("w1") is None


def test_a_beat_takes_a_lease_again_that_ran_out_while_redis_was_away(store: Store, heartbeat: Heartbeat) -> None:
    with heartbeat.holding(store.workers, "job_1"):
        store.redis.flushall()
        heartbeat._beat()
        assert store.workers.held_by("w1") == "job_1"


def test_a_beat_without_redis_is_no_more_than_a_missed_beat(
    store: Store, heartbeat: Heartbeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: str) -> None:
        raise RedisConnectionError

    monkeypatch.setattr(store.workers, "heartbeat", away)
    assert not heartbeat._beat()


@pytest.mark.parametrize(("beaten", "ended"), [(True, "asked to finish"), (False, "at once")])
def test_a_worker_whose_launcher_is_gone_ends_at_once_only_if_redis_is_gone_too(
    store: Store, monkeypatch: pytest.MonkeyPatch, beaten: bool, ended: str
) -> None:
    seen: Queue[str] = Queue()
    monkeypatch.setattr(heartbeat_module.os, "kill", lambda *_: seen.put("asked to finish"))
    monkeypatch.setattr(heartbeat_module.os, "_exit", lambda _: seen.put("at once"))
    monkeypatch.setattr(Heartbeat, "_beat", lambda _: beaten)
    with Heartbeat(store, "w1", launcher_pid=-1, meters=Meters()).running():
        assert seen.get(timeout=10) == ended


def test_a_worker_that_ends_is_no_longer_alive(store: Store) -> None:
    heartbeat = Heartbeat(store, "w1", os.getppid(), Meters())
    with heartbeat.running():
        heartbeat._beat()
        assert store.workers.alive() == {"w1"}
    assert store.workers.alive() == set()


def test_a_worker_told_to_stop_says_why_and_what_becomes_of_its_job(
    store: Store, heartbeat: Heartbeat, worker: Worker, log: Log
) -> None:
    with heartbeat.running():
        with heartbeat.holding(store.workers, "job_1"):
            worker.request_stop(signal.SIGTERM, None)
            until(lambda: log.lines("stopping: the job in hand is finished first"))
        assert log.lines("stopped") == []
    (said,) = log.lines("stopping: the job in hand is finished first")
    assert (said["signal"], said["job_id"]) == ("SIGTERM", "job_1")
    assert [line["event"] for line in log.lines()][-1] == "stopped"


def test_a_worker_without_a_job_says_that_none_is_in_hand(heartbeat: Heartbeat, worker: Worker, log: Log) -> None:
    with heartbeat.running():
        worker.request_stop(signal.SIGTERM, None)
    (said,) = log.lines("stopping: no job is in hand")
    assert said["signal"] == "SIGTERM"
    assert "job_id" not in said
