"""Disputes: contest a piece of a score's evidence, and decide about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from candor.names.accounts import UnknownAccountError, account_name
from candor.scoring.verify.digests import ERASED
from candor.store.disputes import Dispute, new_dispute_id
from service.auth import owner
from service.context import context
from service.documents import decode_document, no_score
from service.paging import Listed, page_of
from service.problems import Fault, ProblemError, invalid
from service.resource import Resource
from service.schemas.base import PageQuerySchema, show_instant
from service.schemas.disputes import (
    DECIDED_EXAMPLE,
    DECISION_BODY_EXAMPLE,
    DISPUTE_BODY_EXAMPLE,
    DISPUTE_EXAMPLE,
    DISPUTES_EXAMPLE,
    DecisionBodySchema,
    DisputeBodySchema,
    DisputePageSchema,
    DisputeQuerySchema,
    DisputeSchema,
)

if TYPE_CHECKING:
    from candor.scoring.document import ScoreDocument

resource = Resource("disputes", "Pieces of evidence that somebody contests, and what the operator decided.")

_BODY_PROBLEMS = ("not_found", "unsupported_media_type", "too_large", "invalid", "timeout")
_LOCATION = {"Location": {"description": "Where the dispute is.", "schema": {"type": "string"}}}


@resource.operation("POST", "/v1/scores/<score_id>/disputes", scope="write", problems=_BODY_PROBLEMS)
@resource.body(DisputeBodySchema, example=DISPUTE_BODY_EXAMPLE)
@resource.response(
    201, DisputeSchema, description="The dispute, to be decided.", example=DISPUTE_EXAMPLE, headers=_LOCATION
)
def create_dispute(given: dict[str, Any], score_id: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Contest a piece of a score's evidence.

    Whoever has a key of the score's owner can; an app does it for the person scored. The score itself never changes:
    once the operator accepts the dispute, the next score of the account on the topic, in jobs of this owner, leaves
    the evidence out and says so in `inputs.gaps`.
    """
    dispute = contest(given, score_id)
    return _show(dispute), {"Location": _address(dispute)}


def contest(given: dict[str, Any], score_id: str) -> Dispute:
    """Open a dispute. Raises ProblemError when there is no such score, or no such evidence in it."""
    document = _document(score_id)
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
        **{**given, "by": by},
    )
    context().store.disputes.open(dispute)
    return dispute


@resource.operation("GET", "/v1/scores/<score_id>/disputes", scope="read", problems=("not_found", "invalid"))
@resource.query(PageQuerySchema)
@resource.response(200, DisputePageSchema, description="Its disputes, oldest first.", example=DISPUTES_EXAMPLE)
def list_score_disputes(query: dict[str, Any], score_id: str) -> Listed[Any]:
    """List what of a score's evidence is contested, and what came of it."""
    account = _document(score_id).account
    disputes = context().store.disputes.of_score(owner(), account.network, account.account, score_id)
    return page_of(disputes, _order, query, _show)


@resource.operation("GET", "/v1/disputes", scope="read", problems=("invalid",))
@resource.query(DisputeQuerySchema)
@resource.response(200, DisputePageSchema, description="Your disputes, oldest first.", example=DISPUTES_EXAMPLE)
def list_disputes(query: dict[str, Any]) -> Listed[Any]:
    """List the disputes about all your scores."""
    disputes = context().store.disputes.all(owner())
    wanted = [each for each in disputes if query["status"] in {None, each.status}]
    return page_of(wanted, _order, query, _show)


@resource.operation("GET", "/v1/disputes/<dispute_id>", scope="read", problems=("not_found",))
@resource.response(200, DisputeSchema, description="The dispute.", example=DISPUTE_EXAMPLE)
def read_dispute(dispute_id: str) -> dict[str, Any]:
    """Read a dispute."""
    return _show(_found(context().store.disputes.get(owner(), dispute_id)))


@resource.operation("POST", "/v1/disputes/<dispute_id>/decision", scope="admin", problems=_BODY_PROBLEMS)
@resource.body(DecisionBodySchema, example=DECISION_BODY_EXAMPLE)
@resource.response(200, DisputeSchema, description="The dispute, decided.", example=DECIDED_EXAMPLE)
def decide_dispute(given: dict[str, Any], dispute_id: str) -> dict[str, Any]:
    """Accept or reject a dispute. A later decision takes the place of an earlier one; scores made stay as they are."""
    accept = given["decision"] == "accepted"
    return _show(_found(context().store.disputes.decide(owner(), dispute_id, accept=accept, note=given["note"])))


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


def _show(dispute: Dispute) -> dict[str, Any]:
    at = _address(dispute)
    return {
        **msgspec.structs.asdict(dispute),
        "account": {"network": dispute.network, "account": dispute.account},
        "urls": {"self": at, "score": f"/v1/scores/{dispute.score_id}", "decision": f"{at}/decision"},
    }


def _address(dispute: Dispute) -> str:
    return f"/v1/disputes/{dispute.id}"


def _order(dispute: Dispute) -> str:
    return f"{show_instant(dispute.created_at)} {dispute.id}"
