"""Accounts: the newest score on each topic, how it came about, and what kind an account is by your word."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, get_args

import marshmallow as ma
import msgspec
from marshmallow import fields, validate
from msgspec import Meta

from candor.scoring.activity import AccountKind
from candor.scoring.board_row import Side
from candor.scoring.document import Interval
from candor.scoring.made_from import TrustRootRef
from candor.store.account_kinds import MOST_WHY, AccountKindRecord, SaidBy
from candor.store.history import Digests, HistoryStep, SideChange, StepDifference, change
from candor.store.models import ScoreRow
from service.auth import owner
from service.board_notes import PLACES_WORDS, BoardPlace, places_on_boards
from service.components import fill
from service.context import context
from service.http import tagged
from service.job_inputs import named, reject_suppressed
from service.paging import Listed, Page, file_name, form_asked, page_of, read_cursor, whole
from service.problems import ProblemError
from service.resource import Resource
from service.schemas.base import PageQuerySchema, text
from service.schemas.parameters import ETAG_HEADER, IF_NONE_MATCH
from service.schemas.queries import QuestionQuerySchema, WholeQuerySchema

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask import Response

resource = Resource("accounts", "What is known of an account.")


class ScoresQuerySchema(WholeQuerySchema, QuestionQuerySchema):
    """Which scores: of all topics or of one."""

    topic = text("Only on this topic, by its id.")


class HistoryQuerySchema(QuestionQuerySchema):
    """Whose steps: an account's on one topic."""

    topic = text("Id of the topic.", required=True)


class ScoreRowResponse(ScoreRow, frozen=True, kw_only=True):
    """The newest score that answers a question."""

    score_url: Annotated[str, Meta(description="Where the whole explanation is.")]


class HistoryStepResponse(HistoryStep, frozen=True, kw_only=True):
    """One score of an account on a topic, and how it differs from the one before."""

    score_url: Annotated[str, Meta(description="Where the whole explanation is.")]
    changed: Annotated[
        tuple[str, ...],
        Meta(
            description="What it was made from otherwise than the step before: `inputs` (the records), `acts` (which "
            "acts of others count for this account's expertise; without it no record that changed is such an act), "
            "`method`, `root`, `topic`, `window` (how many days back, or the profile), `time` (older acts count less). "
            "Empty on the first step, and where all of these are the same. `GET /v1/comparisons` of two steps lists "
            "the acts."
        ),
    ]
    difference: Annotated[
        StepDifference | None, Meta(description="What was gained since the step before; null on the first.")
    ]


class HistoryResponse(Page[HistoryStepResponse], frozen=True, kw_only=True):
    """A page of a history."""

    boards: Annotated[tuple[BoardPlace, ...], Meta(description=PLACES_WORDS)]


EXPERTISE_EXAMPLE = Side(
    status="ok",
    score=71.227605,
    interval=Interval(low=63.0, high=77.4, level=0.9),
    contributions={"acknowledged_help": 29.964352, "specialised_help": 14.74, "still_recognised": 26.523253},
)
INTEREST_EXAMPLE = Side(
    status="not_enough_evidence",
    score=None,
    interval=None,
    contributions={"activity_share": 3.1, "active_weeks": 1.2, "questions_asked": 0.0, "conversation": 0.4},
)
_SCORES_EXAMPLE = Page(
    data=[
        ScoreRowResponse(
            score_id="sc_3f",
            score_url="/v1/scores/sc_3f",
            topic="space-technology",
            trust_root=TrustRootRef(id="astronomers", kind="accounts", digest="sha256:8a02…", size=41),
            dataset="space",
            method="1.3.0",
            as_of=datetime(2026, 11, 1, tzinfo=UTC),
            expertise=EXPERTISE_EXAMPLE,
            interest=INTEREST_EXAMPLE,
        )
    ]
)
_HISTORY_EXAMPLE = HistoryResponse(
    boards=(
        BoardPlace(
            board_id="bd_3f",
            board_url="/v1/boards/bd_3f",
            as_of=datetime(2026, 10, 1, tzinfo=UTC),
            dataset="space",
            trust_root=TrustRootRef(id="astronomers", kind="accounts", digest="sha256:8a02…", size=41),
            method="2.0.0",
            rank=3,
            of=71,
            score=67.03,
            standing="shared",
        ),
    ),
    data=[
        HistoryStepResponse(
            score_id="sc_3f",
            score_url="/v1/scores/sc_3f",
            as_of=datetime(2026, 11, 1, tzinfo=UTC),
            method="2.0.0",
            trust_root=TrustRootRef(id="astronomers", kind="accounts", digest="sha256:8a02…", size=41),
            dataset="space",
            digests=Digests(
                inputs="sha256:41c0…",
                method="sha256:9d2e…",
                root="sha256:8a02…",
                topic="sha256:77b1…",
                acts="sha256:5e07…",
            ),
            window_days=1825,
            profile="forum",
            expertise=EXPERTISE_EXAMPLE,
            interest=INTEREST_EXAMPLE,
            changed=("inputs", "acts", "time"),
            difference=StepDifference(
                expertise=SideChange(
                    score=4.2,
                    contributions={"acknowledged_help": 4.0, "specialised_help": 0.0, "still_recognised": 0.2},
                ),
                interest=SideChange(
                    score=None,
                    contributions={
                        "activity_share": 0.1,
                        "active_weeks": 0.0,
                        "questions_asked": 0.0,
                        "conversation": 0.0,
                    },
                ),
            ),
        )
    ],
)


@resource.operation(
    "GET",
    "/v1/accounts/<network>/<anything:account>/scores",
    scope="read",
    problems=("not_found", "invalid"),
    whole=True,
)
@resource.query(ScoresQuerySchema)
@resource.response(200, Page[ScoreRowResponse], description="Its newest scores, by topic.", example=_SCORES_EXAMPLE)
def list_account_scores(query: dict[str, Any], network: str, account: str) -> Listed[ScoreRowResponse] | Response:
    """List an account's newest scores, with the contributions each is the sum of.

    There is one for each question: topic, trust root, data set and version of the method.
    """
    whose = named(network, account)
    found = context().store.scores.newest(owner(), whose.network, whose.account)
    asked = (row for row in found if query.get("topic") in (None, row.topic) and answers(query, row))
    rows = sorted(asked, key=_place)
    if not rows:
        raise ProblemError("not_found", "No score of this account is kept.")
    form = form_asked(query)
    if form is None:
        return page_of(rows, _place, query, _row)
    after = read_cursor(query["cursor"])
    left = (_row(row) for row in rows if after is None or _place(row) > after)
    name = f"scores-{file_name(account)}"
    return whole(form, Page(data=[]), itertools.islice(left, query.get("limit")), ScoreRowResponse, name)


@resource.operation(
    "GET",
    "/v1/accounts/<network>/<anything:account>/history",
    scope="read",
    problems=("not_found", "invalid"),
)
@resource.query(HistoryQuerySchema)
@resource.response(
    200, HistoryResponse, description="Its scores, step by step, oldest first.", example=_HISTORY_EXAMPLE
)
def list_account_history(query: dict[str, Any], network: str, account: str) -> tuple[HistoryResponse, dict[str, str]]:
    """List an account's scores on one topic by the time they speak of, and what changed from each to the next.

    A step stays as long as its score: the newest five hundred at most. Steps are scores whose document was made;
    `boards` says where the account stood on boards, also without one.
    """
    topic, whose = query["topic"], named(network, account)
    steps = [
        step
        for step in context().store.history.steps(owner(), whose.network, whose.account, topic)
        if answers(query, step)
    ]
    if not steps:
        raise ProblemError("not_found", f"No score of this account on {topic!r} is kept.")
    found, headers = page_of(
        range(len(steps)), lambda n: f"{steps[n].as_of.timestamp():017.6f} {n:03}", query, _step_of(steps)
    )
    return fill(HistoryResponse, found, boards=tuple(places_on_boards(whose, topic, steps))), headers


def answers(query: Mapping[str, Any], made: ScoreRow | HistoryStep) -> bool:
    """Say whether a score answers the question that a query narrows it down to."""
    root = made.trust_root
    names = {root.kind} if root.kind in ("network", "none") else {root.id, root.digest}
    asked = query.get("trust_root")
    return (
        (asked is None or asked in names)
        and query.get("dataset") in (None, made.dataset)
        and query.get("method") in (None, made.method)
    )


def _place(row: ScoreRow) -> str:
    return f"{row.topic} {row.trust_root.id} {row.trust_root.digest} {row.dataset} {row.method}"


def _row(row: ScoreRow) -> ScoreRowResponse:
    return fill(ScoreRowResponse, row, score_url=_score_url(row.score_id))


def _step_of(steps: list[HistoryStep]) -> Callable[[int], HistoryStepResponse]:
    """Return what compares the step of a number with the one before."""

    def _step(number: int) -> HistoryStepResponse:
        since = change(steps[number - 1], steps[number]) if number else None
        return fill(
            HistoryStepResponse,
            steps[number],
            score_url=_score_url(steps[number].score_id),
            changed=since.changed if since else (),
            difference=fill(StepDifference, since) if since else None,
        )

    return _step


def _score_url(score_id: str) -> str:
    return f"/v1/scores/{score_id}"


kinds = Resource("account kinds", "What accounts are by your word: people, organisations or bots.")

_ADDRESS = "/v1/accounts/<network>/<anything:account>/kind"
_EXAMPLE = AccountKindRecord(
    network="mastodon",
    account="@agency@example.social",
    kind="organisation",
    said_by="operator",
    why="its profile says that a press office writes it",
    at=datetime(2026, 11, 2, 9, tzinfo=UTC),
)


class KindBodySchema(ma.Schema):
    """What an account is."""

    kind = fields.String(
        required=True,
        validate=validate.OneOf(get_args(AccountKind)),
        metadata={"description": "person, organisation or bot; unknown takes the word of nobody."},
    )
    said_by = fields.String(
        load_default="operator",
        validate=validate.OneOf(get_args(SaidBy)),
        metadata={"description": "operator, or person where whoever is behind the account has said so."},
    )
    why = text("By what it is known, in words. Documents show it.", most=MOST_WHY, required=True)


@kinds.operation(
    "PUT",
    _ADDRESS,
    scope="admin",
    problems=("suppressed", "too_large", "unsupported_media_type", "invalid", "timeout"),
)
@kinds.body(KindBodySchema, example={"kind": "organisation", "said_by": "operator", "why": _EXAMPLE.why})
@kinds.response(200, AccountKindRecord, description="It is on record instead.", example=_EXAMPLE, headers=ETAG_HEADER)
@kinds.other_response(201, AccountKindRecord, description="It is on record.", example=_EXAMPLE, headers=ETAG_HEADER)
def write_account_kind(given: dict[str, Any], network: str, account: str) -> Response:
    """Say what an account is, in place of what its network or the records say.

    The next document and board of yours take it, with the reason; those made before stay. The person can dispute it
    with you: their word goes here as well.
    """
    whose = named(network, account)
    reject_suppressed(whose.network, {"/account": whose.account})
    record = AccountKindRecord(network=whose.network, account=whose.account, at=context().now(), **given)
    is_new = context().store.account_kinds.put(owner(), record)
    return tagged(msgspec.json.encode(record), status=201 if is_new else 200)


@kinds.operation(
    "GET",
    _ADDRESS,
    scope="read",
    problems=("not_found", "invalid", "precondition_failed"),
    parameters=[IF_NONE_MATCH],
)
@kinds.response(200, AccountKindRecord, description="What is on record.", example=_EXAMPLE, headers=ETAG_HEADER)
@kinds.other_response(304, description="You have it already.", headers=ETAG_HEADER)
def read_account_kind(network: str, account: str) -> Response:
    """Read what you have put on record of an account."""
    whose = named(network, account)
    record = context().store.account_kinds.get(owner(), whose.network, whose.account)
    if record is None:
        raise _nothing()
    return tagged(msgspec.json.encode(record))


@kinds.operation("DELETE", _ADDRESS, scope="admin", problems=("not_found", "invalid"))
@kinds.response(204, description="It is no longer on record.")
def delete_account_kind(network: str, account: str) -> None:
    """Take back what you have put on record of an account."""
    whose = named(network, account)
    if not context().store.account_kinds.delete(owner(), whose.network, whose.account):
        raise _nothing()


@kinds.operation("GET", "/v1/account-kinds", scope="read", problems=("invalid",))
@kinds.query(PageQuerySchema)
@kinds.response(200, Page[AccountKindRecord], description="What is on record.", example=Page(data=[_EXAMPLE]))
def list_account_kinds(query: dict[str, Any]) -> Listed[AccountKindRecord]:
    """List what you have put on record of accounts."""
    records = context().store.account_kinds.list(owner())
    return page_of(records, lambda each: f"{each.network} {each.account}", query, lambda each: each)


def _nothing() -> ProblemError:
    return ProblemError("not_found", "Nothing is on record of what this account is.")
