"""Ranking everybody in a data set: a job is cut by topic, and each part makes one board."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
from msgspec.structs import replace

from candor.scoring.account_kinds import kind_of
from candor.scoring.board import make_board
from candor.scoring.memory import kept_memory
from candor.scoring.world import build_world
from candor.store.boards import board_id
from candor.store.models import BoardFacts, JobResult

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from candor.scoring.account_kinds import SaidKind
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
    said = {each.account: each for each in context.store.account_kinds.said(job.owner, str(job.request.network))}
    facts = BoardFacts(
        id=board_id(job.request, method, contested, said.values()),
        owner=job.owner,
        request=job.request,
        method=method.version,
        people=len(board),
        compared=board.compared,
        largest_difference=board.largest_difference,
        kinds=_kinds(world, board, said),
    )
    rows = board.rows(0, len(board))
    context.store.boards.put(facts, (replace(r, kind=said[r.account].kind) if r.account in said else r for r in rows))
    result = JobResult(account=None, topic=facts.topic.id, board_id=facts.id)
    context.store.jobs.finish(job.id, "succeeded", (result,), progress=replace(job.progress, people=len(board)))


def _kinds(world: World, board: Board, said: Mapping[str, SaidKind]) -> dict[str, int]:
    """Count the rows of a board by kind of account."""
    columns = world.columns
    known = {*columns.accounts, *(columns.person_of[name] for name in said if name in columns.person_of)}
    told = np.intersect1d(board.order, np.fromiter(known, dtype=np.int64, count=len(known)))
    counted = Counter(kind_of(columns.people[p], columns.accounts.get(p), said)[0] for p in told.tolist())
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
