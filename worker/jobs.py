"""What RQ runs: loads what a job is scored from, scores, saves, notifies. Running a job twice changes nothing."""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import structlog
from redis.exceptions import RedisError
from rq.timeouts import BaseTimeoutException

from candor.store import utc_now
from candor.store.client import DamagedValueError
from candor.store.job_problems import SCORING_FAILED, STORAGE_AWAY, STORED_DAMAGED, SUPPRESSED, TIMED_OUT
from candor.store.models import QUESTION_KINDS, AccountName, JobResult
from candor.store.storage import StorageAwayError
from candor.telemetry.logs import logger, note
from candor.telemetry.meters import SCORES, STAGE_SECONDS
from worker.boards import Loaders, rank
from worker.context import CURRENT, InputError, WorkerContext
from worker.findings import answer_job, find
from worker.inputs import left_over, load_inputs, load_table, unscored
from worker.outbound import WaitingError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from candor.store.jobs import Jobs
    from candor.store.models import Job, JobRequest, Problem, Progress, Stage
    from candor.store.score_cache import Pair
    from candor.store.started import Brought
    from candor.telemetry.meters import Meters
    from worker.inputs import ScoringInput


EVERY_S = 0.5
log = logger(__name__)
_LINES = logging.getLogger(__name__)  # for what is said of every job

SHORTEST_WAIT = timedelta(seconds=1)
STORAGE_WAIT, STORAGE_PATIENCE = timedelta(seconds=10), timedelta(hours=1)
THE_STORAGE = "the storage of data sets"
SOON_SCORED = 1_000
"""Records of a job that are scored within some tens of milliseconds."""


class EndedError(Exception):
    """The job has ended meanwhile: canceled, or finished by another worker."""


_NOT_OF_ONE = (RedisError, BaseTimeoutException, InputError, EndedError, DamagedValueError, StorageAwayError)
"""What ends or puts off the whole job, whatever it was at."""


def score(owner: str, job_id: str) -> None:
    """Run one job of one owner, in the context of this process. Raises RedisError: the job then goes back by itself."""
    context = CURRENT.get()
    try:
        started = context.store.jobs.start(owner, job_id)
    except DamagedValueError:
        context.store.jobs.end_damaged(job_id)
        return
    if started is None or started.job.owner != owner:
        log.info("nothing to do", job_id=job_id)
        return
    job = started.job
    with structlog.contextvars.bound_contextvars(job_id=job.id, request_id=job.request_id):
        _work(context, job, started.brought)


def _work(context: WorkerContext, job: Job, brought: Brought | None) -> None:
    note(_LINES, logging.INFO, {"event": "job started", "attempt": job.attempts})
    if job.attempts == 1 and job.progress.stage == "queued":
        context.meters.observe(STAGE_SECONDS, (utc_now() - job.created_at).total_seconds(), "queued")
    reporter = Reporter(context.store.jobs, job, context.meters)
    try:
        _do(context, job, reporter, brought)
    except BaseTimeoutException:
        context.store.jobs.fail(job.id, TIMED_OUT)
    except InputError as error:
        context.store.jobs.fail(job.id, error.problem)
    except DamagedValueError:
        log.exception("what is kept of the job is damaged")
        context.store.jobs.fail(job.id, STORED_DAMAGED)
    except EndedError:
        log.info("job ended meanwhile")
    except WaitingError as error:
        log.info("job waiting", until=error.until.isoformat())  # for whom is in the job: a host may name a person
        _postpone(context, job, reporter, error.until, str(error))
    except StorageAwayError as error:
        log.warning("the storage of data sets is away", why=str(error))
        if utc_now() - job.created_at > STORAGE_PATIENCE:
            context.store.jobs.fail(job.id, STORAGE_AWAY)
        else:
            _postpone(context, job, reporter, utc_now() + STORAGE_WAIT, THE_STORAGE)
    finally:
        reporter.leave_stage()
        note(_LINES, logging.INFO, {"event": "job finished"})


def _do(context: WorkerContext, job: Job, reporter: Reporter, brought: Brought | None) -> None:
    context.method_of(job.request)
    if not context.store.job_dedup.claim(job):
        log.info("an equal job does the work")
    elif job.is_whole:
        context.store.job_parts.fan_out(job)
    elif job.is_part:
        _rank(context, job, reporter)
    elif job.request.finding is not None:
        _find(context, job, reporter)
    else:
        _run(context, job, reporter, brought)


def _run(context: WorkerContext, job: Job, reporter: Reporter, brought: Brought | None) -> None:
    """Load, score, save: what became of each account and topic is the job's result, and ends it."""
    if not job.request.inline:  # what a job brings is at hand
        reporter.report(stage="gathering")
    reused = context.store.score_cache.find(job.owner, job.request)
    inputs = load_inputs(context, left_over(job, reused), reporter.fetched, brought)
    received = job.request.received if job.request.inline else None
    if received is not None and received.records <= SOON_SCORED and job.request.total == 1:
        reporter.enter("scoring")  # it ends before anybody could read that
    else:
        reporter.report(stage="scoring")
    outcomes: dict[tuple[str, str, str], Outcome] = {}
    for part in (part for each in inputs for part in unscored(each, reused)):
        for outcome in score_all(context, job, part):
            outcomes[part.question.network, outcome.account, outcome.topic] = outcome
            if (done := len(reused) + len(outcomes)) < job.request.total:
                reporter.report(done=done)
    results = _results(job.request, inputs, outcomes, reused)
    if any(result.score_id for result in results):
        context.store.jobs.finish(job.id, "succeeded", results, progress=reporter.progress)
    else:
        context.store.jobs.finish(job.id, "failed", results, results[0].problem, progress=reporter.progress)
    for account in {each.account for each in results if each.account and each.problem == SUPPRESSED}:
        context.store.eraser.redact_job(job.id, account.network, account.account)
    if job.request.fetch is not None:
        context.store.score_cache.put(job.owner, job.request, results, _names(inputs))


def _rank(context: WorkerContext, job: Job, reporter: Reporter) -> None:
    """Make the board of a part, from the community on no topic: the next part has another."""
    context.store.job_parts.began(job)
    reporter.report(stage="scoring")
    community = msgspec.structs.replace(job, request=msgspec.structs.replace(job.request, topics=()))
    loaders = Loaders(
        in_memory=lambda: load_inputs(context, community, reporter.fetched)[0],
        as_kept=lambda: load_table(context, community, reporter.fetched),
    )
    try:
        rank(context, job, loaders, reporter.report)
    except (*_NOT_OF_ONE, WaitingError):
        raise
    except Exception:  # the other topics can still be ranked
        log.exception("ranking crashed")
        context.store.jobs.fail(job.id, SCORING_FAILED)


def _find(context: WorkerContext, job: Job, reporter: Reporter) -> None:
    """Make a finding of the data set, and end the job with it."""
    reporter.report(stage="scoring")
    of_questions = job.request.finding is not None and job.request.finding.kind in QUESTION_KINDS
    given = None if of_questions else load_inputs(context, job, reporter.fetched)[0]
    if given is not None and (problem := next(iter(given.problems.values()), None)):
        context.store.jobs.fail(job.id, problem)
        return
    try:
        if given is None:
            answer_job(context, job)
        else:
            find(context, job, given)
    except _NOT_OF_ONE:
        raise
    except Exception:  # whatever broke, the job has ended and says so
        log.exception("finding crashed")
        context.store.jobs.fail(job.id, SCORING_FAILED)
    else:
        context.store.jobs.finish(job.id, "succeeded", (), progress=msgspec.structs.replace(reporter.progress, done=1))


class Outcome(NamedTuple):
    """What came of one account on one topic: the id of a score, or a problem."""

    account: str
    topic: str
    score_id: str | None
    problem: Problem | None


def score_all(context: WorkerContext, job: Job, given: ScoringInput) -> Iterator[Outcome]:
    """Score all accounts at once and save the scores; should that crash, the rest account by account."""
    done = 0
    try:
        for outcome in _scored(context, job, given, given.question.accounts):
            yield outcome
            done += 1
    except (RedisError, BaseTimeoutException):
        raise
    except Exception:  # whatever broke, the other accounts can be scored
        log.exception("scoring crashed", documents=done)
        yield from _one_by_one(context, job, given, done)


def _one_by_one(context: WorkerContext, job: Job, given: ScoringInput, done: int) -> Iterator[Outcome]:
    topics = given.question.topics
    first, skipped = divmod(done, len(topics))
    for account in given.question.accounts[first:]:
        try:
            outcomes = list(_scored(context, job, given, (account,)))
        except (RedisError, BaseTimeoutException):
            raise
        except Exception:
            log.exception("an account cannot be scored")  # which, is in the job's results: names stay out of logs
            outcomes = [Outcome(account, topic.id, None, SCORING_FAILED) for topic in topics]
        yield from outcomes[skipped:]
        skipped = 0


def _scored(context: WorkerContext, job: Job, given: ScoringInput, accounts: tuple[str, ...]) -> Iterator[Outcome]:
    question = msgspec.structs.replace(given.question, accounts=accounts)
    for document in context.scorer(given.columns, question, context.method_of(job.request)) if accounts else ():
        context.store.scores.put(job.owner, document, job.request.dataset)
        for side, part in (("expertise", document.expertise), ("interest", document.interest)):
            context.meters.count(SCORES, side, part.status)
        yield Outcome(document.account.account, document.topic.id, document.id, None)


def _results(
    request: JobRequest,
    inputs: list[ScoringInput],
    outcomes: Mapping[tuple[str, str, str], Outcome],
    reused: Mapping[Pair, str],
) -> tuple[JobResult, ...]:
    """Return a result for each account and topic asked about, in that order, under the names that were asked about."""
    names = _names(inputs)
    problems = {account: problem for each in inputs for account, problem in each.problems.items()}

    def _result(account: AccountName, topic: str) -> JobResult:
        if (account, topic) in reused:
            return JobResult(account=account, topic=topic, score_id=reused[account, topic], reused=True)
        if account in problems:
            return JobResult(account=account, topic=topic, problem=problems[account])
        outcome = outcomes[account.network, names[account], topic]
        return JobResult(account=account, topic=topic, score_id=outcome.score_id, problem=outcome.problem)

    return tuple(_result(account, topic.id) for account in request.accounts for topic in request.topics)


def _names(inputs: list[ScoringInput]) -> dict[AccountName, str]:
    """Return what records call each account asked about."""
    return {account: name for each in inputs for account, name in each.names.items()}


def _postpone(context: WorkerContext, job: Job, reporter: Reporter, until: datetime, waits_for: str) -> None:
    until = max(until, utc_now() + SHORTEST_WAIT)
    progress = msgspec.structs.replace(reporter.progress, stage="waiting", until=until, waits_for=waits_for)
    context.store.recovery.postpone(job.id, progress, until)


class Reporter:
    """Keeps the progress of the job in hand."""

    def __init__(self, jobs: Jobs, job: Job, meters: Meters) -> None:
        self._jobs = jobs
        self._meters = meters
        self._stage: Stage | None = None
        self._since_s = time.monotonic()
        self._job_id = job.id
        self._told_s = 0.0
        self.progress: Progress = msgspec.structs.replace(
            job.progress, done=0, total=job.request.total, until=None, waits_for=None
        )

    def report(self, **changes: Any) -> None:  # noqa: ANN401 fields of Progress
        """Save the progress, changed. Raises EndedError when the job has ended."""
        if (stage := changes.get("stage")) is not None:
            self.enter(stage)
        self.progress = msgspec.structs.replace(self.progress, **changes)
        self._told_s = time.monotonic()
        if not self._jobs.report(self._job_id, self.progress):
            raise EndedError(self._job_id)

    def enter(self, stage: Stage) -> None:
        """Begin a stage, and save nothing of it yet."""
        if stage != self._stage:
            self.leave_stage()
        self._stage = stage
        self.progress = msgspec.structs.replace(self.progress, stage=stage)

    def fetched(self, posts: int, requests: int) -> None:
        """Note posts read and requests made; saved twice a second at most."""
        self.progress = msgspec.structs.replace(self.progress, posts=posts, requests=requests)
        if time.monotonic() - self._told_s >= EVERY_S:
            self.report()

    def leave_stage(self) -> None:
        """Note how long the stage took that the job was in."""
        seconds = time.monotonic() - self._since_s
        if self._stage is not None:
            note(_LINES, logging.INFO, {"event": "stage", "stage": self._stage, "seconds": round(seconds, 3)})
            self._meters.observe(STAGE_SECONDS, seconds, self._stage)
        self._stage, self._since_s = None, time.monotonic()
