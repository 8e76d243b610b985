"""From a question to a job, and from a job to the pages of what it made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import redirect

from candor.store.boards import root_names
from service.auth import owner
from service.context import context
from service.schemas.job_requests import JobBodySchema
from service.submission import Submission

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

    from candor.store.models import Job, JobResult


def submit(body: dict[str, Any]) -> str:
    """Submit a job as POST /v1/jobs does, and return its id. Raises ProblemError, or marshmallow's ValidationError."""
    job, activities = Submission(owner(), JobBodySchema().load(body)).accept()
    context().store.jobs.create(job, activities)
    return job.id


def follow(job_id: str) -> AnyResponse:
    """Lead to the progress of a job."""
    return redirect(f"/progress/{job_id}", 303)


def address_of(result: JobResult, job: Job) -> str | None:
    """Return the page of what a job made: a card, or a map of everybody."""
    if result.score_id is not None:
        return f"/card/{result.score_id}"
    return None if result.board_id is None else map_address(job, result.topic)


def map_address(job: Job, topic: str) -> str:
    """Return the page that shows everybody in a job's data set on a topic."""
    root = root_names(job.request.trust_root)[0]
    return "/map?" + urlencode({"dataset": job.request.dataset, "topic": topic, "trust_root": root})
