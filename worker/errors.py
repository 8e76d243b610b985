"""Why a job in hand stops before its scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from candor.store.models import Problem


class EndedError(Exception):
    """The job has ended meanwhile: canceled, or finished by another worker."""


class GatherError(Exception):
    """The records to score can not be had; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem
