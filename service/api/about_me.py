"""About me: somebody shows that an account is theirs, sees what is held of it, contests it, and leaves."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, get_args

import marshmallow as ma
from marshmallow import fields, validate
from msgspec import Meta
from msgspec.structs import replace

from candor.names.networks import Proof
from candor.scoring.document import ScoreDocument
from candor.scoring.made_from import TrustRootRef
from candor.store.held import Held, HeldScore
from service.api.accounts import EXPERTISE_EXAMPLE, INTEREST_EXAMPLE
from service.api.disputes import DisputeBodySchema
from service.api.job_response import ACCOUNT_EXAMPLE
from service.api.scores import score_example
from service.api.signed import CREDENTIAL
from service.auth import claim
from service.components import fill
from service.context import context
from service.job_inputs import named
from service.own_account import (
    ClaimResponse,
    ReceiptResponse,
    claim_by_code,
    contest_own,
    count_try,
    held_of,
    leave,
    look_for_word,
    own_credential,
    own_score,
    proven,
    receipt_of,
    response,
)
from service.resource import Resource
from service.schemas.base import identifier, network_name, text

if TYPE_CHECKING:
    from flask import Response

resource = Resource("about me", "For the people scored: see, contest and leave, without a key and without an operator.")


class ClaimBodySchema(ma.Schema):
    """Whose account it is."""

    network = network_name("The network, such as mastodon or stackexchange:travel.", required=True)
    account = identifier("The account there, however it is written.", required=True)


class CodeBodySchema(ma.Schema):
    """What the operator handed out."""

    code = text("The one-time code of the link that you were sent.", required=True)


class ProofBodySchema(ma.Schema):
    """Where to look for the word."""

    way = fields.String(
        required=True,
        validate=validate.OneOf([way for way in get_args(Proof) if way != "operator"]),
        metadata={"description": "One of the claim's `ways`."},
    )
    address = text(
        "Of a page its address, of a domain its name; null for the other ways.",
        most=2_000,
        load_default=None,
        allow_none=True,
    )


class OwnScoreQuerySchema(ma.Schema):
    """Which form of the document to read."""

    evidence = fields.String(
        load_default=None,
        validate=validate.OneOf(["all"]),
        metadata={"description": "`all` for every voice instead of the twenty largest."},
    )


class NewClaimResponse(ClaimResponse, frozen=True, kw_only=True):
    """A claim, and what its holder carries from now on."""

    token: Annotated[str, Meta(description="Send it as `Authorization: Bearer am_…`. It is shown once.")]


_CLAIM_EXAMPLE = ClaimResponse(
    account=ACCOUNT_EXAMPLE,
    status="open",
    word="candor-5b0c2f6d1f7a4c0e9a43",
    ways=("profile", "page", "domain", "operator"),
    why=None,
    gathered=False,
    ends_at=datetime(2026, 11, 2, 9, tzinfo=UTC),
    operator="scores@example.org",
)
_NEW_EXAMPLE = fill(NewClaimResponse, _CLAIM_EXAMPLE, token="am_7tWm…")  # noqa: S106 # an example
_RECEIPT_EXAMPLE = ReceiptResponse(
    id="rc_Zk3f9QX1c0m7yBt5",
    kind="dispute",
    status="open",
    created_at=datetime(2026, 11, 1, 9, tzinfo=UTC),
    due_at=datetime(2026, 11, 15, 9, tzinfo=UTC),
    ended_at=None,
    answer=None,
    kept_until=datetime(2028, 11, 1, 9, tzinfo=UTC),
    url="/receipt/rc_Zk3f9QX1c0m7yBt5",
)
_ERASURE_EXAMPLE = replace(_RECEIPT_EXAMPLE, kind="erasure", status="running")
_OPT_OUT_EXAMPLE = replace(_RECEIPT_EXAMPLE, kind="opt_out", status="done")
_HELD_EXAMPLE = Held(
    gathered_at=datetime(2026, 11, 1, 9, tzinfo=UTC),
    suppressed=False,
    scores=(
        HeldScore(
            score_id="sc_3f",
            topic="space-technology",
            label="Space technology",
            as_of=datetime(2026, 11, 1, tzinfo=UTC),
            method="2.0.0",
            trust_root=TrustRootRef(id="astronomers", kind="accounts", digest="sha256:8a02…", size=41),
            expertise=EXPERTISE_EXAMPLE,
            interest=INTEREST_EXAMPLE,
        ),
    ),
    history=(),
    rankings=(),
    asked=(),
    kinds=(),
    disputes=(),
    word_counted={"space-technology": 2},
    other={"records": 41},
)
_BEGIN = ("too_large", "unsupported_media_type", "invalid", "timeout", "rate_limited")
_PROVEN = ("not_proven",)


@resource.operation("POST", "/v1/about-me", scope=None, problems=_BEGIN)
@resource.body(ClaimBodySchema, example={"network": "mastodon", "account": "@ada@example.social"})
@resource.response(201, NewClaimResponse, description="The word, and where to put it.", example=_NEW_EXAMPLE)
def begin_claim(given: dict[str, Any]) -> NewClaimResponse:
    """Name your account, and learn how to show that it is yours.

    The answer is the same whether the service knows the account or not: nothing is looked up until you have shown it.
    """
    count_try()
    whose = named(given["network"], given["account"])
    token, begun = context().store.claims.begin(whose.network, whose.account)
    return fill(NewClaimResponse, response(begun), token=token)


@resource.operation("POST", "/v1/about-me/code", scope=None, problems=(*_BEGIN, "not_found"))
@resource.body(CodeBodySchema, example={"code": "q2v…"})
@resource.response(201, NewClaimResponse, description="Proven by the operator's word.", example=_NEW_EXAMPLE)
def use_code(given: dict[str, Any]) -> NewClaimResponse:
    """Use the one-time code that the operator handed out (`candor subject link NETWORK ACCOUNT`)."""
    count_try()
    token, proven = claim_by_code(given["code"])
    return fill(NewClaimResponse, response(proven), token=token)


@resource.operation("GET", "/v1/about-me", scope="claim")
@resource.response(200, ClaimResponse, description="How far it is.", example=_CLAIM_EXAMPLE)
def read_claim() -> ClaimResponse:
    """See how far you are with showing that the account is yours."""
    return response(claim())


@resource.operation("DELETE", "/v1/about-me", scope="claim")
@resource.response(204, description="The token no longer works.")
def end_claim() -> None:
    """End the session before its time."""
    context().store.claims.end(claim())


@resource.operation("POST", "/v1/about-me/proof", scope="claim", problems=_BEGIN)
@resource.body(ProofBodySchema, example={"way": "profile"})
@resource.response(
    202, ClaimResponse, description="A worker looks.", example=replace(_CLAIM_EXAMPLE, status="checking")
)
def check_claim(given: dict[str, Any]) -> ClaimResponse:
    """Have the word looked for. Read the claim again until its status is no longer `checking`."""
    count_try()
    return response(look_for_word(given))


@resource.operation("GET", "/v1/about-me/held", scope="claim", problems=("not_proven", "not_gathered"))
@resource.response(200, Held, description="All of it.", example=_HELD_EXAMPLE)
def read_held() -> Held:
    """Read everything that is held of your account, over all who use this service, and none of their names.

    Where the word of whom counted stands in each score: `GET /v1/about-me/scores/{score_id}?evidence=all`.
    """
    return held_of(proven())


@resource.operation("GET", "/v1/about-me/scores/<score_id>", scope="claim", problems=("not_proven", "not_found"))
@resource.query(OwnScoreQuerySchema)
@resource.response(200, ScoreDocument, description="The score, part by part.", example=score_example)
def read_own_score(query: dict[str, Any], score_id: str) -> Response:
    """Read a score of yours as everybody with a key for it reads it, with whose word counted."""
    return own_score(score_id, whole=query["evidence"] is not None)


@resource.operation(
    "GET", "/v1/about-me/scores/<score_id>/credential", scope="claim", problems=("not_proven", "not_found")
)
@resource.response(
    200,
    {"type": "string"},
    description="The credential.",
    content_type=CREDENTIAL,
    example="eyJhbGciOiJFZERTQSIs….eyJAY29udGV4dCI6….k3Jq…",
)
def read_own_credential(score_id: str) -> Response:
    """Take a score of yours along, as a Verifiable Credential that the operator signed; where the service signs any."""
    return own_credential(score_id)


@resource.operation(
    "POST", "/v1/about-me/scores/<score_id>/disputes", scope="claim", problems=(*_BEGIN, "not_proven", "not_found")
)
@resource.body(DisputeBodySchema, example={"about": "too_low", "reason": "My answers of 2025 are missing."})
@resource.response(201, ReceiptResponse, description="The receipt.", example=_RECEIPT_EXAMPLE)
def dispute_own_score(given: dict[str, Any], score_id: str) -> ReceiptResponse:
    """Contest a score of yours; everybody who has it is asked, and answers by the receipt's `due_at`.

    The answer stands at the receipt's address. This service sends no mail: `contact` is for whoever decides.
    """
    return contest_own(given, score_id)


@resource.operation("POST", "/v1/about-me/opt-out", scope="claim", problems=_PROVEN)
@resource.response(201, ReceiptResponse, description="The receipt.", example=_OPT_OUT_EXAMPLE)
def opt_out() -> ReceiptResponse:
    """Opt out: from now on nobody can have the account scored here; what is kept stays until its time is over."""
    return leave(proven(), erase=False)


@resource.operation("POST", "/v1/about-me/erasure", scope="claim", problems=_PROVEN)
@resource.response(202, ReceiptResponse, description="The receipt.", example=_ERASURE_EXAMPLE)
def erase_own_account() -> ReceiptResponse:
    """Opt out, and have everything erased that is held of the account, over all who use this service.

    It begins at once, and is done by the receipt's `due_at`. This session ends with it.
    """
    return leave(proven(), erase=True)


@resource.operation("GET", "/v1/receipts/<receipt_id>", scope=None, problems=("not_found",))
@resource.response(200, ReceiptResponse, description="How far it is.", example=_RECEIPT_EXAMPLE)
def read_receipt(receipt_id: str) -> ReceiptResponse:
    """See what came of a dispute, an opt-out or an erasure. Whoever has the id can look; it names nobody."""
    return receipt_of(receipt_id)
