"""Findings: what a job makes of a data set in place of scores; words of its questions, and small parts merged."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import msgspec

from candor.messages.community_topics import community_topics
from candor.messages.path import message_path
from candor.messages.person_topics import person_topics
from candor.messages.ranking import MOST_MESSAGES, rank_messages
from candor.questions.answering import answer
from candor.questions.formula import load_formula
from candor.questions.openings import community_openings, person_openings
from candor.scoring.topics import Topic, load_catalogue
from candor.scoring.world import build_world
from candor.store import utc_now
from candor.store.job_problems import DATASET_DAMAGED, INPUTS_GONE
from candor.store.models import QUESTION_KINDS, Declined, FindingFacts
from candor.store.storage import DamagedFileError
from candor.telemetry.logs import logger
from worker.context import CURRENT, InputError
from worker.inputs import job_dataset

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from candor.questions.answer import QuestionAnswer
    from candor.questions.index import Index
    from candor.questions.openings import CommunityOpenings, PersonOpenings
    from candor.scoring.world import World
    from candor.store.models import Dataset, FindingKind, Job
    from worker.context import WorkerContext
    from worker.inputs import ScoringInput

Made: TypeAlias = "tuple[int, msgspec.Struct | None, Iterable[msgspec.Struct]]"
"""How many rows there are, cut off ones too; what is said of the whole; and the rows."""


def find(context: WorkerContext, job: Job, given: ScoringInput) -> None:
    """Make and keep the finding that a job asks for. `given` is its community on its topics."""
    asked, method = job.request.finding, context.method_of(job.request)
    if asked is None:
        raise ValueError("the job asks for no finding")
    world = build_world(given.columns, given.question, method)
    total, head, rows = _MAKERS[asked.kind](context, job, world)
    facts = FindingFacts(
        id=asked.id,
        owner=job.owner,
        request=job.request,
        method=method.version,
        total=total,
        head=msgspec.Raw(msgspec.json.encode(head)),
    )
    context.store.findings.put(facts, rows)


def _messages(context: WorkerContext, job: Job, world: World) -> Made:
    network = str(job.request.network)
    contested = context.store.disputes.contested(job.owner, network)
    said = {each.account: each for each in context.store.account_kinds.said(job.owner, network)}
    ranking = rank_messages(world, 0, contested=contested, said=said)
    return ranking.total, None, ranking.rows(MOST_MESSAGES)


def _message(context: WorkerContext, job: Job, world: World) -> Made:
    network, asked = str(job.request.network), job.request.finding
    said = {each.account: each for each in context.store.account_kinds.said(job.owner, network)}
    path = message_path(world, str(asked and asked.message), said)
    return (0, None, ()) if path is None else (len(path[1]), *path)


def _account_topics(context: WorkerContext, job: Job, world: World) -> Made:
    account = job.request.accounts[0].account
    person = world.columns.person_of.get(account)
    record = None if person is None else world.columns.accounts.get(person)
    if record is not None and record.consent is False:
        return 0, Declined(), ()
    contested = context.store.disputes.contested(job.owner, str(job.request.network), (account,))
    rows = person_topics(world, account, _known_topics(context, job), contested)
    return len(rows), None, rows


def _dataset_topics(context: WorkerContext, job: Job, world: World) -> Made:
    total, rows = community_topics(world, _known_topics(context, job))
    return total, None, rows


def _known_topics(context: WorkerContext, job: Job) -> tuple[Topic, ...]:
    """Return the topics of the catalogue, the owner's own, and those that the job names beside."""
    catalogue = load_catalogue()
    others = {topic.id: topic for topic in (*job.request.topics, *context.store.topics.list(job.owner))}
    return (*catalogue.values(), *(topic for topic in others.values() if topic.id not in catalogue))


_MAKERS: Mapping[FindingKind, Callable[[WorkerContext, Job, World], Made]] = {
    "messages": _messages,
    "message": _message,
    "account_topics": _account_topics,
    "dataset_topics": _dataset_topics,
}


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
    asked, dataset = job.request.finding, job_dataset(context, job)
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


def merge_parts(owner: str, dataset_id: str) -> None:
    """Merge the small parts of a data set. Raises RedisError: it then goes back."""
    try:
        merged = CURRENT.get().store.datasets.merge_parts(owner, dataset_id)
    except (LookupError, DamagedFileError, OSError) as error:
        log.warning("the parts of a data set are not merged", why=str(error))
    else:
        log.info("parts of a data set merged" if merged else "the data set was replaced while its parts were merged")


def index_records(owner: str, dataset_id: str) -> None:
    """Make the index of a large data set before anybody adds to it. Raises RedisError: it then goes back."""
    try:
        CURRENT.get().store.datasets.make_index(owner, dataset_id)
    except (LookupError, DamagedFileError, OSError) as error:
        log.warning("the records of a data set are not indexed", why=str(error))
    else:
        log.info("records of a data set indexed")
