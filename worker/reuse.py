"""Reuse: what is left to fetch and to score of a job, some of whose scores there are already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from worker.material import Material

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from candor.store.models import Job
    from candor.store.scores import Pair


def left_over(job: Job, reused: Collection[Pair]) -> Job:
    """Return the job without the accounts that have a score on every topic."""
    topics = job.request.topics
    accounts = (each for each in job.request.accounts if any((each, topic.id) not in reused for topic in topics))
    return replace(job, request=replace(job.request, accounts=tuple(accounts)))


def unscored(material: Material, reused: Collection[Pair]) -> Iterator[Material]:
    """Yield the material once for each set of topics that some of its accounts are still to be scored on."""
    question = material.question
    groups: dict[tuple[str, ...], list[str]] = {}
    for name in question.accounts:
        spellings = [asked for asked, settled in material.names.items() if settled == name]
        missing = tuple(t.id for t in question.topics if any((asked, t.id) not in reused for asked in spellings))
        groups.setdefault(missing, []).append(name)
    for missing, accounts in groups.items():
        topics = tuple(topic for topic in question.topics if topic.id in missing)
        part = replace(question, accounts=tuple(accounts), topics=topics)
        yield Material(part, material.activities, material.names, material.problems)
