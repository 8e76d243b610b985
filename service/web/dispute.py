"""Contesting a piece of a score's evidence, from its card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import redirect, request

from service.api.disputes import contest
from service.documents import read_document
from service.schemas.disputes import DisputeBodySchema
from service.web.rendering import page

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as AnyResponse


def show_dispute(score_id: str) -> Response:
    """Show the form."""
    document = read_document(score_id)
    people = list(dict.fromkeys(voice.by for voice in document.expertise.evidence))
    return page("dispute.html", document=document, people=people)


def open_dispute(score_id: str) -> AnyResponse:
    """Open the dispute as POST /v1/scores/{id}/disputes does, and lead back to the card, which shows it."""
    said = {name: request.form.get(name, "").strip() or None for name in ("by", "reason", "contact")}
    contest(DisputeBodySchema().load({name: value for name, value in said.items() if value is not None}), score_id)
    return redirect(f"/card/{score_id}#disputes", 303)
