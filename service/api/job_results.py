"""Results of a job as rows, whole if wanted: as JSON, NDJSON, CSV or Parquet."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from msgspec import Meta, Struct

from candor.scoring.activity import Instant
from candor.scoring.board_row import Side
from candor.scoring.trust_root import root_names
from candor.store.scores import row_of
from service.api.accounts import EXPERTISE_EXAMPLE, INTEREST_EXAMPLE
from service.api.jobs import found_job
from service.api.scores import decode_document
from service.auth import owner
from service.context import context
from service.paging import Listed, Page, page_of, read_cursor
from service.resource import Resource
from service.results import form_asked, whole
from service.schemas.queries import WholeQuerySchema

if TYPE_CHECKING:
    from flask import Response

    from candor.store.models import JobResult, ScoreRow

resource = Resource("job-results", "What jobs made, as rows that leave whole.")


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


@resource.operation("GET", "/v1/jobs/<job_id>/results", scope="read", problems=("not_found", "invalid"), whole=True)
@resource.query(WholeQuerySchema)
@resource.response(200, Page[JobRowResponse], description="What it made so far.", example=Page(data=[_EXAMPLE]))
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
        return _row(each[1], root, row_of(decode_document(stored.body), None) if stored else None)

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
