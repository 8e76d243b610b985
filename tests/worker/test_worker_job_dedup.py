"""Shared work: of equal jobs that are open at once one does the work, and each ends on its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from candor.scoring.method import load_method
from candor.scoring.score import score
from candor.store.job_dedup import dedup_key
from worker import jobs
from worker.context import CURRENT, WorkerContext

if TYPE_CHECKING:
    from collections.abc import Iterator

    from candor.store import Store
    from candor.store.models import Job, JobRequest
    from tests.conftest import NewJob


@dataclass
class Work:
    """Scores as ever, counts how often, and lets something happen meanwhile."""

    meanwhile: list[Any] = field(default_factory=list)
    times: int = 0

    def __call__(self, activities: Any, question: Any, method: Any) -> Any:
        self.times += 1
        while self.meanwhile:
            self.meanwhile.pop()()
        return score(activities, question, method)


@pytest.fixture
def work(store: Store) -> Iterator[Work]:
    """This process works as a worker whose work is counted."""
    counted = Work()
    token = CURRENT.set(WorkerContext(store, load_method(), counted))
    yield counted
    CURRENT.reset(token)


@pytest.fixture
def equal(store: Store, new_job: NewJob, posts: bytes) -> list[Job]:
    """Three equal jobs, accepted and not begun."""
    made = [replace(new_job(), dedup_key="w") for _ in range(3)]
    for job in made:
        store.jobs.create(job, posts)
    return made


def run(job: Job) -> None:
    jobs.score(job.owner, job.id)


def resumed(store: Store) -> list[str]:
    """Which jobs are taken up again now."""
    return sorted(store.recovery.resume())


def test_equal_jobs_do_the_work_once_and_each_has_the_results(store: Store, equal: list[Job], work: Work) -> None:
    for job in equal:
        run(job)
    ended = [store.jobs.find(job.id) for job in equal]
    assert work.times == 1
    assert {job.status for job in ended} == {"succeeded"}
    assert len({job.results for job in ended}) == 1


def test_a_job_begun_meanwhile_waits_and_is_woken_by_the_end(store: Store, equal: list[Job], work: Work) -> None:
    first, second, _ = equal
    seen = []
    work.meanwhile.append(lambda: (run(second), seen.append(store.jobs.find(second.id)), seen.append(resumed(store))))
    run(first)
    assert (seen[0].status, seen[0].progress.stage, seen[0].attempts) == ("queued", "waiting", 0)
    assert seen[1] == []
    assert resumed(store) == [second.id]
    run(second)
    assert (store.jobs.find(second.id).status, work.times) == ("succeeded", 1)


def test_canceling_the_one_that_works_leaves_the_others_to_do_it(store: Store, equal: list[Job], work: Work) -> None:
    first, second, third = equal
    work.meanwhile.append(lambda: (run(second), run(third), store.jobs.cancel(first.owner, first.id)))
    run(first)
    assert resumed(store) == sorted([second.id, third.id])
    run(second)
    run(third)
    assert [store.jobs.find(job.id).status for job in equal] == ["canceled", "succeeded", "succeeded"]
    assert work.times == 2


def test_canceling_one_that_waits_leaves_the_one_that_works(store: Store, equal: list[Job], work: Work) -> None:
    first, second, _ = equal
    work.meanwhile.append(lambda: (run(second), store.jobs.cancel(second.owner, second.id)))
    run(first)
    assert [store.jobs.find(job.id).status for job in (first, second)] == ["succeeded", "canceled"]


def test_a_job_that_fails_leaves_the_others_to_try(store: Store, equal: list[Job], work: Work) -> None:
    first, second, _ = equal
    store.redis.delete(f"candor:job:{first.id}:activities")
    run(first)
    run(second)
    assert [store.jobs.find(job.id).status for job in (first, second)] == ["failed", "succeeded"]


def test_a_job_taken_up_again_after_a_crash_goes_on_with_its_own_work(
    store: Store, equal: list[Job], work: Work
) -> None:
    first = store.jobs.start("local", equal[0].id).job
    assert store.job_dedup.claim(first)
    assert store.job_dedup.claim(store.jobs.start("local", equal[0].id).job)


def test_what_had_ended_before_is_done_again(store: Store, equal: list[Job], work: Work, posts: bytes) -> None:
    run(equal[0])
    later = replace(equal[0], id="job_later", created_at=store.jobs.find(equal[0].id).finished_at.replace(year=2100))
    store.jobs.create(later, posts)
    run(later)
    assert (store.jobs.find(later.id).status, work.times) == ("succeeded", 2)


def test_jobs_are_equal_when_all_that_is_asked_is(new_job: NewJob, posts: bytes) -> None:
    request: JobRequest = new_job().request
    later = replace(request, as_of=request.as_of.replace(year=2025))
    same = dedup_key("ana", request, posts, dated=True)
    assert same == dedup_key("ana", replace(request, webhook="wh_1"), posts, dated=True)
    assert dedup_key("ana", request, posts, dated=False) == dedup_key("ana", later, posts, dated=False)
    others = [("bob", request, posts), ("ana", later, posts), ("ana", request, posts + b" "), ("ana", request, None)]
    assert same not in [dedup_key(*other, dated=True) for other in others]
