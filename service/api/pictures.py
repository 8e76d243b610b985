"""Pictures of scores, as the page draws them, and signed links to them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

from flask import request
from msgspec import Meta, Struct

from candor.scoring.activity import Instant
from service import drawing
from service.api.scores import no_score, read_document
from service.auth import owner, used_signed_link
from service.context import context
from service.drawing import Look
from service.etags import tagged
from service.problems import ProblemError
from service.resource import Resource
from service.schemas.queries import BadgeQuerySchema, ChartQuerySchema
from service.words import language_of, words

if TYPE_CHECKING:
    from flask import Response

    from service.drawing import Picture

MEDIA_TYPE = "image/svg+xml"
_LINK_LIFE_S = 60  # how long a browser may show a picture without asking whether its link still holds

resource = Resource("pictures", "Scores as pictures with a text alternative, for pages of others as well.")


class LinkResponse(Struct, frozen=True, kw_only=True):
    """Addresses that work without a key."""

    chart_url: Annotated[str, Meta(description="The whole score as a picture.")]
    badge_url: Annotated[str, Meta(description="Both numbers, small.")]
    expires_at: Annotated[
        Instant, Meta(description="Until when they work: as long as the score is kept, unless revoked before.")
    ]


_LINK_EXAMPLE = LinkResponse(
    chart_url="/v1/scores/sc_3f/chart?link=0a91.7c44",
    badge_url="/v1/scores/sc_3f/badge?link=0a91.7c44",
    expires_at=datetime(2027, 1, 30, 12, tzinfo=UTC),
)


@resource.picture("/v1/scores/<score_id>/chart", ChartQuerySchema, "The score, part by part.", by_link=True)
def draw_chart(query: dict[str, Any], score_id: str) -> Response:
    """Draw a score: both numbers beside each other, each with its parts and its interval.

    Where there is no number the picture says why. A signed link serves in place of a key.
    """
    return picture_answer(drawing.draw_chart(read_document(score_id), look_of(query)))


@resource.picture("/v1/scores/<score_id>/badge", BadgeQuerySchema, "Both numbers, small.", by_link=True)
def draw_badge(query: dict[str, Any], score_id: str) -> Response:
    """Draw both numbers of a score small, with topic, date, method and trust root.

    A signed link serves in place of a key.
    """
    return picture_answer(drawing.draw_badge(read_document(score_id), look_of(query)))


@resource.operation("POST", "/v1/scores/<score_id>/link", scope="write", problems=("not_found",))
@resource.response(200, LinkResponse, description="The link.", example=_LINK_EXAMPLE)
def make_link(score_id: str) -> LinkResponse:
    """Make a signed link to the pictures of a score, for image tags and for people without a key.

    A score has one link: asked for again it is the same, and revoked it never works again. It opens nothing else.
    """
    life_s = context().store.scores.life_s(owner(), score_id)
    if life_s is None:
        raise no_score()
    token = context().store.links.make(owner(), score_id, life_s)
    return LinkResponse(
        chart_url=f"/v1/scores/{score_id}/chart?link={token}",
        badge_url=f"/v1/scores/{score_id}/badge?link={token}",
        expires_at=context().now() + timedelta(seconds=life_s),
    )


@resource.operation("DELETE", "/v1/scores/<score_id>/link", scope="write", problems=("not_found",))
@resource.response(204, description="It no longer works.")
def revoke_link(score_id: str) -> None:
    """Revoke the signed link to a score; browsers may show what they have for another minute."""
    if not context().store.links.revoke(owner(), score_id):
        raise ProblemError("not_found", "There is no link to this score.")


def look_of(query: dict[str, Any]) -> Look:
    """Return how a query wants a picture drawn; a badge has one width."""
    language = language_of(request.headers.get("Accept-Language"), query["lang"])
    look = Look(words(language), theme=query["theme"])
    return look.wide(query["width"]) if "width" in query else look


def picture_answer(picture: Picture) -> Response:
    """Answer with a picture. Pages of others may show it where a signed link let it out."""
    answer = tagged(picture.file, mimetype=MEDIA_TYPE)
    answer.vary.add("Accept-Language")
    if used_signed_link():
        answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        answer.headers["Cache-Control"] = f"private, max-age={_LINK_LIFE_S}"
    return answer
