"""Jobs: ask for scores, follow, list and cancel."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import structlog
from msgspec.structs import replace

from candor.store.client import UnknownCursorError
from service.api.job_response import JOB_EXAMPLE, JobResponse, job_response, job_url
from service.auth import owner
from service.context import context
from service.paging import Listed, Page, page, read_cursor, unknown_cursor
from service.problems import ProblemError
from service.resource import Resource
from service.schemas.base import PageQuerySchema
from service.schemas.job_requests import JOB_BODY_EXAMPLES, JobBodySchema
from service.submission import Submission
from service.waiting import preferred_wait_s, wait_for

if TYPE_CHECKING:
    from candor.store.models import Job

resource = Resource("jobs", "Ask for scores of accounts on topics, and follow the work.")

POLL_AFTER_S = "1"
_LONGEST_POLL_S = 60
WAITED = "Preference-Applied"
PREFER = {
    "in": "header",
    "name": "Prefer",
    "description": "`wait=N`: hold the answer up to N seconds (at most 60) until the job has ended. Ignored when too "
    "many others wait.",
    "schema": {"type": "string"},
    "example": "wait=10",
}
JOB_HEADERS = {
    "Location": {"description": "Where the job is.", "schema": {"type": "string"}},
    WAITED: {"description": "Says that `Prefer: wait` was honoured.", "schema": {"type": "string"}},
}
RETRY_HEADER = {"Retry-After": {"description": "Seconds after which to look again.", "schema": {"type": "integer"}}}


@resource.operation(
    "POST",
    "/v1/jobs",
    scope="write",
    makes_jobs=True,
    problems=("too_many_records", "unsupported_media_type", "invalid", "timeout"),
    parameters=[PREFER],
)
@resource.body(JobBodySchema, examples=JOB_BODY_EXAMPLES)
@resource.response(
    202, JobResponse, description="The job is accepted.", example=JOB_EXAMPLE, headers=JOB_HEADERS | RETRY_HEADER
)
@resource.other_response(
    200,
    JobResponse,
    description="The job has ended within the time preferred.",
    example=JOB_EXAMPLE,
    headers=JOB_HEADERS,
)
def create_job(given: dict[str, Any]) -> tuple[JobResponse, int, dict[str, str]]:
    """Score accounts on topics.

    The records come with the job (`activities`), from a data set (`dataset`), or else are fetched from the accounts'
    networks, within `fetch`. Every account is scored on every topic. With a data set and no accounts everybody in it
    is ranked on each topic: `GET /v1/topics/{topic_id}/experts` then shows who knows about it.
    """
    return accepted(context().store.jobs.create(*Submission(owner(), given).accept()))


def accepted(job: Job) -> tuple[JobResponse, int, dict[str, str]]:
    """Answer with a job that was just created, after the time preferred."""
    structlog.contextvars.bind_contextvars(job_id=job.id)
    wait_s = preferred_wait_s()
    job, waited = wait_for(job, wait_s)
    headers = {"Location": job_url(job.id)}
    if waited:
        headers[WAITED] = f"wait={wait_s}"
    if job.ended:
        return job_response(job), 200, headers
    return job_response(job), 202, headers | {"Retry-After": POLL_AFTER_S}


@resource.operation("GET", "/v1/jobs", scope="read", problems=("invalid",))
@resource.query(PageQuerySchema)
@resource.response(200, Page[JobResponse], description="Your jobs, newest first.", example=Page(data=[JOB_EXAMPLE]))
def list_jobs(query: dict[str, Any]) -> Listed[JobResponse]:
    """List jobs, newest first."""
    try:
        jobs, following = context().store.jobs.list(owner(), cursor=read_cursor(query["cursor"]), limit=query["limit"])
    except UnknownCursorError:
        raise unknown_cursor() from None
    return page([job_response(job) for job in jobs], following, query)


@resource.operation("GET", "/v1/jobs/<job_id>", scope="read", problems=("not_found",), parameters=[PREFER])
@resource.response(
    200, JobResponse, description="The job.", example=JOB_EXAMPLE, headers=RETRY_HEADER | {WAITED: JOB_HEADERS[WAITED]}
)
def read_job(job_id: str) -> tuple[JobResponse, dict[str, str]]:
    """Follow a job; with `Prefer: wait=N` the answer comes when it has ended, or after N seconds."""
    wait_s = preferred_wait_s()
    job, waited = wait_for(found_job(context().store.jobs.get(owner(), job_id)), wait_s)
    headers = {WAITED: f"wait={wait_s}"} if waited else {}
    return job_response(job), headers if job.ended else headers | {"Retry-After": _look_again_after_s(job)}


@resource.operation("POST", "/v1/jobs/<job_id>/cancel", scope="write", problems=("not_found", "already_ended"))
@resource.response(
    200, JobResponse, description="The job, canceled.", example=replace(JOB_EXAMPLE, status="canceled", results=())
)
def cancel_job(job_id: str) -> JobResponse:
    """Cancel a job. Canceling twice does no harm."""
    job = found_job(context().store.jobs.cancel(owner(), job_id))
    if job.status != "canceled":
        raise ProblemError("already_ended", f"The job has {job.status} before it could be canceled.")
    return job_response(job)


def _look_again_after_s(job: Job) -> str:
    """Return the seconds after which something may have changed: at most a minute, also for a job that waits longer."""
    if job.progress.until is None:
        return POLL_AFTER_S
    left_s = (job.progress.until - context().now()).total_seconds()
    return str(min(_LONGEST_POLL_S, max(1, math.ceil(left_s))))


def found_job(job: Job | None) -> Job:
    """Return the job there is. Raises ProblemError 404 where there is none."""
    if job is None:
        raise ProblemError("not_found", "There is no such job.")
    structlog.contextvars.bind_contextvars(job_id=job.id)
    return job
