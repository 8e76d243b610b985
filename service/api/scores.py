"""Scores: the stored documents, byte for byte."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from candor.scoring.document import ScoreDocument
from service.auth import owner
from service.context import context
from service.documents import no_score
from service.etags import tagged
from service.resource import Resource
from service.schemas.parameters import ETAG_HEADER, IF_NONE_MATCH
from service.schemas.scores import ScoreQuerySchema, score_example

if TYPE_CHECKING:
    from flask import Response

_HEADERS = {
    **ETAG_HEADER,
    "Link": {
        "description": 'Where its disputes are, with `rel="disputes"`: they stand beside the score, as its bytes never '
        "change.",
        "schema": {"type": "string"},
    },
}

resource = Resource("scores", "The whole explanation of one account on one topic.")


@resource.operation(
    "GET",
    "/v1/scores/<score_id>",
    scope="read",
    problems=("not_found", "invalid", "precondition_failed"),
    parameters=[IF_NONE_MATCH],
)
@resource.query(ScoreQuerySchema)
@resource.response(200, ScoreDocument, description="The score, part by part.", example=score_example, headers=_HEADERS)
@resource.other_response(304, description="You have it already.", headers=_HEADERS)
def read_score(query: dict[str, Any], score_id: str) -> Response:
    """Read a score with every part of its numbers.

    The bytes never change. `evidence=all` shows every voice instead of the twenty largest on the topic; that form is
    kept for a shorter time.
    """
    scores = context().store.scores
    stored = scores.evidence(owner(), score_id) if query["evidence"] else scores.get(owner(), score_id)
    if stored is None:
        raise no_score()
    answer = tagged(stored.body, stored.etag)
    answer.headers.add("Link", f'</v1/scores/{quote(score_id, safe="")}/disputes>; rel="disputes"')
    return answer
