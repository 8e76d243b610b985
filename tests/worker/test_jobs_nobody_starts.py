"""What no worker can start ends all the same: it is handed out ten times, with growing pauses, and then has failed."""

from __future__ import annotations

import os
import signal
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from candor.scoring.method import load_method
from candor.scoring.score import score
from candor.store import open_store, redis_keys
from candor.store.job_problems import ERASURE_FAILED, NOT_STARTED
from candor.store.sources import NOT_BEGUN, AskedSource
from candor.telemetry.meters import Meters
from worker.context import CURRENT, WorkerContext
from worker.launcher import Reaper
from worker.process import Heartbeat, Worker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from candor.store import Store
    from candor.store.models import QueueName
    from tests.conftest import NewJob

BEGUN = datetime(2026, 11, 1, tzinfo=UTC)
LATER_VERSION = "worker.of_a_later_version.run"


class Stand:
    """A store, a reaper and workers that come and go, over a clock that a test moves."""

    def __init__(self, redis_url: str, data_dir: Path) -> None:
        self.passed_s = 0.0
        clock = lambda: BEGUN + timedelta(seconds=self.passed_s)  # noqa: E731
        self.store: Store = open_store(redis_url, data_dir, clock=clock)
        self.reaper = Reaper(self.store, Meters(), lambda: 0.0)

    def pass_time(self, seconds: float, queue: QueueName) -> None:
        """Let a worker take what there is, and the launcher look, once every two seconds."""
        until_s = self.passed_s + seconds
        while self.passed_s < until_s:
            heartbeat = Heartbeat(self.store, "w1", os.getppid(), Meters())
            Worker("w1", queue, self.store, heartbeat, lambda: None).work(burst=True)
            self.reaper.run(self.passed_s)
            self.passed_s += 2


@pytest.fixture
def stand(redis_url: str, data_dir: Path) -> Iterator[Stand]:
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)}
    made = Stand(redis_url, data_dir)
    CURRENT.set(WorkerContext(made.store, load_method(), score))
    yield made
    for number, handler in handlers.items():
        signal.signal(number, handler)
    made.store.close()


def test_a_job_whose_function_no_worker_has_ends_within_minutes_and_others_go_on(
    stand: Stand, new_job: NewJob, posts: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    unknown, harmless = new_job(), new_job()
    enqueue = stand.store.queue._enqueue

    def of_a_later_version(name, owner, job_id, **more):
        function = LATER_VERSION if job_id == unknown.id else more.pop("function", "worker.jobs.score")
        enqueue(name, owner, job_id, **{**more, "function": function})

    monkeypatch.setattr(stand.store.queue, "_enqueue", of_a_later_version)
    for job in (unknown, harmless):
        stand.store.jobs.create(job, posts)
    stand.pass_time(180, "interactive")
    assert stand.store.jobs.find(harmless.id).status == "succeeded"
    assert stand.store.jobs.find(unknown.id).status == "queued", "a worker that is replaced meanwhile can have it"
    stand.pass_time(180, "interactive")
    ended = stand.store.jobs.find(unknown.id)
    assert (ended.status, ended.error, ended.attempts) == ("failed", NOT_STARTED, 0)
    assert stand.store.queue.waiting() == set()
    assert stand.store.recovery.orphans() == set()
    assert not stand.store.redis.exists(redis_keys.WAITING_JOBS)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("data", b"\x93NUMPY"),
        ("data", None),
        ("status", b"qveued"),
        ("created_at", b"2026-31-41T00:00:00Z"),
        ("timeout", b"3oo"),
    ],
)
def test_a_job_whose_entry_in_the_queue_is_damaged_is_queued_anew_and_done(
    stand: Stand, new_job: NewJob, posts: bytes, field: str, value: bytes | None
) -> None:
    job = new_job()
    stand.store.jobs.create(job, posts)
    if value is None:
        stand.store.redis.hdel(f"rq:job:{job.id}", field)
    else:
        stand.store.redis.hset(f"rq:job:{job.id}", field, value)
    stand.pass_time(40, "interactive")
    assert stand.store.jobs.find(job.id).status == "succeeded"


def test_a_job_whose_entry_in_the_queue_is_damaged_can_be_canceled(stand: Stand, new_job: NewJob) -> None:
    job = new_job()
    stand.store.jobs.create(job, b"")
    stand.store.redis.hset(f"rq:job:{job.id}", "status", b"qveued")
    assert stand.store.jobs.cancel("local", job.id).status == "canceled"
    assert (stand.store.queue.waiting(), stand.store.redis.exists(f"rq:job:{job.id}")) == (set(), 0)


def test_an_erasure_that_no_worker_can_begin_ends_as_failed(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("candor.store.erasure.FUNCTION", LATER_VERSION)
    asked = stand.store.erasures.create("local", "custom:demo", "u1")
    stand.pass_time(360, "batch")
    ended = stand.store.erasures.find(asked.id)
    assert (ended.status, ended.error, ended.names) == ("failed", ERASURE_FAILED, ())
    assert stand.store.erasures.orphans() | stand.store.queue.waiting() == set()


def test_a_reading_that_no_worker_can_begin_ends_and_says_why(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("candor.store.sources.FUNCTION", LATER_VERSION)
    asked = AskedSource(network="discourse:forum.example", max_requests=10, window_days=30)
    source = stand.store.sources.follow("ada", "forum", asked)
    stand.pass_time(360, "batch")
    state = stand.store.sources.find(source.id).state
    assert (state.status, state.error) == ("failed", NOT_BEGUN)
    assert stand.store.sources.orphans() | stand.store.queue.waiting() == set()
