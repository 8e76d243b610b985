"""Ask your community: a field for a question, and who would answer it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import request
from marshmallow import ValidationError

from candor.store.models import Job
from service.api.questions import answer_question
from service.auth import owner
from service.body import faults_of
from service.context import context
from service.problems import invalid
from service.sample import keep_sample
from service.schemas.questions import QuestionBodySchema
from service.web.progress import to_progress
from service.web.rendering import render_page

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse


def show_questions() -> AnyResponse:
    """Show the form, and below it the answer to what it asks. Raises ProblemError where that is wrong."""
    asked = {name: request.args.get(name, "").strip() for name in ("text", "tags", "dataset", "as_of")}
    keep_sample()
    answered = answer_question(_body(asked)) if asked["dataset"] and (asked["text"] or asked["tags"]) else None
    if isinstance(answered, Job):
        return to_progress(answered.id, request.full_path)
    datasets = context().store.datasets.all_of(owner())
    return render_page("questions.html", asked=asked, answered=answered, datasets=datasets)


def _body(asked: dict[str, str]) -> dict[str, Any]:
    """Return the question that the form asks, checked as `POST /v1/questions` checks it. Raises ProblemError 422."""
    body = {
        "text": asked["text"] or None,
        "tags": [tag.strip() for tag in asked["tags"].split(",") if tag.strip()],
        "dataset": asked["dataset"],
        "as_of": f"{asked['as_of']}T00:00:00Z" if asked["as_of"] else None,
    }
    try:
        loaded: dict[str, Any] = QuestionBodySchema().load(body)
    except ValidationError as error:
        raise invalid(*faults_of(error.messages)) from None
    return loaded
