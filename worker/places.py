"""Places that a kept board gives: a document about the very same records and question need not rank everybody again."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from msgspec.structs import replace

from candor.store.boards import board_id

if TYPE_CHECKING:
    from candor.scoring.document import Position
    from candor.scoring.question import Question
    from candor.store.models import BoardFacts, Job
    from worker.context import WorkerContext

MOST_ROWS = 5_000
"""Of those behind, ranking again costs less than reading so far."""


def kept_places(context: WorkerContext, job: Job, question: Question) -> dict[str, dict[str, Position]]:
    """Return the places of accounts on topics, by account and id of topic, as far as boards that are kept have them.

    Boards by queries have no exact places, and who is on a list may have changed since. A row that an estimate made has
    the place of that, and a document of the score that it has itself.
    """
    request = job.request
    if not question.community or request.dataset_digest is None or request.trust_root.kind == "list":
        return {}
    said = context.store.account_kinds.said(job.owner, question.network)
    found: dict[str, dict[str, Position]] = {name: {} for name in question.accounts}
    for topic in question.topics:
        contested = tuple(each for each in question.contested if each.topic == topic.id)
        asked = replace(request, topics=(topic,))
        facts = context.store.boards.get(job.owner, board_id(asked, context.method_of(request), contested, said))
        if facts is not None and facts.compared and facts.suppressions == context.store.suppression.version():
            _read(context, facts, found)
    return found


def _read(context: WorkerContext, facts: BoardFacts, found: dict[str, dict[str, Position]]) -> None:
    missing = set(found)
    for row in islice(context.store.boards.rows(facts), MOST_ROWS):
        if row.account in missing:
            if row.standing == "exact":
                found[row.account][facts.topic.id] = row.position
            missing.remove(row.account)
            if not missing:
                return
