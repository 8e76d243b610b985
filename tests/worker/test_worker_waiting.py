"""A job that has to wait for a host: it says so, gives its worker back, and goes on where it was."""

from __future__ import annotations

from datetime import timedelta

import pytest

from candor.store import open_store, utc_now
from candor.store.client import seal
from candor.telemetry.meters import Meters
from tests.worker.conftest import HOST, post
from worker.launcher import Reaper

ADA = f"@ada@{HOST}"


@pytest.fixture
def later(redis_url, data_dir):
    """The same store, two hours on."""
    opened = open_store(redis_url, data_dir, clock=lambda: utc_now() + timedelta(hours=2))
    yield opened
    opened.close()


@pytest.fixture
def limited(fediverse):
    """A server that shows an account and its posts, and asks to wait an hour for who reshared them."""
    fediverse.person("ada", post("p1", "ada", reblogs_count=1))
    fediverse.mock.get(
        f"https://{HOST}/api/v1/statuses/p1/reblogged_by", status_code=429, headers={"Retry-After": "3600"}, json={}
    )
    return fediverse


@pytest.fixture
def waiting(limited, fetching, worked):
    return worked(fetching(ADA))


def test_a_waiting_job_says_until_when_and_for_whom(waiting):
    assert (waiting.status, waiting.progress.stage) == ("queued", "waiting")
    assert waiting.progress.until - utc_now() > timedelta(minutes=59)
    assert waiting.progress.waits_for.startswith(f"{HOST}: ")


def test_a_waiting_job_keeps_count_of_posts_and_requests(waiting):
    assert (waiting.progress.posts, waiting.progress.requests) == (1, 4)


def test_waiting_is_no_attempt(waiting):
    assert waiting.attempts == 0


def test_a_waiting_job_is_not_taken_for_lost(waiting, store):
    assert store.recovery.orphans() == set()


def test_a_waiting_job_stands_in_no_queue_until_its_time(waiting, store, later):
    store.queue.remove("interactive", waiting.id)
    Reaper(store, Meters()).run(0.0)
    assert store.queue.waiting() == set()
    Reaper(later, Meters()).run(0.0)
    assert store.queue.waiting() == {waiting.id}


def test_of_several_launchers_one_queues_a_job_again(waiting, later):
    assert later.recovery.resume() == (waiting.id,)
    assert later.recovery.resume() == ()


def test_a_waiting_job_can_be_canceled_and_does_not_come_back(waiting, store, later):
    assert store.jobs.cancel("local", waiting.id).status == "canceled"
    later.recovery.resume()
    assert store.queue.waiting() == set()


def test_a_job_that_goes_on_asks_nothing_twice(waiting, limited, worked, store):
    before = len(limited.asked())
    limited.reshared("p1", "bo")
    store.redis.delete(f"candor:host:{HOST}")
    job = worked(waiting)
    assert job.status == "succeeded"
    assert limited.asked()[before:] == ["/api/v1/statuses/p1/reblogged_by"]
    assert (job.progress.until, job.progress.waits_for, job.progress.requests) == (None, None, 5)


def test_a_host_that_wants_more_than_a_days_wait_is_a_gap(limited, fetching, worked, store):
    job = fetching(ADA)
    old = seal(utc_now() - timedelta(hours=23, minutes=30))
    store.redis.hset(f"candor:job:{job.id}", "created_at", old)
    ended = worked(job)
    assert ended.status == "succeeded"
    body = store.scores.get("local", ended.results[0].score_id).body
    assert f"who took up posts of {ADA}: asked for the newest 1 of 1 posts, then {HOST}" in body.decode()
