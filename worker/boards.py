"""Ranking everybody in a data set: a job is cut by topic, and each part makes one board."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from msgspec.structs import replace

from candor.boards.board import QueriedCommunity
from candor.boards.engines import SilentEngineError
from candor.scoring.account_kinds import kind_of
from candor.scoring.arrays import kept_memory
from candor.scoring.board import make_board
from candor.scoring.world import build_world
from candor.store.boards import board_id
from candor.store.job_problems import ENGINE_SILENT
from candor.store.models import BoardFacts, JobResult
from worker.context import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from candor.boards.engines import Engine
    from candor.scoring.account_kinds import SaidKind
    from candor.scoring.board import Board
    from candor.scoring.copies import Copies
    from candor.scoring.question import Contested, Question
    from candor.scoring.table import Table
    from candor.scoring.world import World
    from candor.store.models import Job
    from worker.context import WorkerContext
    from worker.inputs import ScoringInput


@dataclass(frozen=True)
class Loaders:
    """How the community of a job is loaded, on no topic: into memory, or as it is kept, which queries read."""

    in_memory: Callable[[], ScoringInput]
    as_kept: Callable[[], tuple[Question, Table, Copies]]


def rank(context: WorkerContext, job: Job, loaders: Loaders, on_progress: Callable[[], None]) -> None:
    """Make and keep the board of a part, and end the part with it."""
    with kept_memory():
        _rank(context, job, loaders, on_progress)


def _rank(context: WorkerContext, job: Job, loaders: Loaders, on_progress: Callable[[], None]) -> None:
    method = context.method_of(job.request)
    suppressions = context.store.suppression.version()
    disputed = context.store.disputes.contested(job.owner, str(job.request.network))
    contested = tuple(each for each in disputed if each.topic == job.request.topics[0].id)
    board = _board(context, job, loaders, contested, on_progress)
    said = {each.account: each for each in context.store.account_kinds.said(job.owner, str(job.request.network))}
    facts = BoardFacts(
        id=board_id(job.request, method, contested, said.values()),
        owner=job.owner,
        request=job.request,
        method=method.version,
        people=len(board),
        compared=board.compared,
        largest_difference=board.largest_difference,
        kinds=_kinds(board, said),
        made_at=context.store.now(),
        suppressions=suppressions,
        copies=board.copies,
        on_replies=board.on_replies and board.has_scores,
        absent=sum(each.account not in board.members.person_of for each in board.root.accounts),
    )
    rows = board.rows(0, len(board))
    context.store.boards.put(facts, (replace(r, kind=said[r.account].kind) if r.account in said else r for r in rows))
    result = JobResult(account=None, topic=facts.topic.id, board_id=facts.id)
    context.store.jobs.finish(job.id, "succeeded", (result,), progress=replace(job.progress, people=len(board)))


def _kinds(board: Board, said: Mapping[str, SaidKind]) -> dict[str, int]:
    """Count the rows of a board by kind of account."""
    members = board.members
    known = {*members.accounts, *(members.person_of[name] for name in said if name in members.person_of)}
    told = np.intersect1d(board.order, np.fromiter(known, dtype=np.int64, count=len(known)))
    counted = Counter(kind_of(members.people[p], members.accounts.get(p), said)[0] for p in told.tolist())
    counted["unknown"] += len(board) - told.size
    return {kind: count for kind, count in counted.items() if count}


def _is_large(context: WorkerContext, job: Job) -> bool:
    """Tell whether a data set has so many records that it is left to the engine."""
    dataset = context.store.datasets.get(job.owner, str(job.request.dataset))
    return dataset is None or dataset.records >= context.engine_from


def _board(
    context: WorkerContext,
    job: Job,
    loaders: Loaders,
    contested: tuple[Contested, ...],
    on_progress: Callable[[], None],
) -> Board:
    """Make the board of a topic, in memory or by the engine that is set; the next topic finds the community at hand."""
    request = job.request
    asked, method = (replace(request, topics=()), context.store.suppression.version()), context.method_of(request)

    def _world() -> World:
        whole = loaders.in_memory()
        return build_world(whole.columns, whole.question, method)

    def _queried(open_engine: Callable[[], Engine]) -> QueriedCommunity:
        question, table, copies = loaders.as_kept()
        return QueriedCommunity.prepared(open_engine(), table, question, method, on_progress, copies=copies)

    open_engine = context.open_engine
    if open_engine is not None and _is_large(context, job):
        try:
            community = context.communities.queried(asked, lambda: _queried(open_engine))
            return community.board(request.topics[0], contested, on_progress)
        except BaseException as error:
            context.communities.forget_queried()  # an engine that failed may fail again: the next board opens another
            if isinstance(error, SilentEngineError):
                raise InputError(ENGINE_SILENT) from error
            raise
    everybody = context.communities.everybody(asked, _world)
    world = everybody.world.about(request.topics)
    return make_board(world, 0, everybody=everybody, contested=contested, on_progress=on_progress)
