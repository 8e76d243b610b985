"""About me: the page on which whoever is scored shows that an account is theirs, sees, contests and leaves."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec
from flask import Response, redirect, request
from marshmallow import ValidationError
from msgspec.structs import replace

from candor.names.networks import NETWORKS, proofs_of
from candor.scoring.taken import ANSWERS
from candor.store.client import DamagedValueError
from service.api.disputes import DisputeBodySchema
from service.api.scores import decode_document, read_document
from service.auth import CLAIM_COOKIE, act_for, claim, owner, refuse_other_sites, require
from service.body import faults_of
from service.context import context
from service.job_inputs import named
from service.own_account import (
    claim_by_code,
    contest_own,
    count_try,
    held_of,
    leave,
    look_for_word,
    own_credential,
    own_score,
    owners_of,
    proven,
    receipt_of,
)
from service.problems import Fault, ProblemError, invalid
from service.schemas.base import show_instant
from service.web.card import show_card
from service.web.kept_records import names_beside
from service.web.rendering import current_words, render_page

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from werkzeug.wrappers import Response as AnyResponse

    from candor.store.claims import Claim
    from candor.store.disputes import Dispute
    from candor.store.held import HeldRecord, HeldTaken

_SCORE_ID = re.compile(r"sc_[0-9a-z]{1,64}")
PLACE = "/about-me"
RECORDS_SHOWN = 20
WRONG = ("evidence", "missing", "wrong_person", "wrong_kind", "wrong_topic", "too_low", "other")


def show_about_me() -> AnyResponse:
    """Show what comes next: name the account, show that it is yours, or all that is held of it."""
    begun = _begun()
    if begun is None:
        return _ask(_named_by_link(request.args), None)
    if begun.status != "proven" or not begun.gathered:
        return _show_proof(begun, {}, None)
    held = held_of(begun)
    records = _each_once(held.records)
    pages = -(-len(records) // RECORDS_SHOWN)
    page = max(1, min(request.args.get("page", 1, type=int), pages))
    return render_page(
        "held.html",
        claim=begun,
        held=held,
        shown_records=records[(page - 1) * RECORDS_SHOWN : page * RECORDS_SHOWN],
        page=page,
        pages=pages,
        on=_on,
        took=_took,
        minutes_left=max(0, int((begun.ends_at - context().now()).total_seconds() // 60)),
        done_days=context().settings.jobs_days,
        answer_days=context().settings.dispute_answer_days,
    )


def _named_by_link(given: Mapping[str, str]) -> dict[str, str]:
    """Return the form's values for the account that a link names, as that of a card does."""
    family, _, site = given.get("network", "").partition(":")
    return {"network": family, "site": site, "account": given.get("account", "")}


def _each_once(records: Iterable[HeldRecord]) -> list[tuple[HeldRecord, list[str]]]:
    """Return each record once, with the data sets that hold it."""
    found: dict[HeldRecord, list[HeldRecord]] = {}
    for record in records:
        found.setdefault(replace(record, dataset="", taken=None), []).append(record)
    return [(max(same, key=_is_told), [one.dataset for one in same]) for same in found.values()]


def _is_told(record: HeldRecord) -> bool:
    return record.taken is not None and record.taken.by is not None


def _took(taken: HeldTaken) -> str:
    """Return the key of the words for what the person accepted, and from whom where that is known."""
    what = "any" if taken.type is None else "answer" if taken.type in ANSWERS else "change"
    return f"about_me.took.{what}" if taken.by is None else f"about_me.took_from.{what}"


def begin() -> AnyResponse:
    """Begin with the account that the form names; or show the form again with what is wrong."""
    refuse_other_sites()
    count_try()
    family, site, account = (request.form.get(name, "").strip() for name in ("network", "site", "account"))
    takes = next((network.argument for network in NETWORKS if network.id == family), None)
    if takes and not site:
        return _ask(request.form, invalid(Fault("/site", "missing")))
    if "://" in site:  # an address stands for its host
        site = urlsplit(site).hostname or site
    try:
        whose = named(f"{family}:{site}" if takes else family, account)
    except ProblemError as error:
        return _ask(request.form, error)
    token, begun = context().store.claims.begin(whose.network, whose.account)
    return _carry(token, begun)


def look() -> AnyResponse:
    """Have the word looked for where the form says."""
    refuse_other_sites()
    count_try()
    if _begun() is None:
        return redirect(PLACE, 303)
    given = {"way": request.form.get("way", ""), "address": request.form.get("address", "").strip() or None}
    try:
        look_for_word(given)
    except ProblemError as error:
        if error.code != "invalid":
            raise
        return _show_proof(claim(), request.form, error)
    return redirect(PLACE, 303)


def show_code() -> Response:
    """Ask whether to use the operator's link: opening it alone does not, as programs that look at links would."""
    return render_page("about_me_code.html", code=request.args.get("code", ""))


def use_code() -> AnyResponse:
    """Use the one-time code of the operator's link."""
    refuse_other_sites()
    count_try()
    return _carry(*claim_by_code(request.form.get("code", "")[:200]))


def show_own_card(score_id: str) -> AnyResponse:
    """Show the card of a score of the caller's."""
    if _begun() is None:
        return redirect(PLACE, 303)
    act_for(owners_of(proven(), score_id)[0])
    return show_card(score_id, own=f"{PLACE}/score/{score_id}")


def show_own_json(score_id: str) -> Response:
    """Show the same as JSON."""
    return own_score(score_id, whole=request.args.get("evidence") == "all")


def show_own_credential(score_id: str) -> Response:
    """Hand out a score of the caller's, signed, as a file."""
    answer = own_credential(score_id)
    answer.headers["Content-Disposition"] = "attachment; filename=score.jwt"
    return answer


def show_own_dispute(score_id: str) -> AnyResponse:
    """Show the form for a dispute."""
    return redirect(PLACE, 303) if _begun() is None else _dispute_form(score_id, {}, None)


def open_own_dispute(score_id: str) -> AnyResponse:
    """Open the dispute, and lead to its receipt; or show the form again with what is wrong."""
    refuse_other_sites()
    about = request.form.get("about", "")
    belongs = {"evidence": ("by",), "wrong_kind": ("kind",), "missing": ("url",)}.get(about, ())
    fields = {name: request.form.get(name, "").strip() for name in ("about", "reason", "contact", *belongs)}
    try:
        body = DisputeBodySchema().load({name: value for name, value in fields.items() if value})
        return redirect(contest_own(body, score_id).url, 303)
    except ValidationError as error:
        return _dispute_form(score_id, request.form, invalid(*faults_of(error.messages)))
    except ProblemError as error:
        if error.code != "invalid":
            raise
        return _dispute_form(score_id, request.form, error)


def ask_to_leave() -> AnyResponse:
    """Say what leaving means, offer a copy, and ask once more."""
    if _begun() is None:
        return redirect(PLACE, 303)
    stored, days = context().store.claims.held(proven()), context().settings.jobs_days
    name = None if stored is None else stored.held.name
    return render_page("leave.html", claim=proven(), name=name, how=_how(request.args), done_days=days)


def show_held_json() -> Response:
    """Hand out all that is held, as a file."""
    answer = Response(
        msgspec.json.format(msgspec.json.encode(held_of(proven())), indent=1), mimetype="application/json"
    )
    answer.headers["Content-Disposition"] = "attachment; filename=about-me.json"
    return answer


def leave_here() -> AnyResponse:
    """Opt out, or have everything erased, and lead to the receipt."""
    refuse_other_sites()
    return redirect(leave(proven(), erase=_how(request.form) == "erase").url, 303)


def _how(given: Mapping[str, str]) -> str:
    how = given.get("how", "")
    if how not in {"opt_out", "erase"}:
        raise invalid(Fault("/how", "choose whether to opt out or to have everything erased"))
    return how


def look_anew() -> AnyResponse:
    """Have all that is held looked up again: what the page shows is of the time when it was."""
    refuse_other_sites()
    count_try()
    if (begun := _begun()) is not None and begun.status == "proven":
        context().store.claims.collect_anew(begun)
    return redirect(PLACE, 303)


def end() -> AnyResponse:
    """End the session."""
    refuse_other_sites()
    if (begun := _begun()) is not None:
        context().store.claims.end(begun)
    answer = redirect(PLACE, 303)
    answer.delete_cookie(CLAIM_COOKIE)
    return answer


def show_receipt(receipt_id: str) -> Response:
    """Show how far a dispute, an opt-out or an erasure is."""
    card = request.args.get("card", "")
    dispute = _dispute_followed(receipt_id)
    return render_page(
        "receipt.html",
        documents_days=context().settings.documents_days,
        receipt=receipt_of(receipt_id),
        dispute=dispute,
        label=_topic_label(receipt_id),
        made_since=_made_since(receipt_id),
        names={} if dispute is None else _names_in(dispute),
        reference=receipt_id,
        on=_on,
        address=request.base_url,
        card=card if _SCORE_ID.fullmatch(card) else None,
    )


def _dispute_followed(receipt_id: str) -> Dispute | None:
    """Return the dispute that a receipt follows, for who may read it without: it names people, the receipt nobody."""
    begun, whose = _begun(), None
    with contextlib.suppress(ProblemError):
        require("read")
        whose = owner()
    for each in context().store.receipts.disputes(receipt_id):
        is_own = begun is not None and begun.status == "proven" and begun.network == each.network
        if each.owner == whose or (is_own and begun is not None and each.account in begun.names):
            return each
    return None


def _topic_label(receipt_id: str) -> str | None:
    """Return what the topic of the score disputed is called, as long as the score is kept."""
    store = context().store
    kept = (store.scores.get(each.owner, each.score_id) for each in store.receipts.disputes(receipt_id))
    return next((decode_document(stored.body).topic.label for stored in kept if stored is not None), None)


def _made_since(receipt_id: str) -> bool:
    """Tell whether everybody who has the score disputed has made a score or a ranking since the decision."""
    disputes = context().store.receipts.disputes(receipt_id)
    return bool(disputes) and all(map(_has_newer, disputes))


def _has_newer(dispute: Dispute) -> bool:
    store, since = context().store, dispute.decided_at
    about = dispute.owner, dispute.network, dispute.account, dispute.topic
    if since is None:
        return False
    if store.history.made_since(since, *about):
        return True
    with contextlib.suppress(DamagedValueError):
        datasets = {step.dataset for step in store.history.steps(*about) if step.score_id == dispute.score_id}
        boards = (each for dataset in datasets if dataset for each in store.boards.of_dataset(dispute.owner, dataset))
        return any(each.topic.id == dispute.topic and each.made_at and each.made_at > since for each in boards)
    return False


def _names_in(dispute: Dispute) -> Mapping[str, str]:
    """Return how those whom a dispute names call themselves, as far as its score is kept and says."""
    act_for(dispute.owner)
    stored = context().store.scores.get(dispute.owner, dispute.score_id)
    return {} if stored is None else names_beside(decode_document(stored.body))


def _begun() -> Claim | None:
    """Return the caller's claim, or None where there is none or it has ended."""
    try:
        return claim()
    except ProblemError:
        return None


def _ask(values: Any, problem: ProblemError | None) -> Response:
    status = 200 if problem is None else 422
    return render_page("about_me.html", status, values=values, networks=NETWORKS, faults=_faults(problem))


def _show_proof(begun: Claim, values: Any, problem: ProblemError | None) -> Response:
    return render_page(
        "proof.html",
        200 if problem is None else 422,
        claim=begun,
        ways=proofs_of(begun.network),
        values=values,
        faults=_faults(problem),
        on=_on,
        place=request.url_root.rstrip("/") + PLACE,
    )


def _dispute_form(score_id: str, values: Any, problem: ProblemError | None) -> Response:
    act_for(owners_of(proven(), score_id)[0])
    document = read_document(score_id)
    return render_page(
        "own_dispute.html",
        200 if problem is None else 422,
        document=document,
        people=list(dict.fromkeys(voice.by for voice in document.expertise.evidence)),
        names=names_beside(document),
        kinds=WRONG,
        values=values,
        faults=_faults(problem),
        answer_days=context().settings.dispute_answer_days,
    )


def _faults(problem: ProblemError | None) -> dict[str, str]:
    """Return what is wrong, by the name of the field."""
    return {} if problem is None else {fault.pointer.rpartition("/")[2]: fault.detail for fault in problem.errors}


def _carry(token: str, begun: Claim) -> AnyResponse:
    answer = redirect(PLACE, 303)
    life_s = int((begun.ends_at - begun.created_at).total_seconds())
    answer.set_cookie(
        CLAIM_COOKIE, token, max_age=life_s, httponly=True, samesite="Strict", secure=request.is_secure, path="/"
    )
    return answer


def _on(at: datetime) -> str:
    return current_words().date(show_instant(at))
