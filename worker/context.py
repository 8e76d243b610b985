"""WorkerContext: what a worker process has at hand. RQ calls a function by name, so it finds this here."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from msgspec.structs import replace

from candor.scoring.method import UnknownMethodError, load_method
from candor.store.job_problems import METHOD_UNKNOWN
from candor.telemetry.meters import Meters
from worker.boards import Communities
from worker.connectors.source import Access
from worker.errors import GatherError
from worker.outbound import Transport

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from candor.scoring.activity import Activity
    from candor.scoring.document import ScoreDocument
    from candor.scoring.method import Method
    from candor.scoring.question import Question
    from candor.store import Store
    from candor.store.models import JobRequest


class Scorer(Protocol):
    """What turns activities into documents: scoring.score.score, or a test's own."""

    def __call__(self, activities: Sequence[Activity], question: Question, method: Method) -> Iterator[ScoreDocument]:
        """Yield a document for each account and topic, accounts outermost."""


@dataclass(frozen=True)
class WorkerContext:
    """What a job needs at hand: the store, the method and its scorer, whom a person scored can write to, the way out.

    `method` is for jobs that name no version.

    `communities` keeps the one ranked last.
    """

    store: Store
    method: Method
    scorer: Scorer
    contact: str | None = None
    transport: Transport = field(default_factory=Transport)
    access: Access = field(default_factory=Access)
    communities: Communities = field(default_factory=Communities)
    meters: Meters = field(default_factory=Meters)

    def method_of(self, request: JobRequest) -> Method:
        """Return the version of the method that a job is scored with. Raises GatherError where it is not known here."""
        try:
            return self.method if request.method is None else load_method(request.method)
        except UnknownMethodError as error:
            raise GatherError(replace(METHOD_UNKNOWN, detail=f"{error}.")) from error


CURRENT: ContextVar[WorkerContext] = ContextVar("worker_context")
