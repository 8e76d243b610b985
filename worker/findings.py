"""Findings: what a job makes of a data set in place of scores, such as the messages on a topic."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import msgspec

from candor.messages.community_topics import community_topics
from candor.messages.path import message_path
from candor.messages.person_topics import person_topics
from candor.messages.ranking import MOST_MESSAGES, rank_messages
from candor.scoring.topics import Topic, load_catalogue
from candor.scoring.world import build_world
from candor.store.models import Declined, FindingFacts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from candor.scoring.world import World
    from candor.store.models import FindingKind, Job
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
