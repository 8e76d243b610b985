"""What is asked of a data set's questions: the words kept of them, and answers that a caller does not wait for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from candor.questions.answering import answer
from candor.questions.formula import load_formula
from candor.questions.openings import community_openings, person_openings
from candor.store import utc_now
from candor.store.job_problems import DATASET_DAMAGED, INPUTS_GONE
from candor.store.models import QUESTION_KINDS, FindingFacts
from candor.store.storage import DamagedFileError
from candor.telemetry.logs import logger
from worker.context import CURRENT, InputError
from worker.inputs import dataset_of

if TYPE_CHECKING:
    from candor.questions.answer import QuestionAnswer
    from candor.questions.index import Index
    from candor.questions.openings import CommunityOpenings, PersonOpenings
    from candor.store.models import Dataset, Job
    from worker.context import WorkerContext

log = logger(__name__)


def keep_words(owner: str, dataset_id: str) -> None:
    """Keep the words of the questions of a data set that was just written. Raises RedisError: it then goes back."""
    context = CURRENT.get()
    dataset = context.store.datasets.get(owner, dataset_id)
    try:
        if dataset is not None:
            context.question_indexes.keep_words(dataset, utc_now())
    except (LookupError, DamagedFileError, OSError) as error:
        log.warning("the words of a data set's questions are not kept", why=str(error))


def answer_job(context: WorkerContext, job: Job) -> None:
    """Make and keep what a job asks of a data set's questions. Raises InputError."""
    asked, dataset = job.request.finding, dataset_of(context, job)
    if asked is None or asked.kind not in QUESTION_KINDS:
        raise ValueError("the job asks nothing of questions")
    try:
        index = context.question_indexes.index(dataset, utc_now())
    except LookupError as error:
        raise InputError(INPUTS_GONE) from error
    except DamagedFileError as error:
        raise InputError(DATASET_DAMAGED) from error
    facts = FindingFacts(
        id=asked.id,
        owner=job.owner,
        request=job.request,
        method=context.method_of(job.request).version,
        total=1,
        head=msgspec.Raw(msgspec.json.encode(_answer(context, job, dataset, index))),
    )
    context.store.findings.put(facts, ())


def _answer(
    context: WorkerContext, job: Job, dataset: Dataset, index: Index
) -> QuestionAnswer | CommunityOpenings | PersonOpenings:
    formula, as_of = load_formula(), job.request.as_of
    said = {each.account: each for each in context.store.account_kinds.said(job.owner, dataset.network)}
    question = job.request.finding and job.request.finding.question
    if question:
        return answer(index, formula, question, said)
    if job.request.accounts:
        return person_openings(index, formula, said, job.request.accounts[0].account, as_of)
    return community_openings(index, formula, said, as_of)
