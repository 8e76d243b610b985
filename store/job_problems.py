"""Why a job ends without its scores: the problems that stand in a job, beside those of a request."""

from __future__ import annotations

from store.models import Problem


def _problem(code: str, status: int, title: str, detail: str) -> Problem:
    return Problem(type=f"/problems/{code}", title=title, status=status, detail=detail, code=code)


WORKER_DIED = _problem(
    "worker_died",
    500,
    "Worker died",
    "The job was begun three times, and each time its worker died or lost the store. It is not tried again.",
)
TIMED_OUT = _problem(
    "timed_out",
    504,
    "Out of time",
    "Scoring took longer than such a job may. Ask for fewer accounts or topics.",
)
SCORING_FAILED = _problem(
    "scoring_failed",
    500,
    "Scoring failed",
    "The records could not be scored. The reason is in the operator's log.",
)
INPUTS_GONE = _problem(
    "inputs_gone", 410, "Inputs gone", "The records that were to be scored are no longer kept. Send them again."
)
DATASET_CHANGED = _problem(
    "dataset_changed", 409, "Data set changed", "The data set was replaced after the job was accepted. Submit it again."
)
JOB_PROBLEMS = (WORKER_DIED, TIMED_OUT, SCORING_FAILED, INPUTS_GONE, DATASET_CHANGED)
