"""Metrics in the store: sums of what processes counted, and how long jobs wait."""

from __future__ import annotations

from datetime import timedelta

import pytest

from candor.store import open_store, utc_now
from candor.store.job_problems import SCORING_FAILED

ENDED = "candor_jobs_ended_total"


def test_what_processes_hand_over_is_added_up(store):
    sample = ("candor_x_total", (("host", 'a "quoted" host'),))
    store.metrics.add({sample: 2})
    store.metrics.add({sample: 0.5, ("candor_y_total", ()): 1})
    assert store.metrics.sums() == {sample: 2.5, ("candor_y_total", ()): 1}


def test_a_job_is_counted_once_when_it_ends(store, new_job):
    job = new_job()
    store.jobs.create(job)
    store.jobs.fail(job.id, SCORING_FAILED)
    store.jobs.fail(job.id, SCORING_FAILED)
    store.jobs.cancel(job.owner, job.id)
    sums = store.metrics.sums()
    assert sums["candor_jobs_created_total", ()] == 1
    assert {sample: value for sample, value in sums.items() if sample[0] == ENDED} == {
        (ENDED, (("status", "failed"),)): 1
    }


def test_a_job_in_parts_is_counted_as_one(store, new_job):
    job = new_job("a", "b", accounts=(), dataset="d")
    store.jobs.create(job)
    store.job_parts.fan_out(store.jobs.find(job.id))
    for number in range(2):
        store.jobs.fail(f"{job.id}-{number}", SCORING_FAILED)
    sums = store.metrics.sums()
    assert sums["candor_jobs_created_total", ()] == 1
    assert sums[ENDED, (("status", "failed"),)] == 1


@pytest.fixture
def later(redis_url, data_dir):
    """The store, half a minute from now."""
    opened = open_store(redis_url, data_dir, clock=lambda: utc_now() + timedelta(seconds=30))
    yield opened
    opened.close()


def test_the_age_of_a_queue_is_that_of_the_job_at_its_head(store, later, new_job):
    store.jobs.create(new_job())
    queues = later.metrics.queues()
    assert queues["interactive"].depth == 1
    assert queues["interactive"].oldest_s == pytest.approx(30, abs=5)
    assert (queues["batch"].depth, queues["batch"].oldest_s) == (0, 0.0)
