"""The sweep: a job is put back when it has been astray for three seconds, not sooner."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from candor.telemetry.meters import Meters
from worker.launcher import Sweep

if TYPE_CHECKING:
    from candor.store import Store
    from candor.store.models import Job
    from tests.conftest import NewJob


@pytest.fixture
def stray(store: Store, new_job: NewJob) -> Job:
    """A job in no queue and in nobody's hands."""
    job = new_job()
    store.jobs.create(job, b"")
    store.queue.remove("interactive", job.id)
    return job


def test_a_job_astray_for_three_seconds_is_put_back(store: Store, stray: Job) -> None:
    sweep = Sweep(store, Meters())
    for now_s in (0.0, 1.5, 2.9):
        sweep.run(now_s)
    assert store.queue.waiting() == set()
    sweep.run(4.0)
    assert store.queue.waiting() == {stray.id}


def test_a_job_found_again_meanwhile_is_left_alone(store: Store, stray: Job) -> None:
    sweep = Sweep(store, Meters())
    sweep.run(0.0)
    store.workers.hold("w1", stray.id)
    sweep.run(2.0)
    store.workers.release("w1", stray.id)
    sweep.run(4.0)
    assert store.queue.waiting() == set()


def test_a_job_whose_record_is_gone_is_forgotten(store: Store, stray: Job) -> None:
    store.redis.delete(f"candor:job:{stray.id}")
    sweep = Sweep(store, Meters())
    sweep.run(0.0)
    sweep.run(4.0)
    assert store.recovery.strays() == set()
