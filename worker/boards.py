"""Ranking everybody in a data set: a job is cut by topic, and each part makes one board."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from candor.scoring.board import Everybody, make_board
from candor.scoring.memory import kept_memory
from candor.scoring.world import World, build_world
from candor.store.boards import board_id
from candor.store.models import BoardFacts, JobResult

if TYPE_CHECKING:
    from collections.abc import Callable

    from candor.store.models import Job, JobRequest
    from worker.context import WorkerContext
    from worker.inputs import Material


class Communities:
    """Keeps the community ranked last, so that the next topic of the same data set need not prepare it again."""

    def __init__(self) -> None:
        self._asked: tuple[JobRequest, int] | None = None
        self._everybody: Everybody | None = None

    def world(
        self, context: WorkerContext, request: JobRequest, gather: Callable[[], Material]
    ) -> tuple[World, Everybody]:
        """Return the community asked for on the topics asked for, and what its boards have in common.

        `gather` reads its records if it is another than the last.
        """
        asked = (replace(request, topics=()), context.store.suppression.version())
        if self._everybody is None or asked != self._asked:
            self._everybody = None  # before the next is made: one of them may fill the memory
            material = gather()
            question = replace(material.question, topics=(), contact=None)
            world = build_world(material.activities, question, context.method_of(request))
            self._everybody, self._asked = Everybody(world), asked
        return self._everybody.world.about(request.topics), self._everybody


def rank(context: WorkerContext, job: Job, gather: Callable[[], Material], on_progress: Callable[[], None]) -> None:
    """Make and keep the board of a part, and end the part with it."""
    with kept_memory():
        _rank(context, job, gather, on_progress)


def _rank(context: WorkerContext, job: Job, gather: Callable[[], Material], on_progress: Callable[[], None]) -> None:
    world, everybody = context.communities.world(context, job.request, gather)
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
    )
    context.store.boards.put(facts, board.rows(0, len(board)))
    result = JobResult(account=None, topic=facts.topic.id, board_id=facts.id)
    context.store.jobs.finish(job.id, "succeeded", (result,), progress=replace(job.progress, people=len(board)))
