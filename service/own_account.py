"""What somebody may do who shows, or has shown, that an account is theirs: by the interface and on the page."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

from flask import request
from msgspec import Meta, Struct

from candor.names.networks import Proof, proofs_of
from candor.scoring.activity import Instant
from candor.store.claims import ClaimStatus
from candor.store.receipts import ReceiptState
from service.api.disputes import contest
from service.api.job_response import Account
from service.api.scores import no_score
from service.api.signed import credential_of
from service.auth import act_for, claim
from service.components import fill
from service.context import context
from service.http import tagged
from service.problems import Fault, ProblemError, invalid
from service.rate_limits import caller_of
from service.schemas.base import show_instant

if TYPE_CHECKING:
    from flask import Response

    from candor.store.claims import Claim
    from candor.store.held import Held

_HOUR_S = 3_600


class ClaimUrls(Struct, frozen=True, kw_only=True):
    """Where to go on from a claim."""

    self: Annotated[str, Meta(description="The claim: read it until its status is no longer `checking`.")] = (
        "/v1/about-me"
    )
    proof: Annotated[str, Meta(description="POST here one of the `ways`, once the word stands there.")] = (
        "/v1/about-me/proof"
    )
    held: Annotated[str, Meta(description="Once it is proven, all that is held.")] = "/v1/about-me/held"
    opt_out: Annotated[str, Meta(description="Once it is proven, POST here to opt out.")] = "/v1/about-me/opt-out"
    erasure: Annotated[str, Meta(description="Once it is proven, POST here to have all of it erased.")] = (
        "/v1/about-me/erasure"
    )


class ClaimResponse(Struct, frozen=True, kw_only=True):
    """How far somebody is with showing that an account is theirs. It says nothing of what is held."""

    account: Annotated[Account, Meta(description="The account.")]
    status: Annotated[
        ClaimStatus, Meta(description="open (show it), checking (a worker looks) or proven (see, contest, leave).")
    ]
    word: Annotated[str, Meta(description="The one-time word to put where only the owner of the account can.")]
    ways: Annotated[
        tuple[Proof, ...],
        Meta(
            description="Where it may stand: in the `profile`; in a `post` of its own (on GitHub, as the description "
            "of a public gist); on a `page` that the profile names, in a rel=me link or as `<meta name=candor "
            "content=WORD>`; in the DNS of a `domain` that the profile names, as TXT of _candor.DOMAIN; or through the "
            "`operator`, who hands out a one-time link. Only `page` and `domain` need an `address`."
        ),
    ]
    why: Annotated[str | None, Meta(description="Why the last look did not find it, or null.")]
    gathered: Annotated[bool, Meta(description="Whether what is held has been looked up.")]
    ends_at: Annotated[Instant, Meta(description="When this ends: a day after it began, an hour after it was proven.")]
    operator: Annotated[str | None, Meta(description="How to reach the operator, or null.")]
    urls: Annotated[ClaimUrls, Meta(description="Where to go on from here.")] = ClaimUrls()


class ReceiptResponse(ReceiptState, frozen=True, kw_only=True):
    """How far a dispute, an opt-out or an erasure is. It names nobody."""

    url: Annotated[str, Meta(description="The link to keep: a page that shows this, without a key.")]


def receipt_of(receipt_id: str) -> ReceiptResponse:
    """Return how far what a receipt follows is. Raises ProblemError 404."""
    found = context().store.receipts.find(receipt_id)
    if found is None:
        raise ProblemError("not_found", "There is no such receipt, or it is no longer kept.")
    return _receipt(found)


def count_try() -> None:
    """Count that the caller's address begins or goes on. Raises ProblemError 429 where that was too often."""
    most = context().settings.claims_per_hour
    if most and context().store.claims.count(caller_of(request.remote_addr or "unknown")) > most:
        detail = f"More than {most} times within an hour from this address."
        raise ProblemError("rate_limited", detail, headers={"Retry-After": str(_HOUR_S)})


def claim_by_code(code: str) -> tuple[str, Claim]:
    """Return the token and claim that a one-time code opens. Raises ProblemError 404."""
    found = context().store.claims.use_code(code)
    if found is None:
        raise ProblemError("not_found", "This link was used or has ended. Ask the operator for another.")
    return found


def look_for_word(given: dict[str, Any]) -> Claim:
    """Have a worker look for the caller's word. Raises ProblemError 422 and 429."""
    begun, way, address = claim(), given["way"], given["address"]
    if way not in proofs_of(begun.network):
        raise invalid(Fault("/way", "this network leaves no such way open"))
    if (way in {"page", "domain"}) != (address is not None):
        raise invalid(Fault("/address", "is needed for a page or a domain, and for nothing else"))
    if begun.status == "proven":
        return begun
    asked = context().store.claims.check(begun, way, address)
    if asked is None:
        detail = "The word is being looked for, or was too often: wait a little, or begin anew."
        raise ProblemError("rate_limited", detail, headers={"Retry-After": "10"})
    return asked


def proven() -> Claim:
    """Return the caller's claim, which has been proven. Raises ProblemError 401, 403."""
    found = claim()
    if found.status != "proven":
        raise ProblemError("not_proven", "First show that the account is yours: POST /v1/about-me/proof.")
    return found


def held_of(found: Claim) -> Held:
    """Return what is held of a proven account. Raises ProblemError 409 while it is looked up."""
    stored = context().store.claims.held(found)
    if stored is None:
        detail = "What is held is being looked up. Ask again in a moment."
        raise ProblemError("not_gathered", detail, headers={"Retry-After": "1"})
    return stored.held


def owners_of(found: Claim, score_id: str) -> tuple[str, ...]:
    """Return the owners who have a score of the proven account. Raises ProblemError 404, 409."""
    held_of(found)
    stored = context().store.claims.held(found)
    owners = () if stored is None else stored.owners.get(score_id, ())
    if not owners:
        raise no_score()
    return owners


def contest_own(given: dict[str, Any], score_id: str) -> ReceiptResponse:
    """Contest a score with every owner who has it. Raises ProblemError."""
    found, opened = proven(), []
    owners = owners_of(found, score_id)
    _count_dispute(found)
    try:
        for owner in owners:
            act_for(owner)
            opened.append((owner, contest(given, score_id).id))
    except ProblemError:
        context().store.claims.count_dispute(found, -1)
        raise
    context().store.claims.collect_again(found)
    return receipt_of_disputes(*opened)


def _count_dispute(found: Claim) -> None:
    """Count that the caller opens a dispute. Raises ProblemError 429, which says when one may be opened again."""
    most = context().settings.own_disputes_per_day
    if not most:
        return
    count, left_s = context().store.claims.count_dispute(found)
    if count > most:
        again = show_instant((context().now() + timedelta(seconds=left_s)).replace(microsecond=0))
        detail = f"At most {most} disputes about one account are taken within 24 hours. You may write again at {again}."
        raise ProblemError("rate_limited", detail, headers={"Retry-After": str(left_s)})


def receipt_of_disputes(*opened: tuple[str, str]) -> ReceiptResponse:
    """Make the receipt of disputes, each named by its owner and id: it says by when they are answered, and how."""
    settings = context().settings
    due, kept = timedelta(days=settings.dispute_answer_days), timedelta(days=settings.disputes_days)
    return _receipt(context().store.receipts.make("dispute", due=due, kept=kept, disputes=opened))


def leave(found: Claim, *, erase: bool) -> ReceiptResponse:
    """Suppress the account, and have it erased where that is wanted."""
    store, days = context().store, timedelta(days=context().settings.jobs_days)
    if erase:
        erasure = store.erasures.create(None, found.network, *found.names)
        return _receipt(store.receipts.make("erasure", due=days, kept=2 * days, erasure=erasure.id))
    store.suppression.add(found.network, found.names)
    store.claims.collect_again(found)
    kept = timedelta(days=context().settings.disputes_days)
    return _receipt(store.receipts.make("opt_out", due=timedelta(), kept=kept))


def own_score(score_id: str, *, whole: bool) -> Response:
    """Answer with a score of the caller's. Raises ProblemError."""
    owner, scores = owners_of(proven(), score_id)[0], context().store.scores
    stored = scores.evidence(owner, score_id) if whole else scores.get(owner, score_id)
    if stored is None:
        raise no_score()
    return tagged(stored.body, stored.etag)


def own_credential(score_id: str) -> Response:
    """Answer with a score of the caller's as a credential. Raises ProblemError."""
    act_for(owners_of(proven(), score_id)[0])
    return credential_of(score_id)


def response(begun: Claim) -> ClaimResponse:
    """Return what is said of a claim."""
    return fill(
        ClaimResponse,
        begun,
        account=Account(network=begun.network, account=begun.account),
        ways=proofs_of(begun.network),
        operator=context().settings.operator_contact,
        urls=ClaimUrls(),
    )


def _receipt(state: ReceiptState) -> ReceiptResponse:
    return fill(ReceiptResponse, state, url=f"/receipt/{state.id}")
