"""What a worker writes and counts: a line for each stage under the ids of job and request, and nobody's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from candor.scoring.method import load_method
from candor.scoring.score import score
from candor.telemetry.meters import Meters
from worker import jobs
from worker.context import CURRENT, WorkerContext

if TYPE_CHECKING:
    from collections.abc import Callable

    from candor.store.models import Job
    from tests.conftest import Log, NewJob


@pytest.fixture
def meters() -> Meters:
    return Meters()


@pytest.fixture
def run(store, meters) -> Callable[..., None]:
    """Runs a job as a worker does."""

    def run_job(job: Job, scorer: object = score) -> None:
        token = CURRENT.set(WorkerContext(store, load_method(), scorer, meters=meters))
        try:
            jobs.score(job.owner, job.id)
        finally:
            CURRENT.reset(token)

    return run_job


@pytest.fixture
def asked(store, new_job: NewJob, posts: bytes) -> Job:
    """A job that a request made."""
    job = msgspec.structs.replace(new_job("rockets", accounts=("u1", "u2")), request_id="req-7")
    store.jobs.create(job, posts)
    return job


def seen(meters: Meters) -> dict[tuple[str, ...], float]:
    """What was counted, by name and labels."""
    taken = {}
    meters.flush(taken.update)
    return {(name, *(value for _, value in labels)): count for (name, labels), count in taken.items()}


def test_every_line_of_a_job_has_its_id_and_that_of_its_request(run, asked, log: Log):
    run(asked)
    lines = log.lines()
    assert [line["event"] for line in lines] == ["job started", "stage", "job finished"]
    assert {(line["job_id"], line["request_id"]) for line in lines} == {(asked.id, "req-7")}


def test_each_stage_has_a_line_with_its_seconds(run, asked, log: Log):
    run(asked)
    assert [line["stage"] for line in log.lines("stage")] == ["scoring"]
    assert all(line["seconds"] >= 0 for line in log.lines("stage"))


def test_the_next_job_does_not_carry_the_ids_of_the_last(run, asked, new_job, log: Log):
    run(asked)
    run(new_job())
    assert log.lines("nothing to do")[0].keys() == {"time", "level", "process", "logger", "event", "job_id"}


def test_a_part_carries_the_request_of_its_whole(store, run, new_job, log: Log):
    whole = msgspec.structs.replace(new_job("a", "b", accounts=(), dataset="d"), request_id="req-8")
    store.jobs.create(whole)
    run(whole)
    assert store.jobs.find(f"{whole.id}-1").request_id == "req-8"


def test_nobodys_words_and_no_names_are_written_when_scoring_breaks(run, asked, log: Log):
    def broken(activities, question, method):
        raise ValueError(f"{activities[0].content} by {activities[0].actor}")

    run(asked, broken)
    text = log.text.getvalue()
    assert len(log.lines("an account cannot be scored")) == 2
    assert "my rocket" not in text
    assert "u1" not in text


def test_a_stage_that_broke_off_has_its_line(run, asked, log: Log):
    def away(activities, question, method):
        raise RedisConnectionError

    with pytest.raises(RedisConnectionError):
        run(asked, away)
    assert [line["stage"] for line in log.lines("stage")] == ["scoring"]


def test_stages_and_scores_are_counted(run, asked, meters):
    run(asked)
    counts = seen(meters)
    for stage in ("queued", "scoring"):
        assert counts["candor_job_stage_seconds_count", stage] == 1
    assert sum(count for key, count in counts.items() if key[:2] == ("candor_scores_total", "expertise")) == 2
    assert sum(count for key, count in counts.items() if key[:2] == ("candor_scores_total", "interest")) == 2
