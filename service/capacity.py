"""Capacity: work that could not be done in time is refused before any of it is done."""

from __future__ import annotations

from service.context import context
from service.problems import ProblemError

_RETRY_AFTER_S = "5"


def refuse_when_full() -> None:
    """Raise ProblemError 503 when as many jobs have not ended as the operator allows."""
    most = context().settings.max_open_jobs
    if context().store.jobs.count_open() >= most:
        detail = f"There are already {most} open jobs, the most this service accepts."
        raise ProblemError("queue_full", detail, headers={"Retry-After": _RETRY_AFTER_S})
