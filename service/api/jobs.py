"""Jobs: ask for scores, follow, list and cancel, and take what they made as rows."""

from __future__ import annotations

import itertools
import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import structlog
from msgspec import Meta, Struct
from msgspec.structs import replace

from candor.scoring.activity import Instant
from candor.scoring.board_row import Side
from candor.scoring.trust_root import root_names
from candor.store.client import UnknownCursorError
from candor.store.scores import score_row
from service.api.accounts import EXPERTISE_EXAMPLE, INTEREST_EXAMPLE
from service.api.job_response import JOB_EXAMPLE, JobResponse, job_response, job_url
from service.api.scores import decode_document
from service.auth import owner
from service.context import context
from service.paging import Listed, Page, form_asked, page, page_of, read_cursor, unknown_cursor, whole
from service.problems import ProblemError
from service.resource import Resource
from service.schemas.base import PageQuerySchema
from service.schemas.job_requests import JOB_BODY_EXAMPLES, JobBodySchema
from service.schemas.queries import WholeQuerySchema
from service.submission import Submission, preferred_wait_s, wait_for

if TYPE_CHECKING:
    from flask import Response

    from candor.store.models import Job, JobResult, ScoreRow

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


results = Resource("job-results", "What jobs made, as rows that leave whole.")


class JobRowResponse(Struct, frozen=True, kw_only=True):
    """What a job made for one account, or for everybody, on one topic, with the numbers."""

    network: Annotated[str | None, Meta(description="The account's network; null for everybody.")]
    account: Annotated[str | None, Meta(description="The account's id there; null for everybody.")]
    topic: Annotated[str, Meta(description="Id of the topic.")]
    score_id: Annotated[str | None, Meta(description="Id of the score, or null.")]
    score_url: Annotated[str | None, Meta(description="Where the score is, part by part, or null.")]
    board_url: Annotated[str | None, Meta(description="Where the board of everybody is, or null.")]
    problem: Annotated[str | None, Meta(description="Why there is no score, as a code, or null.")]
    as_of: Annotated[Instant | None, Meta(description="The time it speaks of, or null.")]
    method: Annotated[str | None, Meta(description="Version of the method, or null.")]
    trust_root: Annotated[
        str, Meta(description="Whose word counted: a trust root's id, `network`, `none`, or its digest without an id.")
    ]
    expertise: Annotated[
        Side | None, Meta(description="Does the account know about it? Null without a score, and when none is kept.")
    ]
    interest: Annotated[Side | None, Meta(description="Does the account care about it? Null as well then.")]


_EXAMPLE = JobRowResponse(
    network="custom:space",
    account="u19",
    topic="space-technology",
    score_id="sc_3f",
    score_url="/v1/scores/sc_3f",
    board_url=None,
    problem=None,
    as_of=datetime(2026, 11, 1, tzinfo=UTC),
    method="2.0.0",
    trust_root="astronomers",
    expertise=EXPERTISE_EXAMPLE,
    interest=INTEREST_EXAMPLE,
)


@results.operation("GET", "/v1/jobs/<job_id>/results", scope="read", problems=("not_found", "invalid"), whole=True)
@results.query(WholeQuerySchema)
@results.response(200, Page[JobRowResponse], description="What it made so far.", example=Page(data=[_EXAMPLE]))
def list_job_results(query: dict[str, Any], job_id: str) -> Listed[JobRowResponse] | Response:
    """List what a job made, a row for each account and topic: first the scores, then what has none.

    All rows leave in one answer as JSON, NDJSON, CSV or Parquet (`format`, or `Accept`). Rows of boards lead to them:
    a board leaves whole at its own address.
    """
    job = found_job(context().store.jobs.get(owner(), job_id))
    root, *_ = root_names(job.request.trust_root)
    results = sorted(job.results, key=lambda result: result.score_id is None)
    placed = [(f"{place:09}", result) for place, result in enumerate(results)]
    scores, whose = context().store.scores, owner()  # rows are made after the request, as they leave

    def _row_of(each: tuple[str, JobResult]) -> JobRowResponse:
        stored = scores.get(whose, each[1].score_id) if each[1].score_id else None
        return _row(each[1], root, score_row(decode_document(stored.body), None) if stored else None)

    form = form_asked(query)
    if form is None:
        return page_of(placed, _place, query, _row_of)
    after = read_cursor(query["cursor"])
    rows = (_row_of(each) for each in placed if after is None or _place(each) > after)
    return whole(form, Page(data=[]), itertools.islice(rows, query.get("limit")), JobRowResponse, job_id)


def _place(each: tuple[str, JobResult]) -> str:
    return each[0]


def _row(result: JobResult, root: str, scored: ScoreRow | None) -> JobRowResponse:
    return JobRowResponse(
        network=result.account.network if result.account else None,
        account=result.account.account if result.account else None,
        topic=result.topic,
        score_id=result.score_id,
        score_url=f"/v1/scores/{result.score_id}" if result.score_id else None,
        board_url=f"/v1/boards/{result.board_id}" if result.board_id else None,
        problem=result.problem.code if result.problem else None,
        as_of=scored.as_of if scored else None,
        method=scored.method if scored else None,
        trust_root=root,
        expertise=scored.expertise if scored else None,
        interest=scored.interest if scored else None,
    )
