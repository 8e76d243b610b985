"""Ranking everybody in a data set: a job is cut by topic, and each part makes one board."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
from msgspec.structs import replace

from candor.scoring.board import make_board
from candor.scoring.memory import kept_memory
from candor.scoring.world import build_world
from candor.store.boards import board_id
from candor.store.models import BoardFacts, JobResult

if TYPE_CHECKING:
    from collections.abc import Callable

    from candor.scoring.board import Board
    from candor.scoring.everybody import Everybody
    from candor.scoring.world import World
    from candor.store.models import Job, JobRequest
    from worker.context import WorkerContext
    from worker.inputs import ScoringInput


def rank(context: WorkerContext, job: Job, load: Callable[[], ScoringInput], on_progress: Callable[[], None]) -> None:
    """Make and keep the board of a part, and end the part with it. `load` returns the community, on no topic."""
    with kept_memory():
        _rank(context, job, load, on_progress)


def _rank(context: WorkerContext, job: Job, load: Callable[[], ScoringInput], on_progress: Callable[[], None]) -> None:
    world, everybody = _community(context, job.request, load)
    method = context.method_of(job.request)
    disputed = context.store.disputes.contested(job.owner, str(job.request.network))
    contested = tuple(each for each in disputed if each.topic == job.request.topics[0].id)
    board = make_board(world, 0, everybody=everybody, contested=contested, on_progress=on_progress)
    facts = BoardFacts(
        id=board_id(job.request, method, contested),
        owner=job.owner,
        request=job.request,
        method=method.version,
        people=len(board),
        compared=board.compared,
        largest_difference=board.largest_difference,
        kinds=_kinds(world, board),
    )
    context.store.boards.put(facts, board.rows(0, len(board)))
    result = JobResult(account=None, topic=facts.topic.id, board_id=facts.id)
    context.store.jobs.finish(job.id, "succeeded", (result,), progress=replace(job.progress, people=len(board)))


def _kinds(world: World, board: Board) -> dict[str, int]:
    """Count the rows of a board by kind of account."""
    claims = world.columns.accounts
    told = np.intersect1d(board.order, np.fromiter(claims, dtype=np.int64, count=len(claims)))
    counted = Counter(claims[person].kind or "unknown" for person in told.tolist())
    counted["unknown"] += len(board) - told.size
    return {kind: count for kind, count in counted.items() if count}


def _community(
    context: WorkerContext, request: JobRequest, load: Callable[[], ScoringInput]
) -> tuple[World, Everybody]:
    """Return the community asked for on the topics asked for, and what its boards have in common."""

    def build() -> World:
        whole = load()
        return build_world(whole.columns, whole.question, context.method_of(request))

    asked = (replace(request, topics=()), context.store.suppression.version())
    everybody = context.communities.everybody(asked, build)
    return everybody.world.about(request.topics), everybody
