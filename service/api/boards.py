"""Boards: who knows about a topic in a community, and the whole explanation of anyone there."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias
from urllib.parse import quote

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from candor.scoring.activity import Instant
from candor.scoring.board_row import BoardRow, LastActive, Reachability, TitledRow
from candor.scoring.document import Position
from candor.scoring.made_from import TrustRootRef
from candor.scoring.method import load_method
from candor.scoring.trust_root import root_names
from candor.scoring.verify.position import RANGES
from candor.store.job_dedup import dedup_key
from candor.store.models import Job, Progress
from service.api.accounts import EXPERTISE_EXAMPLE, INTEREST_EXAMPLE
from service.api.job_response import JOB_EXAMPLE, JobResponse
from service.api.jobs import JOB_HEADERS, PREFER, RETRY_HEADER, accepted
from service.api.trust_roots import unknown_root
from service.auth import owner
from service.board_notes import note_of
from service.board_rows import board_rows, disputed_since, left_out, wanted_rows
from service.components import fill
from service.context import context, request_id
from service.http import match_checker, tagged
from service.idempotency import new_job_id
from service.job_inputs import named, reject_suppressed, resolve_topic
from service.named_dataset import unknown_dataset
from service.paging import Page, file_name, form_asked, page, whole
from service.problems import ProblemError
from service.resource import Resource
from service.sample import find_dataset
from service.schemas.base import show_instant
from service.schemas.parameters import ETAG_HEADER, IF_MATCH, IF_NONE_MATCH
from service.schemas.queries import BoardQuerySchema, WholeBoardQuerySchema, WholeExpertsQuerySchema

if TYPE_CHECKING:
    from collections.abc import Collection

    from flask import Response

    from candor.store.models import BoardFacts

resource = Resource("boards", "Everybody in a data set, ranked on a topic.")


class BoardResponse(Struct, frozen=True, kw_only=True):
    """What is known of a board beside its rows."""

    id: Annotated[str, Meta(description="Its id.")]
    topic: Annotated[str, Meta(description="Id of the topic.")]
    dataset: Annotated[str, Meta(description="Id of the data set.")]
    network: Annotated[str, Meta(description="The network that its records come from.")]
    as_of: Annotated[Instant, Meta(description="Only what happened before this time was read.")]
    window_days: Annotated[int, Meta(description="How many days back.")]
    method: Annotated[str, Meta(description="Version of the method.")]
    trust_root: Annotated[TrustRootRef, Meta(description="Whose word counted.")]
    people: Annotated[int, Meta(description="Accounts on it: all that did something on the topic or were taken up.")]
    note: Annotated[
        str | None,
        Meta(
            description="In words: where nobody is on it, why that can be; else that its records name none of each "
            "other, or mostly what is not there, that none of the trusted accounts, or not all, are in them, and "
            "that scores rest on replies, which may be objections; else null."
        ),
    ]
    copies: Annotated[
        int,
        Meta(
            description="Posts on the topic that others recognised and that earn nothing, as they repeat earlier texts "
            "nearly word for word."
        ),
    ]
    compared: Annotated[int, Meta(description="How many people, those in front, were recomputed exactly.")]
    largest_difference: Annotated[
        float, Meta(description="Points: the largest difference among these between exact and shared standing.")
    ]


_Disputed: TypeAlias = Annotated[
    bool,
    Meta(
        description="Whether evidence of the account on this topic was disputed with success since the board was made: "
        "the row still counts it, and a score made now does not."
    ),
]


class ExpertResponse(BoardRow, frozen=True, kw_only=True):
    """One account on a board."""

    disputed: _Disputed
    document_url: Annotated[
        str, Meta(description="POST here for the whole explanation: a job that makes its document.")
    ]


class ExpertInFile(TitledRow, frozen=True, kw_only=True):
    """One account on a board in a file, which says on its own what the board is of."""

    disputed: _Disputed
    document_url: str
    board: Annotated[str, Meta(description="Id of the board.")]
    board_made_at: Annotated[Instant | None, Meta(description="When the board was made; null where it is not known.")]
    dataset: Annotated[str, Meta(description="Id of the data set.")]
    dataset_digest: Annotated[str | None, Meta(description="Digest of its records when the board was made.")]


class ExpertsResponse(Page[ExpertResponse], frozen=True, kw_only=True):
    """A page of a board."""

    board: Annotated[BoardResponse, Meta(description="The board.")]
    left_out: Annotated[
        dict[str, int],
        Meta(description="Accounts of other kinds on the board, by kind: ask for them with `kind`. Ranks count them."),
    ]


POSITION_EXAMPLE = Position(
    status="placed", rank=1, tied=0, of=71, active=188, share_below=0.994681, range="first", words=RANGES["first"]
)
ListedExperts: TypeAlias = tuple[ExpertsResponse, dict[str, str]]
"""A page of a board and its headers."""
EXPERTS_EXAMPLE = ExpertsResponse(
    board=BoardResponse(
        id="bd_3f",
        topic="space-technology",
        dataset="space",
        network="custom:space",
        as_of=datetime(2026, 11, 1, tzinfo=UTC),
        window_days=1825,
        method="2.0.0",
        trust_root=TrustRootRef(id="astronomers", kind="accounts", digest="sha256:11e0…", size=41),
        people=2,
        note=None,
        copies=0,
        compared=1,
        largest_difference=0.041893,
    ),
    data=[
        ExpertResponse(
            row=1,
            rank=1,
            position=POSITION_EXAMPLE,
            account="u19",
            kind="person",
            name="Ada",
            standing="exact",
            expertise=EXPERTISE_EXAMPLE,
            interest=INTEREST_EXAMPLE,
            people=61,
            people_with_standing=40,
            reachability=Reachability(value=0.62, n=29),
            last_active=LastActive(
                on_topic=datetime(2026, 10, 21, 9, 30, tzinfo=UTC),
                anywhere=datetime(2026, 10, 29, 17, 5, tzinfo=UTC),
                answered=datetime(2026, 10, 20, 8, 0, tzinfo=UTC),
            ),
            disputed=False,
            document_url="/v1/boards/bd_3f/documents/u19",
        )
    ],
    left_out={"organisation": 1},
)


@resource.operation(
    "GET",
    "/v1/topics/<anything:topic_id>/experts",
    scope="read",
    problems=("not_found", "invalid", "precondition_failed"),
    parameters=[IF_NONE_MATCH],
    whole=True,
)
@resource.query(WholeExpertsQuerySchema)
@resource.response(200, ExpertsResponse, description="The newest board.", example=EXPERTS_EXAMPLE, headers=ETAG_HEADER)
@resource.other_response(304, description="You have it already.", headers=ETAG_HEADER)
def list_experts(query: dict[str, Any], topic_id: str) -> Response:
    """List who knows about a topic in a data set, ranked by the score shown.

    A job with `dataset` and no `accounts` makes the board. Who asked not to be indexed is left out; other kinds of
    accounts are counted in `left_out` and keep their ranks. A page has an `ETag`; a whole list has none.
    """
    return _board(query, newest_board(query, topic_id))


@resource.operation(
    "GET",
    "/v1/boards/<board_id>",
    scope="read",
    problems=("not_found", "invalid", "precondition_failed"),
    parameters=[IF_NONE_MATCH],
    whole=True,
)
@resource.query(WholeBoardQuerySchema)
@resource.response(200, ExpertsResponse, description="The board.", example=EXPERTS_EXAMPLE, headers=ETAG_HEADER)
@resource.other_response(304, description="You have it already.", headers=ETAG_HEADER)
def read_board(query: dict[str, Any], board_id: str) -> Response:
    """List this very board, as `GET /v1/topics/{topic}/experts` lists the newest: no later job puts another here."""
    return _board(query, kept_board(board_id))


@resource.operation(
    "DELETE",
    "/v1/boards/<board_id>",
    scope="write",
    problems=("not_found", "precondition_failed"),
    parameters=[IF_MATCH],
)
@resource.response(204, description="It is deleted.")
def delete_board(board_id: str) -> None:
    """Delete a board and its links, for example one made by mistake; scores of its people stay.

    The board of the latest day before then answers the same question. A followed board is made again when its data set
    changes.
    """
    facts = context().store.boards.readable(owner(), board_id)
    if facts is not None:
        match_checker(_whole)(facts)
    if not context().store.boards.delete(owner(), board_id):
        raise no_board()
    context().store.links.revoke_all(owner(), board_id)


@resource.operation(
    "POST",
    "/v1/boards/<board_id>/documents/<anything:account>",
    scope="write",
    makes_jobs=True,
    problems=("not_found", "invalid"),
    parameters=[PREFER],
)
@resource.response(
    202, JobResponse, description="The job is accepted.", example=JOB_EXAMPLE, headers=JOB_HEADERS | RETRY_HEADER
)
@resource.other_response(
    200, JobResponse, description="The job has ended within the time preferred.", example=JOB_EXAMPLE
)
def explain_expert(board_id: str, account: str) -> tuple[JobResponse, int, dict[str, str]]:
    """Make the document of an account on a board: the same question, answered in full for one account.

    The answer is a job as `POST /v1/jobs` gives it; its only result leads to the document. Where the data set has
    changed since the board was made, the document is of its records as they are now, and can differ from the row.
    """
    return accepted(explain(board_id, account))


def explain(board_id: str, account: str) -> Job:
    """Submit the job that makes the document of an account on a board, from the records as they are now.

    Raises ProblemError 404.
    """
    facts = kept_board(board_id)
    whose = named(str(facts.request.network), account)
    reject_suppressed(whose.network, {"": whose.account})
    dataset = find_dataset(str(facts.request.dataset))
    if dataset is None:
        raise unknown_dataset(str(facts.request.dataset))
    request = replace(
        facts.request, accounts=(whose,), method=facts.method, queue="interactive", dataset_digest=dataset.digest
    )
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


def kept_board(board_id: str) -> BoardFacts:
    """Return what is known of a board. Raises ProblemError 404."""
    facts = context().store.boards.get(owner(), board_id)
    if facts is None:
        raise no_board()
    return facts


def _whole(facts: BoardFacts) -> bytes:
    return msgspec.json.encode(_board_page(BoardQuerySchema().load({}), facts)[0])


def no_board() -> ProblemError:
    """Make the error for a board that is not there."""
    return ProblemError("not_found", "There is no such board, or it is no longer kept.")


def newest_board(query: dict[str, Any], topic_id: str) -> BoardFacts:
    """Return the newest board that a query asks for. Raises ProblemError 404."""
    method = query["method"] or load_method().version
    facts = context().store.boards.newest(owner(), query["dataset"], topic_id, query["trust_root"], method)
    if facts is None:
        raise _no_board(query["dataset"], query["trust_root"], topic_id)
    return facts


def _no_board(dataset_id: str, root: str, topic_id: str) -> ProblemError:
    """Say why there is no such board: what was named is not there, or nobody asked for it."""
    store = context().store
    if store.datasets.get(owner(), dataset_id) is None:
        return unknown_dataset(dataset_id)
    if root not in ("network", "none") and ":" not in root and store.trust_roots.known(owner(), root) is None:
        return unknown_root(root)
    try:
        resolve_topic(owner(), topic_id, dataset_id)
    except ValueError as error:
        said = str(error)
        return ProblemError("not_found", f"{said[0].upper()}{said[1:]}" + ("" if said.endswith("?") else "."))
    return ProblemError("not_found", "No such board was made: submit a job with this data set and no accounts.")


def board_page(query: dict[str, Any], topic_id: str) -> ListedExperts:
    """Return a page of the newest board that a query asks for. Raises ProblemError 404."""
    return _board_page(query, newest_board(query, topic_id))


def _board(query: dict[str, Any], facts: BoardFacts) -> Response:
    """Answer with a page of a board, or all of it in the form asked for."""
    form = form_asked(query)
    if form is None:
        found, headers = _board_page(query, facts)
        answer = tagged(msgspec.json.encode(found))
        answer.headers.update(headers)
        return answer
    wanted, asked = itertools.islice(wanted_rows(query, facts), query.get("limit")), facts.request
    name = f"{asked.dataset}-{file_name(facts.topic.id)}-{show_instant(asked.as_of)[:10]}-{facts.id}"
    disputed = disputed_since(facts)
    if form == "json":
        rows = (_expert(row, facts.id, disputed) for row in wanted)
        return whole(form, _framed(query, facts, Page(data=[])), rows, ExpertResponse, name)
    title, front = _title(facts), (context().settings.public_url or "").rstrip("/")
    titled = (
        fill(
            ExpertInFile,
            row,
            disputed=row.account in disputed,
            document_url=f"{front}{_document_url(row, facts.id)}",
            **title,
        )
        for row in wanted
    )
    return whole(form, Page(data=[]), titled, ExpertInFile, name)


def _title(facts: BoardFacts) -> dict[str, Any]:
    """Return what each row of a board in a file says of the board."""
    asked = facts.request
    root, *_ = root_names(asked.trust_root)
    return {
        "topic": facts.topic.id,
        "network": asked.network,
        "trust_root": root,
        "as_of": asked.as_of,
        "method": facts.method,
        "board": facts.id,
        "board_made_at": facts.made_at,
        "dataset": asked.dataset,
        "dataset_digest": asked.dataset_digest,
    }


def _board_page(query: dict[str, Any], facts: BoardFacts) -> ListedExperts:
    rows, after = board_rows(query, facts)
    disputed = disputed_since(facts, rows)
    found, headers = page([_expert(row, facts.id, disputed) for row in rows], after, query)
    return _framed(query, facts, found), headers


def _framed(query: dict[str, Any], facts: BoardFacts, found: Page[ExpertResponse]) -> ExpertsResponse:
    return fill(ExpertsResponse, found, board=_board_response(facts), left_out=left_out(facts, query["kind"]))


def _expert(row: BoardRow, board_id: str, disputed: Collection[str]) -> ExpertResponse:
    return fill(ExpertResponse, row, disputed=row.account in disputed, document_url=_document_url(row, board_id))


def _document_url(row: BoardRow, board_id: str) -> str:
    return f"/v1/boards/{board_id}/documents/{quote(row.account, safe='')}"


def _board_response(facts: BoardFacts) -> BoardResponse:
    asked = facts.request
    return fill(
        BoardResponse,
        facts,
        topic=facts.topic.id,
        dataset=asked.dataset,
        network=asked.network,
        as_of=asked.as_of,
        window_days=asked.window_days,
        trust_root=fill(TrustRootRef, asked.trust_root),
        people=facts.listed,
        note=note_of(facts),
    )
