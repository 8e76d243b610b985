"""Disputes: contest what is wrong with a score, and decide about it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, get_args

import marshmallow as ma
from marshmallow import fields, validate
from msgspec import Meta, Struct
from msgspec.structs import replace

from candor.names.account_text import UnknownAccountError
from candor.names.accounts import account_name
from candor.scoring.activity import AccountKind, Instant
from candor.scoring.verify.digests import ERASED
from candor.store.disputes import Dispute, DisputeAbout, DisputeStatus, new_dispute_id
from service.api.job_response import ACCOUNT_EXAMPLE, Account
from service.api.scores import decode_document, no_score
from service.auth import owner
from service.components import fill
from service.context import context
from service.paging import Listed, Page, by_age, page_of
from service.problems import Fault, ProblemError, invalid
from service.resource import Resource
from service.schemas.base import PageQuerySchema, identifier, text

if TYPE_CHECKING:
    from candor.scoring.document import ScoreDocument

resource = Resource("disputes", "What somebody contests in a score, and what the operator decided.")

_STATUSES: tuple[DisputeStatus, ...] = get_args(DisputeStatus)
_BODY_PROBLEMS = ("not_found", "unsupported_media_type", "too_large", "invalid", "timeout")
_LOCATION = {"Location": {"description": "Where the dispute is.", "schema": {"type": "string"}}}


class DisputeBodySchema(ma.Schema):
    """What to contest."""

    about = fields.String(
        load_default="evidence",
        validate=validate.OneOf(get_args(DisputeAbout)),
        metadata={
            "description": "What is wrong: evidence that should not count, or is missing; the person, the kind of "
            "account or the topic; or the number is too low."
        },
    )
    by = identifier(
        "Of evidence, whose word is contested: `by` of a voice in the score's evidence.",
        load_default=None,
        allow_none=True,
    )
    of = identifier(
        "Only what that person did about this: `of` of one of the acts there. Null: all of it.",
        load_default=None,
        allow_none=True,
    )
    kind = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.OneOf(get_args(AccountKind)),
        metadata={"description": "Of a wrong kind, what the account is instead."},
    )
    url = text("Of missing evidence, where it is.", most=2_000, load_default=None, allow_none=True)
    reason = text("Why, in words.", most=2_000, required=True)
    contact = text("Whom to answer; null for nobody.", most=500, load_default=None, allow_none=True)


class DisputeQuerySchema(PageQuerySchema):
    """Which disputes."""

    status = fields.String(
        load_default=None,
        validate=validate.OneOf(_STATUSES),
        metadata={"description": "Only those that are open, accepted or rejected."},
    )


class DecisionBodySchema(ma.Schema):
    """What the operator decides."""

    decision = fields.String(
        required=True,
        validate=validate.OneOf(_STATUSES[1:]),
        metadata={"description": "accepted: the next score of the account on the topic leaves the evidence out."},
    )
    note = text(
        "Why, in words, which whoever contests reads; null for nothing. Needed for a rejection.",
        most=2_000,
        load_default=None,
        allow_none=True,
    )

    @ma.validates_schema(skip_on_field_errors=True)
    def _check_note(self, given: dict[str, Any], **_: object) -> None:
        if given["decision"] == "rejected" and not given["note"]:
            raise ma.ValidationError("say why: whoever contests the score reads it", "note")


class DisputeUrls(Struct, frozen=True, kw_only=True):
    """Addresses that belong to a dispute."""

    self: Annotated[str, Meta(description="The dispute itself.")]
    score: Annotated[str, Meta(description="The score whose evidence is contested.")]
    decision: Annotated[str, Meta(description="POST here to decide.")]


class DisputeResponse(Struct, frozen=True, kw_only=True):
    """What somebody contests in a score."""

    id: Annotated[str, Meta(description="Its id.")]
    status: Annotated[
        DisputeStatus, Meta(description="open, accepted (the next score leaves the evidence out) or rejected.")
    ]
    score_id: Annotated[str, Meta(description="Id of the score.")]
    account: Annotated[Account, Meta(description="Whose score it is.")]
    topic: Annotated[str, Meta(description="Id of the score's topic.")]
    about: Annotated[
        DisputeAbout, Meta(description="evidence, missing, wrong_person, wrong_kind, wrong_topic, too_low or other.")
    ]
    by: Annotated[str | None, Meta(description="Whose word is contested, where it is evidence; else null.")]
    of: Annotated[str | None, Meta(description="Only what that person did about this; null for all of it.")]
    kind: Annotated[AccountKind | None, Meta(description="What the account is instead, or null.")]
    url: Annotated[str | None, Meta(description="Where evidence is that is missing, or null.")]
    reason: Annotated[str, Meta(description="Why.")]
    contact: Annotated[str | None, Meta(description="Whom to answer, or null.")]
    created_at: Annotated[Instant, Meta(description="When it was made.")]
    answer_by: Annotated[
        Instant | None, Meta(description="By when an answer was promised (`CANDOR_DISPUTE_ANSWER_DAYS`), or null.")
    ]
    decided_at: Annotated[Instant | None, Meta(description="When it was decided, or null.")]
    note: Annotated[str | None, Meta(description="What the operator said when deciding, or null.")]
    urls: Annotated[DisputeUrls, Meta(description="Addresses that belong to it.")]


_BODY_EXAMPLE = {
    "by": "p12",
    "reason": "This account is run by the same person.",
    "contact": "somebody@example.org",
}
_DECISION_EXAMPLE = {"decision": "accepted", "note": "Both accounts post from the same feed."}
_EXAMPLE = DisputeResponse(
    id="dsp_0d9a4c1f7b2e",
    status="open",
    score_id="sc_3f",
    account=ACCOUNT_EXAMPLE,
    topic="space-technology",
    about="evidence",
    by="u7",
    of=None,
    kind=None,
    url=None,
    reason="This account is run by the same person.",
    contact="somebody@example.org",
    answer_by=datetime(2026, 11, 16, 9, tzinfo=UTC),
    created_at=datetime(2026, 11, 2, 9, tzinfo=UTC),
    decided_at=None,
    note=None,
    urls=DisputeUrls(
        self="/v1/disputes/dsp_0d9a4c1f7b2e",
        score="/v1/scores/sc_3f",
        decision="/v1/disputes/dsp_0d9a4c1f7b2e/decision",
    ),
)
_DECIDED_EXAMPLE = replace(
    _EXAMPLE,
    status="accepted",
    decided_at=datetime(2026, 11, 3, 10, tzinfo=UTC),
    note="Both accounts post from the same feed.",
)


@resource.operation("POST", "/v1/scores/<score_id>/disputes", scope="write", problems=_BODY_PROBLEMS)
@resource.body(DisputeBodySchema, example=_BODY_EXAMPLE)
@resource.response(201, DisputeResponse, description="The dispute, to be decided.", example=_EXAMPLE, headers=_LOCATION)
def create_dispute(given: dict[str, Any], score_id: str) -> tuple[DisputeResponse, dict[str, str]]:
    """Contest a score: a piece of its evidence, or anything else that is wrong with it.

    Whoever has a key of the score's owner can; the people scored need none (`POST /v1/about-me/scores/{id}/disputes`).
    The score itself never changes: once the operator accepts a dispute of evidence, the next score of the account on
    the topic, in jobs of this owner, leaves it out and says so in `inputs.gaps`; once a wrong kind, it takes the other.
    """
    dispute = contest(given, score_id)
    return _response(dispute), {"Location": _address(dispute)}


def contest(given: dict[str, Any], score_id: str) -> Dispute:
    """Open a dispute. Raises ProblemError when there is no such score, or no such evidence in it."""
    document = _document(score_id)
    _check_parts(given)
    by = None
    if given["by"] is not None:
        by = _named_in(document, given["by"])
        _check_evidence(document, by, given["of"])
    dispute = Dispute(
        id=new_dispute_id(),
        owner=owner(),
        score_id=score_id,
        network=document.account.network,
        account=document.account.account,
        topic=document.topic.id,
        created_at=context().now(),
        answer_by=context().now() + timedelta(days=context().settings.dispute_answer_days),
        **{**given, "by": by},
    )
    context().store.disputes.open(dispute)
    return dispute


@resource.operation("GET", "/v1/scores/<score_id>/disputes", scope="read", problems=("not_found", "invalid"))
@resource.query(PageQuerySchema)
@resource.response(200, Page[DisputeResponse], description="Its disputes, oldest first.", example=Page(data=[_EXAMPLE]))
def list_score_disputes(query: dict[str, Any], score_id: str) -> Listed[DisputeResponse]:
    """List what of a score's evidence is contested, and what came of it.

    Disputes about other scores of the account that were accepted are listed too (`score_id` says which score), as long
    as this score still counts what they were about, or has left it out.
    """
    disputes = context().store.disputes.of_score(owner(), _document(score_id))
    return page_of(disputes, by_age, query, _response)


@resource.operation("GET", "/v1/disputes", scope="read", problems=("invalid",))
@resource.query(DisputeQuerySchema)
@resource.response(
    200, Page[DisputeResponse], description="Your disputes, oldest first.", example=Page(data=[_EXAMPLE])
)
def list_disputes(query: dict[str, Any]) -> Listed[DisputeResponse]:
    """List the disputes about all your scores."""
    disputes = context().store.disputes.all(owner())
    wanted = [each for each in disputes if query["status"] in {None, each.status}]
    return page_of(wanted, by_age, query, _response)


@resource.operation("GET", "/v1/disputes/<dispute_id>", scope="read", problems=("not_found",))
@resource.response(200, DisputeResponse, description="The dispute.", example=_EXAMPLE)
def read_dispute(dispute_id: str) -> DisputeResponse:
    """Read a dispute."""
    return _response(_found(context().store.disputes.get(owner(), dispute_id)))


@resource.operation("POST", "/v1/disputes/<dispute_id>/decision", scope="admin", problems=_BODY_PROBLEMS)
@resource.body(DecisionBodySchema, example=_DECISION_EXAMPLE)
@resource.response(200, DisputeResponse, description="The dispute, decided.", example=_DECIDED_EXAMPLE)
def decide_dispute(given: dict[str, Any], dispute_id: str) -> DisputeResponse:
    """Accept or reject a dispute. A later decision takes the place of an earlier one; scores made stay as they are."""
    accept, store = given["decision"] == "accepted", context().store
    decided = _found(store.disputes.decide(owner(), dispute_id, accept=accept, note=given["note"]))
    store.claims.collect_about(decided.network, decided.account)
    return _response(decided)


def _document(score_id: str) -> ScoreDocument:
    """Return the score with every voice, or with the largest where the others are no longer kept."""
    scores = context().store.scores
    stored = scores.evidence(owner(), score_id) or scores.get(owner(), score_id)
    if stored is None:
        raise no_score()
    return decode_document(stored.body)


def _named_in(document: ScoreDocument, written: str) -> str:
    """Return the one name of an account; what can be none is nobody's in any evidence."""
    try:
        return account_name(document.account.network, written)
    except UnknownAccountError:
        return written


def _check_parts(given: dict[str, Any]) -> None:
    """Refuse what does not belong together: each kind of dispute names what it is about, and nothing else."""
    about, needs = given["about"], {"evidence": "by", "wrong_kind": "kind"}
    faults = [Fault(f"/{name}", f"is needed where `about` is {what}") for what, name in needs.items() if about == what]
    faults = [fault for fault in faults if given[fault.pointer[1:]] is None]
    belongs = {"by": "evidence", "of": "evidence", "kind": "wrong_kind", "url": "missing"}
    faults += [
        Fault(f"/{name}", f"only where `about` is {what}")
        for name, what in belongs.items()
        if given[name] is not None and about != what
    ]
    if faults:
        raise invalid(*faults)


def _check_evidence(document: ScoreDocument, by: str, of: str | None) -> None:
    acts = [act for voice in document.expertise.evidence if voice.by == by != ERASED for act in voice.acts]
    if not acts:
        raise invalid(Fault("/by", "nobody of that name is in the evidence of this score"))
    if of is not None and of not in {act.of for act in acts}:
        raise invalid(Fault("/of", "no act of that person in the evidence is about this"))


def _found(dispute: Dispute | None) -> Dispute:
    if dispute is None:
        raise ProblemError("not_found", "You have no such dispute.")
    return dispute


def _response(dispute: Dispute) -> DisputeResponse:
    at = _address(dispute)
    return fill(
        DisputeResponse,
        dispute,
        account=Account(network=dispute.network, account=dispute.account),
        urls=DisputeUrls(self=at, score=f"/v1/scores/{dispute.score_id}", decision=f"{at}/decision"),
    )


def _address(dispute: Dispute) -> str:
    return f"/v1/disputes/{dispute.id}"
