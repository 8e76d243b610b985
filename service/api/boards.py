"""Boards: who knows about a topic in a community, and the whole explanation of anyone there."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec
from msgspec.structs import replace

from candor.scoring.method import load_method
from candor.store.job_dedup import dedup_key
from candor.store.models import AccountName, Job, Progress
from service.api.jobs import JOB_HEADERS, PREFER, RETRY_HEADER, accepted
from service.auth import owner
from service.context import context, request_id
from service.idempotency import new_job_id
from service.job_inputs import reject_suppressed
from service.paging import Page, page, read_cursor, unknown_cursor
from service.problems import ProblemError
from service.resource import Resource
from service.schemas.boards import EXPERTS_EXAMPLE, ExpertsQuerySchema, ExpertsSchema
from service.schemas.jobs import JOB_EXAMPLE, JobSchema

if TYPE_CHECKING:
    from candor.scoring.board import BoardRow
    from candor.store.models import BoardFacts

resource = Resource("boards", "Everybody in a data set, ranked on a topic.")


@resource.operation("GET", "/v1/topics/<anything:topic_id>/experts", scope="read", problems=("not_found", "invalid"))
@resource.query(ExpertsQuerySchema)
@resource.answer(200, ExpertsSchema, description="A page of the newest board.", example=EXPERTS_EXAMPLE)
def list_experts(query: dict[str, Any], topic_id: str) -> Page:
    """List who knows about a topic in a data set, ranked by the lower end of the interval.

    A job with `dataset` and no `accounts` makes the board. Rows say `standing: shared` where one flow of standing
    served for everybody; the first rows are recomputed as in their documents. Who asked not to be indexed is left out.
    """
    return board_page(query, topic_id)


@resource.operation(
    "POST",
    "/v1/boards/<board_id>/documents/<anything:account>",
    scope="write",
    makes_jobs=True,
    problems=("not_found",),
    parameters=[PREFER],
)
@resource.answer(
    202, JobSchema, description="The job is accepted.", example=JOB_EXAMPLE, headers=JOB_HEADERS | RETRY_HEADER
)
@resource.other_answer(
    200, schema=JobSchema, description="The job has ended within the time preferred.", example=JOB_EXAMPLE
)
def explain_expert(board_id: str, account: str) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Make the document of an account on a board: the same question, answered in full for one account.

    The answer is a job as `POST /v1/jobs` gives it; its only result leads to the document.
    """
    return accepted(explain(board_id, account))


def explain(board_id: str, account: str) -> Job:
    """Submit the job that makes the document of an account on a board. Raises ProblemError 404."""
    facts = context().store.boards.get(owner(), board_id)
    if facts is None:
        raise ProblemError("not_found", "There is no such board.")
    reject_suppressed(str(facts.request.network), {"": account})
    named = AccountName(network=str(facts.request.network), account=account)
    request = replace(facts.request, accounts=(named,), method=facts.method, queue="batch")
    job = Job(
        id=new_job_id(),
        owner=owner(),
        request=request,
        progress=Progress(done=0, total=1, stage="queued"),
        created_at=context().now(),
        request_id=request_id(),
        dedup_key=dedup_key(owner(), request, None, dated=True),
    )
    return context().store.jobs.create(job)


def newest_board(query: dict[str, Any], topic_id: str) -> BoardFacts:
    """Return the newest board that a query asks for. Raises ProblemError 404."""
    method = query["method"] or load_method().version
    facts = context().store.boards.newest(owner(), query["dataset"], topic_id, query["trust_root"], method)
    if facts is None:
        raise ProblemError("not_found", "No such board was made: submit a job with this data set and no accounts.")
    return facts


def board_page(query: dict[str, Any], topic_id: str) -> Page:
    """Return a page of the newest board that a query asks for. Raises ProblemError 404."""
    facts = newest_board(query, topic_id)
    rows, after = board_rows(query, facts)
    body, headers = page([_show_row(row, facts) for row in rows], after, query)
    return {"board": _show_facts(facts), **body}, headers


def board_rows(query: dict[str, Any], facts: BoardFacts) -> tuple[list[BoardRow], str | None]:
    """Return the rows of a board that a query asks for, and behind what the next page begins, None on the last."""
    rows = context().store.boards.rows(facts, _rank(query["cursor"], facts))
    shown = list(itertools.islice((row for row in rows if _wanted(row, query)), query["limit"] + 1))
    more = len(shown) > query["limit"]
    shown = shown[: query["limit"]]
    return shown, f"{facts.id} {shown[-1].rank}" if more else None


def _rank(cursor: str | None, facts: BoardFacts) -> int:
    """Return the rank that a cursor stands behind: it belongs to one board, and a newer one has other ranks."""
    if cursor is None:
        return 0
    board_id, _, rank = str(read_cursor(cursor)).partition(" ")
    if board_id != facts.id or not rank.isdecimal():
        raise unknown_cursor()
    return int(rank)


def _wanted(row: BoardRow, query: dict[str, Any]) -> bool:
    least = query["reachability"]
    return (
        query["kind"] in (None, row.kind)
        and query["status"] in (None, row.expertise.status)
        and (least is None or (row.reachability.value is not None and row.reachability.value >= least))
    )


def _show_row(row: BoardRow, facts: BoardFacts) -> dict[str, Any]:
    """Show a row, with where its document is made."""
    return {
        **msgspec.structs.asdict(row),
        "document_url": f"/v1/boards/{facts.id}/documents/{quote(row.account, safe='')}",
    }


def _show_facts(facts: BoardFacts) -> dict[str, Any]:
    """Show what is known of a board beside its rows."""
    request = facts.request
    return {
        **{name: getattr(facts, name) for name in ("id", "method", "people", "compared", "largest_difference")},
        **{name: getattr(request, name) for name in ("dataset", "as_of", "window_days", "trust_root")},
        "topic": facts.topic.id,
    }
