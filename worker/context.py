"""WorkerContext: what a worker process has at hand. RQ calls a function by name, so it finds this here."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from msgspec.structs import replace

from candor.scoring.everybody import Everybody
from candor.scoring.method import UnknownMethodError, load_method
from candor.store.job_problems import METHOD_UNKNOWN
from candor.store.question_indexes import QuestionIndexes
from candor.telemetry.meters import Meters
from worker.connectors.network_client import Access
from worker.open_datasets import MOST_MB, OpenDatasets
from worker.outbound import Transport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from candor.boards.board import QueriedCommunity
    from candor.boards.engines import Engine
    from candor.scoring.columns import Columns
    from candor.scoring.document import ScoreDocument
    from candor.scoring.method import Method
    from candor.scoring.question import Question
    from candor.scoring.world import World
    from candor.store import Store
    from candor.store.models import JobRequest, Problem


class Scorer(Protocol):
    """What turns records into documents: scoring.score.score, or a test's own."""

    def __call__(self, columns: Columns | World, question: Question, method: Method, /) -> Iterator[ScoreDocument]:
        """Yield a document for each account and topic, accounts outermost."""


class Communities:
    """Keeps the community ranked last, so that the next topic of the same data set need not prepare it again."""

    def __init__(self) -> None:
        self._asked: object = None
        self._everybody: Everybody | None = None
        self._queried: QueriedCommunity | None = None

    def everybody(self, asked: object, build: Callable[[], World]) -> Everybody:
        """Return everybody in the community asked for, built if another was asked for last."""
        if self._everybody is None or asked != self._asked:
            self._everybody = None  # before the next is made: one of them may fill the memory
            self._everybody, self._asked = Everybody(build()), asked
        return self._everybody

    def queried(self, asked: object, build: Callable[[], QueriedCommunity]) -> QueriedCommunity:
        """Return the community asked for in an engine, put there if another was asked for last."""
        if self._queried is None or asked != self._asked:
            self.forget_queried()
            self._queried, self._asked = build(), asked
        return self._queried

    def forget_queried(self) -> None:
        """Give up the community that an engine has, if there is one."""
        community, self._queried = self._queried, None
        if community is not None:
            community.close()


@dataclass(frozen=True)
class WorkerContext:
    """What a job needs at hand: the store, the method and its scorer, whom a person scored can write to, the way out.

    `method` is for jobs that name no version.

    `dns_resolver` answers for domains with which people show that an account is theirs.
    `open_engine` opens what runs boards as queries, None where they are made in memory, as those of data sets with less
    than `engine_from` records are anyway. `communities` keeps the one
    ranked last, `open_datasets` the data sets that accounts were scored from, `question_indexes` those asked questions.
    """

    store: Store
    method: Method
    scorer: Scorer
    contact: str | None = None
    dns_resolver: str = ""
    transport: Transport = field(default_factory=Transport)
    access: Access = field(default_factory=Access)
    communities: Communities = field(default_factory=Communities)
    meters: Meters = field(default_factory=Meters)
    open_engine: Callable[[], Engine] | None = None
    engine_from: int = 0
    open_datasets_mb: int = MOST_MB
    open_datasets: OpenDatasets = field(init=False)
    question_indexes: QuestionIndexes = field(init=False)

    def __post_init__(self) -> None:
        """Open no data set yet."""
        object.__setattr__(self, "open_datasets", OpenDatasets(self.store.datasets, most_mb=self.open_datasets_mb))
        object.__setattr__(self, "question_indexes", QuestionIndexes(self.store))

    def drop_unused(self) -> None:
        """Forget the data sets and indexes that changed or that nobody asked of for long. Raises RedisError."""
        self.open_datasets.drop_changed()
        self.question_indexes.drop_idle()

    def method_of(self, request: JobRequest) -> Method:
        """Return the version of the method that a job is scored with. Raises InputError where it is not known here."""
        try:
            return self.method if request.method is None else load_method(request.method)
        except UnknownMethodError as error:
            raise InputError(replace(METHOD_UNKNOWN, detail=f"{error}.")) from error


CURRENT: ContextVar[WorkerContext] = ContextVar("worker_context")


class InputError(Exception):
    """The records to score cannot be had; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem
