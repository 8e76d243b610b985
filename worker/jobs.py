"""What RQ runs, thin: gather, score, save. Running a job twice changes nothing."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from redis.exceptions import RedisError
from rq.timeouts import BaseTimeoutException

from scoring.question import Question
from scoring.records import RecordReader
from store.job_problems import DATASET_CHANGED, INPUTS_GONE, SCORING_FAILED, TIMED_OUT
from store.models import AccountName, Job, JobResult, Problem, Progress, Stage
from worker.boards import rank
from worker.desk import CURRENT, Desk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scoring.activity import Activity

log = logging.getLogger(__name__)


class EndedError(Exception):
    """The job has ended meanwhile: canceled, or finished by another worker."""


class GatherError(Exception):
    """The records to score can not be had; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


def score(owner: str, job_id: str) -> None:
    """Run one job of one owner, at the desk of this process. Raises RedisError: the job then goes back by itself."""
    desk = CURRENT.get()
    job = desk.store.jobs.begin(job_id)
    if job is None or job.owner != owner:
        log.info("job %s: nothing to do", job_id)
        return
    log.info("job %s: attempt %d", job.id, job.attempts)
    try:
        if job.is_whole:
            desk.store.jobs.fan_out(job)
        elif job.is_part:
            _rank(desk, job)
        else:
            _run(desk, job)
    except BaseTimeoutException:
        desk.store.jobs.fail(job.id, TIMED_OUT)
    except GatherError as error:
        desk.store.jobs.fail(job.id, error.problem)
    except EndedError:
        log.info("job %s: ended meanwhile", job.id)


def _run(desk: Desk, job: Job) -> None:
    _report(desk, job, 0, "gathering")
    activities = _gather(desk, job)
    _report(desk, job, 0, "scoring")
    results: list[JobResult] = []
    for result in _results(desk, job, activities):
        results.append(result)
        if len(results) < job.request.total:
            _report(desk, job, len(results), "scoring")
    if any(result.score_id for result in results):
        desk.store.jobs.finish(job.id, "succeeded", tuple(results))
    else:
        desk.store.jobs.finish(job.id, "failed", tuple(results), SCORING_FAILED)


def _rank(desk: Desk, job: Job) -> None:
    _report(desk, job, 0, "scoring")
    try:
        rank(desk, job, lambda: _gather(desk, job), lambda: _report(desk, job, 0, "scoring"))
    except (RedisError, BaseTimeoutException, GatherError, EndedError):
        raise
    except Exception:  # the other topics can still be ranked
        log.exception("job %s: nobody can be ranked", job.id)
        desk.store.jobs.fail(job.id, SCORING_FAILED)


def _gather(desk: Desk, job: Job) -> Sequence[Activity]:
    try:
        return _inline(desk, job) if job.request.dataset is None else _of_dataset(desk, job, job.request.dataset)
    except LookupError as error:
        raise GatherError(INPUTS_GONE) from error


def _inline(desk: Desk, job: Job) -> list[Activity]:
    reader = RecordReader()
    reader.feed(desk.store.jobs.activities(job).splitlines())
    return reader.activities


def _of_dataset(desk: Desk, job: Job, dataset_id: str) -> Sequence[Activity]:
    dataset = desk.store.datasets.get(job.owner, dataset_id)
    if dataset is not None and job.request.dataset_digest not in {None, dataset.digest}:
        raise GatherError(DATASET_CHANGED)
    return desk.store.datasets.activities(job.owner, dataset_id)


def _results(desk: Desk, job: Job, activities: Sequence[Activity]) -> Iterator[JobResult]:
    """Score all accounts at once; should that break, the rest account by account, so that none spoils another."""
    made = 0
    try:
        for result in _scored(desk, job, job.request.accounts, activities):
            yield result
            made += 1
    except (RedisError, BaseTimeoutException):
        raise
    except Exception:  # whatever broke, the other accounts can be scored
        log.exception("job %s: scoring broke after %d documents", job.id, made)
        yield from _one_by_one(desk, job, activities, made)


def _one_by_one(desk: Desk, job: Job, activities: Sequence[Activity], made: int) -> Iterator[JobResult]:
    topics = job.request.topics
    first, skipped = divmod(made, len(topics))
    for account in job.request.accounts[first:]:
        try:
            results = list(_scored(desk, job, (account,), activities))
        except (RedisError, BaseTimeoutException):
            raise
        except Exception:
            log.exception("job %s: %s can not be scored", job.id, account.account)
            results = [JobResult(account=account, topic=topic.id, problem=SCORING_FAILED) for topic in topics]
        yield from results[skipped:]
        skipped = 0


def _scored(
    desk: Desk, job: Job, accounts: tuple[AccountName, ...], activities: Sequence[Activity]
) -> Iterator[JobResult]:
    request = job.request
    question = Question(
        network=request.network,
        accounts=tuple(account.account for account in accounts),
        topics=request.topics,
        trust_root=request.trust_root,
        as_of=request.as_of,
        window_days=request.window_days,
        profile=request.profile,
        granted_rights=request.granted_rights,
        contact=desk.contact,
    )
    for document in desk.scorer(activities, question, desk.method):
        desk.store.scores.put(job.owner, document)
        account = AccountName(network=document.account.network, account=document.account.account)
        yield JobResult(account=account, topic=document.topic.id, score_id=document.id)


def _report(desk: Desk, job: Job, done: int, stage: Stage) -> None:
    if not desk.store.jobs.report(job.id, Progress(done=done, total=job.request.total, stage=stage)):
        raise EndedError(job.id)
