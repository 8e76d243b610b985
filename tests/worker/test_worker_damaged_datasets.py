"""A data set whose file is not as it was written ends its jobs with that word, and never with another score."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from candor.scoring.method import load_method
from candor.scoring.score import score
from candor.store.job_problems import DATASET_DAMAGED, STORED_DAMAGED
from worker import jobs
from worker.context import CURRENT, WorkerContext

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from candor.store import Store
    from candor.store.models import Job
    from tests.conftest import NewJob

FACTS = {"network": "custom:demo", "profile": "forum", "granted_rights": False}


@pytest.fixture
def file(store: Store, posts: bytes, data_dir: Path) -> Path:
    """The file of a data set that jobs can name."""
    store.datasets.put("local", "beer", lines=posts.splitlines(), **FACTS)
    (path,) = (data_dir / "datasets").glob("*.parquet")
    return path


@pytest.fixture
def scored(store: Store, new_job: NewJob) -> Callable[[], Job]:
    """Score somebody from the data set as a worker does; return the job as it is then."""

    def run() -> Job:
        job = new_job(dataset="beer")
        store.jobs.create(job, None)
        token = CURRENT.set(WorkerContext(store, load_method(), score))
        try:
            jobs.score(job.owner, job.id)
        finally:
            CURRENT.reset(token)
        return store.jobs.find(job.id)

    return run


def test_of_sixty_flipped_bits_none_makes_another_score(file: Path, scored: Callable[[], Job]) -> None:
    whole, before = file.read_bytes(), scored()
    chance = random.Random(15)
    assert before.status == "succeeded"
    for bit in chance.sample(range(8 * len(whole)), 60):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        file.write_bytes(damaged)
        assert scored().error == DATASET_DAMAGED, bit
    file.write_bytes(whole)
    assert scored().results == before.results


@pytest.mark.parametrize("left", [0, 1, 100, -1])
def test_a_truncated_file_ends_the_job_at_its_first_attempt(file: Path, scored: Callable[[], Job], left: int) -> None:
    file.write_bytes(file.read_bytes()[:left])
    ended = scored()
    assert (ended.status, ended.error, ended.attempts) == ("failed", DATASET_DAMAGED, 1)


def test_the_file_of_another_data_set_is_not_read(
    store: Store, file: Path, data_dir: Path, posts: bytes, scored: Callable[[], Job]
) -> None:
    store.datasets.put("local", "wine", lines=[posts.splitlines()[0].replace(b"rocket", b"Riesling")], **FACTS)
    (other,) = set((data_dir / "datasets").glob("*.parquet")) - {file}
    file.write_bytes(other.read_bytes())
    assert scored().error == DATASET_DAMAGED


def test_records_of_a_job_that_are_not_as_they_were_written_end_it(store: Store, new_job: NewJob, posts: bytes) -> None:
    job = new_job()
    store.jobs.create(job, posts)
    (key,) = store.redis.keys(f"candor:job:{job.id}:activities")
    packed = bytearray(store.redis.get(key))
    packed[len(packed) // 2] ^= 1
    store.redis.set(key, bytes(packed))
    token = CURRENT.set(WorkerContext(store, load_method(), score))
    try:
        jobs.score(job.owner, job.id)
    finally:
        CURRENT.reset(token)
    assert store.jobs.find(job.id).error == STORED_DAMAGED
