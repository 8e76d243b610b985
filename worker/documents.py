"""Documents: scores material and saves what comes of it, so that no account spoils another."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec
from redis.exceptions import RedisError
from rq.timeouts import BaseTimeoutException

from candor.store.job_problems import SCORING_FAILED
from candor.telemetry.kinds import SCORES
from candor.telemetry.logs import logger

if TYPE_CHECKING:
    from collections.abc import Iterator

    from candor.store.models import Job, Problem
    from worker.context import WorkerContext
    from worker.material import Material

log = logger(__name__)


class Made(NamedTuple):
    """What came of one account on one topic: the id of a score, or a problem."""

    account: str
    topic: str
    score_id: str | None
    problem: Problem | None


def documents(context: WorkerContext, job: Job, material: Material) -> Iterator[Made]:
    """Score all accounts at once; should that break, the rest account by account."""
    made = 0
    try:
        for each in _scored(context, job, material, material.question.accounts):
            yield each
            made += 1
    except (RedisError, BaseTimeoutException):
        raise
    except Exception:  # whatever broke, the other accounts can be scored
        log.exception("scoring broke", documents=made)
        yield from _one_by_one(context, job, material, made)


def _one_by_one(context: WorkerContext, job: Job, material: Material, made: int) -> Iterator[Made]:
    topics = material.question.topics
    first, skipped = divmod(made, len(topics))
    for account in material.question.accounts[first:]:
        try:
            results = list(_scored(context, job, material, (account,)))
        except (RedisError, BaseTimeoutException):
            raise
        except Exception:
            log.exception("an account can not be scored")  # which, is in the job's results: names stay out of logs
            results = [Made(account, topic.id, None, SCORING_FAILED) for topic in topics]
        yield from results[skipped:]
        skipped = 0


def _scored(context: WorkerContext, job: Job, material: Material, accounts: tuple[str, ...]) -> Iterator[Made]:
    question = msgspec.structs.replace(material.question, accounts=accounts)
    for document in context.scorer(material.activities, question, context.method_of(job.request)) if accounts else ():
        context.store.scores.put(job.owner, document)
        for side, part in (("expertise", document.expertise), ("interest", document.interest)):
            context.meters.count(SCORES, side, part.status)
        yield Made(document.account.account, document.topic.id, document.id, None)
