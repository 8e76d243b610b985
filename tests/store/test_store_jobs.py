"""Jobs: what a caller is promised about the records."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import OutOfMemoryError

from candor.store.client import UnknownCursorError
from candor.store.job_problems import TIMED_OUT, WORKER_DIED
from candor.store.models import Progress

if TYPE_CHECKING:
    from candor.store import Store
    from tests.conftest import NewJob


def test_a_created_job_is_found_as_it_was(store: Store, new_job: NewJob) -> None:
    job = new_job()
    store.jobs.create(job, b"")
    assert store.jobs.get("local", job.id) == job


def test_another_owners_job_is_not_there(store: Store, new_job: NewJob) -> None:
    job = new_job(owner="a")
    store.jobs.create(job, b"")
    assert store.jobs.get("b", job.id) is None
    assert store.jobs.cancel("b", job.id) is None
    assert store.jobs.list("b") == ([], None)


def test_owners_whose_names_hold_separators_stay_apart(store: Store, new_job: NewJob) -> None:
    store.jobs.create(new_job(owner="a:b"), b"")
    assert store.jobs.list("a") == ([], None)


def test_a_created_job_waits_in_the_queue_it_asked_for(store: Store, new_job: NewJob) -> None:
    store.jobs.create(new_job(queue="batch"), b"")
    assert store.health().queue_depths == {"interactive": 0, "batch": 1}


def test_inline_activities_come_back_byte_for_byte(store: Store, new_job: NewJob, posts: bytes) -> None:
    job = new_job()
    store.jobs.create(job, posts)
    assert store.jobs.activities(job) == posts


def test_inline_activities_are_forgotten_when_the_job_ends(store: Store, new_job: NewJob, posts: bytes) -> None:
    job = new_job()
    store.jobs.create(job, posts)
    store.jobs.finish(job.id, "succeeded", ())
    with pytest.raises(LookupError):
        store.jobs.activities(job)


def test_pages_list_every_job_once_newest_first(store: Store, new_job: NewJob) -> None:
    jobs = [new_job() for _ in range(5)]
    for job in jobs:
        store.jobs.create(job, b"")
    pages, cursor = store.jobs.list("local", limit=2)
    while cursor is not None:
        page, cursor = store.jobs.list("local", limit=2, cursor=cursor)
        pages += page
    assert [job.id for job in pages] == [job.id for job in reversed(jobs)]


def test_an_unknown_cursor_is_an_error(store: Store) -> None:
    with pytest.raises(UnknownCursorError):
        store.jobs.list("local", cursor="job_nowhere")


def test_beginning_a_job_counts_the_attempt_and_keeps_the_first_start(store: Store, new_job: NewJob) -> None:
    job = new_job()
    store.jobs.create(job, b"")
    first, second = store.jobs.start("local", job.id), store.jobs.start("local", job.id)
    assert first is not None
    assert second is not None
    assert (second.job.status, second.job.attempts) == ("running", 2)
    assert second.job.started_at == first.job.started_at


def test_progress_is_seen_by_the_caller(store: Store, new_job: NewJob) -> None:
    job = new_job()
    store.jobs.create(job, b"")
    progress = Progress(done=1, total=2, stage="scoring")
    assert store.jobs.report(job.id, progress)
    assert store.jobs.find(job.id).progress == progress


@pytest.mark.parametrize("status", ["succeeded", "failed", "canceled"])
def test_an_ended_job_never_changes_again(store: Store, new_job: NewJob, status: str) -> None:
    job = new_job()
    store.jobs.create(job, b"")
    if status == "canceled":
        store.jobs.cancel("local", job.id)
    else:
        store.jobs.finish(job.id, status, ())
    ended = store.jobs.find(job.id)
    assert ended.status == status
    assert not store.jobs.finish(job.id, "succeeded", ())
    assert not store.jobs.fail(job.id, TIMED_OUT)
    assert not store.jobs.report(job.id, Progress(done=9, total=9, stage="scoring"))
    assert store.jobs.start("local", job.id) is None
    store.jobs.cancel("local", job.id)
    store.recovery.requeue(job.id)
    assert store.jobs.find(job.id) == ended


def test_of_many_who_finish_a_job_at_once_exactly_one_does(store: Store, new_job: NewJob) -> None:
    job = new_job()
    store.jobs.create(job, b"")
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda _: store.jobs.finish(job.id, "succeeded", ()), range(32)))
    assert outcomes.count(True) == 1


def test_canceling_takes_a_waiting_job_out_of_its_queue(store: Store, new_job: NewJob) -> None:
    job = new_job()
    store.jobs.create(job, b"")
    store.jobs.cancel("local", job.id)
    assert store.queue.waiting() == set()


def test_waiting_ends_when_the_job_does(store: Store, new_job: NewJob) -> None:
    job = new_job()
    store.jobs.create(job, b"")
    timer = threading.Timer(0.2, store.jobs.finish, (job.id, "succeeded", ()))
    timer.start()
    started_s = time.monotonic()
    assert store.jobs.wait("local", job.id, 20).status == "succeeded"
    assert time.monotonic() - started_s < 10


def test_waiting_in_vain_gives_the_job_as_it_is(store: Store, new_job: NewJob) -> None:
    job = new_job()
    store.jobs.create(job, b"")
    assert store.jobs.wait("local", job.id, 0.05).status == "queued"


def test_an_ended_job_is_kept_for_the_days_set_and_a_waiting_one_without_limit(store: Store, new_job: NewJob) -> None:
    job = new_job()
    store.jobs.create(job, b"")
    assert store.redis.ttl(f"candor:job:{job.id}") == -1
    store.jobs.finish(job.id, "succeeded", ())
    assert 6 * 86_400 < store.redis.ttl(f"candor:job:{job.id}") <= 7 * 86_400


def test_a_job_is_saved_and_queued_in_one_step_so_that_nobody_sees_it_in_no_queue(
    store: Store, new_job: NewJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise RedisConnectionError

    monkeypatch.setattr(store.queue, "push_new", away)
    job = new_job()
    with pytest.raises(RedisConnectionError):
        store.jobs.create(job, b"")
    assert (store.jobs.find(job.id), store.jobs.count_open()) == (None, 0)


def test_a_job_sent_twice_waits_once(store: Store, new_job: NewJob) -> None:
    job = new_job()
    for _ in range(2):
        store.jobs.create(job, b"")
    assert store.queue.depths() == {"interactive": 1, "batch": 0}


def test_a_waiting_job_and_one_in_hand_are_not_orphaned(store: Store, new_job: NewJob) -> None:
    waiting, in_hand = new_job(), new_job()
    for job in (waiting, in_hand):
        store.jobs.create(job, b"")
    store.queue.remove("interactive", in_hand.id)
    store.workers.hold("w1", in_hand.id)
    assert store.recovery.orphans() == set()


def test_a_job_put_back_waits_once_however_often_it_is_put_back(store: Store, new_job: NewJob) -> None:
    job = new_job()
    store.jobs.create(job, b"")
    for _ in range(2):
        store.jobs.start("local", job.id)
        store.recovery.requeue(job.id)
    store.recovery.requeue(job.id)
    assert store.queue.depths() == {"interactive": 1, "batch": 0}


def test_a_job_that_nobody_started_waits_longer_each_time_it_is_put_back(store: Store, new_job: NewJob) -> None:
    job = new_job()
    store.jobs.create(job, b"")
    pauses = []
    for _ in range(9):
        before_s = time.time()
        store.recovery.requeue(job.id)
        due_s = store.redis.zscore("candor:jobs:waiting", job.id)
        pauses.append(0 if due_s is None else round(due_s - before_s))
    assert pauses == [0, 2, 4, 8, 16, 32, 60, 60, 60]
    assert store.queue.waiting() == set()


def test_a_job_in_another_workers_hands_is_not_put_back(store: Store, new_job: NewJob) -> None:
    job = new_job()
    store.jobs.create(job, b"")
    store.queue.remove("interactive", job.id)
    store.workers.hold("w1", job.id)
    store.recovery.requeue(job.id, worker="w2")
    assert store.queue.waiting() == set()


def test_a_job_begun_three_times_is_given_up_when_it_comes_back(store: Store, new_job: NewJob) -> None:
    job = new_job()
    store.jobs.create(job, b"")
    for _ in range(3):
        store.jobs.start("local", job.id)
    store.recovery.requeue(job.id)
    ended = store.jobs.find(job.id)
    assert (ended.status, ended.error) == ("failed", WORKER_DIED)
    assert store.queue.waiting() == set()


def test_a_full_server_refuses_the_job_and_keeps_nothing_of_it(store: Store, new_job: NewJob, posts: bytes) -> None:
    job = new_job()
    store.redis.config_set("maxmemory", 1)
    try:
        with pytest.raises(OutOfMemoryError):
            store.jobs.create(job, posts)
    finally:
        store.redis.config_set("maxmemory", 0)
    assert store.jobs.find(job.id) is None
    assert store.recovery.orphans() == set()


def test_a_job_made_twice_is_the_first(store, new_job, posts):
    job = new_job()
    store.jobs.create(job, posts)
    store.jobs.start("local", job.id)
    there = store.jobs.create(msgspec.structs.replace(job, attempts=0, request_id="later"), posts)
    assert (there.status, there.request_id) == ("running", None)
    assert store.metrics.sums()["candor_jobs_created_total", ()] == 1
    assert store.queue.depths()["interactive"] == 1


@pytest.mark.parametrize("times", [1, 2])
def test_a_job_is_made_once_however_often_the_answer_is_lost(store, new_job, posts, monkeypatch, times):
    read, job, left = store.redis.parse_response, new_job(), iter(range(times))

    def lost(*given: Any, **options: Any) -> Any:
        answer = read(*given, **options)
        if next(left, None) is not None:
            raise RedisConnectionError("lost")
        return answer

    monkeypatch.setattr(store.redis, "parse_response", lost)
    assert store.jobs.create(job, posts) == job
    assert store.jobs.find(job.id) == job
    assert store.metrics.sums()["candor_jobs_created_total", ()] == 1
    assert store.redis.lrange("rq:queue:interactive", 0, -1) == [job.id.encode()]
