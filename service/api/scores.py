"""Scores: the stored documents, byte for byte, and which features put one account above another."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import marshmallow as ma
import msgspec
from marshmallow import fields, validate

from candor.scoring.comparison import Comparison, Difference, NotComparableError, SideCompared, compare
from candor.scoring.document import ScoreDocument
from service.api.accounts import answers
from service.auth import owner, used_signed_link
from service.context import context
from service.http import tagged
from service.job_inputs import named
from service.problems import Fault, ProblemError, invalid
from service.resource import Resource
from service.schemas.base import BoundedList, identifier, network_name, text
from service.schemas.parameters import ETAG_HEADER, IF_NONE_MATCH
from service.schemas.queries import ByLinkSchema

if TYPE_CHECKING:
    from flask import Response

    from candor.store.models import StoredScore

_HEADERS = {
    **ETAG_HEADER,
    "Link": {
        "description": 'Where its disputes are, with `rel="disputes"`: they stand beside the score, as its bytes never '
        "change.",
        "schema": {"type": "string"},
    },
}

resource = Resource("scores", "The whole explanation of one account on one topic.")
comparisons = Resource("comparisons", "Two scores side by side.")


class ScoreQuerySchema(ByLinkSchema):
    """Which form of the document to read."""

    evidence = fields.String(
        load_default=None,
        validate=validate.OneOf(["all"]),
        metadata={"description": "`all` for every voice instead of the twenty largest."},
    )


@cache
def score_example() -> dict[str, Any]:
    """Return a whole score document, as `make docs` writes it."""
    written = resources.files("service.api").joinpath("score_example.json").read_bytes()
    example: dict[str, Any] = msgspec.json.decode(written)
    return example


@resource.operation(
    "GET",
    "/v1/scores/<score_id>",
    scope="read",
    problems=("not_found", "invalid", "precondition_failed"),
    parameters=[IF_NONE_MATCH],
    by_link="card",
)
@resource.query(ScoreQuerySchema)
@resource.response(200, ScoreDocument, description="The score, part by part.", example=score_example, headers=_HEADERS)
@resource.other_response(304, description="You have it already.", headers=_HEADERS)
def read_score(query: dict[str, Any], score_id: str) -> Response:
    """Read a score with every part of its numbers.

    The bytes never change. `evidence=all` shows every voice instead of the twenty largest on the topic; that form is
    kept for a shorter time. A signed link to the card serves in place of a key.
    """
    return _stored(score_id, with_all_evidence=query["evidence"] is not None)


def _stored(score_id: str, *, with_all_evidence: bool = False) -> Response:
    scores = context().store.scores
    stored = scores.evidence(owner(), score_id) if with_all_evidence else scores.get(owner(), score_id)
    if stored is None:
        raise no_score()
    _check_shown(stored)
    answer = tagged(stored.body, stored.etag)
    answer.headers.add("Link", f'</v1/scores/{quote(score_id, safe="")}/disputes>; rel="disputes"')
    return answer


class NewestQuerySchema(ma.Schema):
    """Whose newest score: an account's on one topic, and where there are several, which."""

    network = network_name("The network of the account.", required=True)
    account = identifier("The account's id there.", required=True)
    topic = text("Id of the topic.", required=True)
    trust_root = text("Only under this root: its id, `network`, `none`, or the digest of one that has no id.")
    dataset = text("Only made from this data set.")
    method = text("Only made by this version of the method.")


@resource.operation("GET", "/v1/scores", scope="read", problems=("not_found", "invalid"))
@resource.query(NewestQuerySchema)
@resource.response(200, ScoreDocument, description="The score, part by part.", example=score_example, headers=_HEADERS)
def read_newest_score(query: dict[str, Any]) -> Response:
    """Read the newest score of an account on a topic, with every part of its numbers.

    It is the document that `GET /v1/scores/{score_id}` answers with; no job runs.
    """
    whose = named(query["network"], query["account"])
    found = context().store.scores.newest(owner(), whose.network, whose.account)
    made = [row for row in found if row.topic == query["topic"] and answers(query, row)]
    if not made:
        raise ProblemError("not_found", "No such score is kept: `POST /v1/jobs` makes one.")
    return _stored(max(made, key=lambda row: row.as_of).score_id)


_TWO_SCORES = "name two scores: ?score=A&score=B"


class ComparisonQuerySchema(ma.Schema):
    """Which two scores."""

    score = BoundedList(
        text("Id of a score."),
        least=2,
        most=2,
        few=_TWO_SCORES,
        required=True,
        error_messages={"required": _TWO_SCORES},
        metadata={"description": "The two scores, one after the other."},
    )


_COMPARED_EXAMPLE = SideCompared(
    a=71.2,
    b=61.2,
    difference=10.0,
    overlap=True,
    by_feature=(
        Difference(
            id="acknowledged_help",
            label="Acknowledged help",
            a=29.964352,
            b=20.0,
            difference=9.964352,
            raw_a=23.0,
            raw_b=8.0,
            unit="voices",
        ),
    ),
    by_kind=(Difference(id="accepted", label="accepted answers and changes", a=19.0, b=10.0, difference=9.0),),
    words=("u19 stands 10.0 points above u7 on expertise", "their intervals overlap: the order may be chance"),
)
_COMPARISON_EXAMPLE = Comparison(
    score_a="sc_3f",
    score_b="sc_40",
    account_a="u19",
    account_b="u7",
    topic="space-technology",
    expertise=_COMPARED_EXAMPLE,
    interest=SideCompared(
        a=40.0,
        b=40.0,
        difference=0.0,
        overlap=True,
        by_feature=(),
        by_kind=(),
        words=("u19 and u7 are level on interest",),
    ),
)


@comparisons.operation("GET", "/v1/comparisons", scope="read", problems=("not_found", "invalid"))
@comparisons.query(ComparisonQuerySchema)
@comparisons.response(200, Comparison, description="What makes the difference.", example=_COMPARISON_EXAMPLE)
def compare_scores(query: dict[str, Any]) -> Comparison:
    """Say in words and figures which features put one account above another.

    Of one account the two may speak of different times: `acts` then says which acts of others are new, gone or count
    otherwise, and the rest how much that came to. Scores under different trust roots, profiles or versions of the
    method are not compared, nor those on different topics or networks, nor of different accounts at different times.
    """
    try:
        return compare(*documents_to_compare(*query["score"]))
    except NotComparableError as error:
        raise invalid(Fault("/score", str(error))) from None


def documents_to_compare(first: str, second: str) -> tuple[ScoreDocument, ScoreDocument]:
    """Return two scores of the caller's: of one account with all evidence, if both have it. Raises ProblemError."""
    a, b = read_document(first), read_document(second)
    if (a.account.network, a.account.account) != (b.account.network, b.account.account):
        return a, b
    whole = [context().store.scores.evidence(owner(), each.id) for each in (a, b)]
    read = [decode_document(each.body) for each in whole if each is not None]
    return (read[0], read[1]) if len(read) == len("ab") else (a, b)


def read_document(score_id: str) -> ScoreDocument:
    """Return a score of the caller's. Raises ProblemError 404."""
    stored = context().store.scores.get(owner(), score_id)
    if stored is None:
        raise no_score()
    _check_shown(stored)
    return decode_document(stored.body)


def _check_shown(stored: StoredScore) -> None:
    """Refuse to show the score of somebody who is suppressed to whoever comes by a link. Raises ProblemError 404."""
    if used_signed_link():
        checked(stored)


def checked(stored: StoredScore) -> ScoreDocument:
    """Return the document, unless the account is suppressed by now. Raises ProblemError 404."""
    document = decode_document(stored.body)
    account = document.account
    if context().store.suppression.among(account.network, [account.account]):
        raise no_score()
    return document


def decode_document(body: bytes) -> ScoreDocument:
    """Return the document that stored bytes hold."""
    return _decoder().decode(body)


def no_score() -> ProblemError:
    """Make the error for a score that is not there, or not the caller's."""
    return ProblemError("not_found", "There is no such score, or it is no longer kept.")


@cache
def _decoder() -> msgspec.json.Decoder[ScoreDocument]:
    return msgspec.json.Decoder(ScoreDocument)
