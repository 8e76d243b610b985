"""Pictures of scores, as the page draws them, and signed links to them and to whole cards."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, get_args

from flask import request
from marshmallow import fields, validate
from msgspec import Meta, Struct

from candor.scoring.activity import Instant
from candor.store.links import Opens, SignedLink
from candor.store.models import DAY_S
from service import drawing
from service.api.scores import no_score, read_document
from service.auth import owner, used_signed_link
from service.context import context
from service.drawing import Look
from service.drawing.card import badge_alternative
from service.http import tagged
from service.paging import Listed, Page, page_of
from service.problems import ProblemError
from service.resource import Resource
from service.schemas.base import PageQuerySchema, show_instant
from service.schemas.queries import BadgeQuerySchema, ChartQuerySchema, LinkLifeSchema
from service.words import language_of, words

if TYPE_CHECKING:
    from flask import Response

    from service.drawing import Picture

MEDIA_TYPE = "image/svg+xml"
_LINK_LIFE_S = 60  # how long a browser may show a picture without asking whether its link still holds

_LISTED_EXAMPLE = SignedLink(
    id="0a91",
    resource_id="sc_3f",
    opens="card",
    created_at=datetime(2026, 11, 1, 12, tzinfo=UTC),
    expires_at=datetime(2027, 1, 30, 12, tzinfo=UTC),
)

resource = Resource("pictures", "Scores as pictures with a text alternative, for pages of others as well.")


class LinkQuerySchema(LinkLifeSchema):
    """What a link is to open, and for how long."""

    opens = fields.String(
        load_default="pictures",
        validate=validate.OneOf(get_args(Opens)),
        metadata={"description": "pictures: chart and badge alone; card: the whole explanation as well."},
    )


class LinkResponse(Struct, frozen=True, kw_only=True):
    """Addresses that work without a key."""

    id: Annotated[str, Meta(description="Id of the link, to revoke it by.")]
    opens: Annotated[Opens, Meta(description="pictures, or card: the whole explanation as well.")]
    card_url: Annotated[str | None, Meta(description="The whole card as a page; null where it opens pictures alone.")]
    score_url: Annotated[
        str | None, Meta(description="The whole explanation as JSON; null where it opens pictures alone.")
    ]
    chart_url: Annotated[str, Meta(description="The whole score as a picture.")]
    badge_url: Annotated[str, Meta(description="Both numbers, small.")]
    badge_alt: Annotated[
        str,
        Meta(description="What the badge shows in words, for `alt`, in the language that `Accept-Language` prefers."),
    ]
    expires_at: Annotated[
        Instant,
        Meta(description="Until when they work, unless revoked before; or until the person opts out or is erased."),
    ]


_LINK_EXAMPLE = LinkResponse(
    id="0a91",
    opens="card",
    card_url="/card/sc_3f?link=0a91.7c44",
    score_url="/v1/scores/sc_3f?link=0a91.7c44",
    chart_url="/v1/scores/sc_3f/chart?link=0a91.7c44",
    badge_url="/v1/scores/sc_3f/badge?link=0a91.7c44",
    badge_alt="Ada on space technology, by Candor, 1 November 2026: Expertise 71.2 of 100, Interest: no score",
    expires_at=datetime(2027, 1, 30, 12, tzinfo=UTC),
)


@resource.picture("/v1/scores/<score_id>/chart", ChartQuerySchema, "The score, part by part.", by_link="pictures")
def draw_chart(query: dict[str, Any], score_id: str) -> Response:
    """Draw a score: both numbers beside each other, each with its parts and its interval.

    Where there is no number the picture says why. A signed link serves in place of a key.
    """
    return picture_answer(drawing.draw_chart(read_document(score_id), look_of(query)))


@resource.picture("/v1/scores/<score_id>/badge", BadgeQuerySchema, "Both numbers, small.", by_link="pictures")
def draw_badge(query: dict[str, Any], score_id: str) -> Response:
    """Draw both numbers of a score small, with topic, date, method and trust root.

    A signed link serves in place of a key.
    """
    return picture_answer(drawing.draw_badge(read_document(score_id), look_of(query)))


@resource.operation("POST", "/v1/scores/<score_id>/link", scope="write", problems=("not_found", "invalid"))
@resource.query(LinkQuerySchema)
@resource.response(200, LinkResponse, description="The link.", example=_LINK_EXAMPLE)
def make_link(query: dict[str, Any], score_id: str) -> LinkResponse:
    """Make a signed link to the pictures of a score, or to the whole card, for people without a key.

    With it the person scored can be shown what others see. There is one link for each of the two: asked for again it is
    the same with its new end, and revoked it never works again. It opens nothing else.
    """
    return link_to(score_id, query["opens"], query["days"])


def link_to(score_id: str, opens: Opens, days: int | None) -> LinkResponse:
    """Return the link to a score, made if there is none; it ends after so many days, or with the score."""
    life_s = context().store.scores.life_s(owner(), score_id)
    if life_s is None:
        raise no_score()
    if days is not None:
        life_s = min(life_s, days * DAY_S)
    token, link = context().store.links.make(owner(), score_id, opens, life_s, context().now())
    whole = link.opens == "card"
    return LinkResponse(
        id=link.id,
        opens=link.opens,
        card_url=f"/card/{score_id}?link={token}" if whole else None,
        score_url=f"/v1/scores/{score_id}?link={token}" if whole else None,
        chart_url=f"/v1/scores/{score_id}/chart?link={token}",
        badge_url=f"/v1/scores/{score_id}/badge?link={token}",
        badge_alt=badge_alternative(
            read_document(score_id), words(language_of(request.headers.get("Accept-Language")))
        ),
        expires_at=link.expires_at,
    )


@resource.operation("DELETE", "/v1/scores/<score_id>/link", scope="write", problems=("not_found",))
@resource.response(204, description="They no longer work.")
def revoke_link(score_id: str) -> None:
    """Revoke the signed links to a score; browsers may show what they have of its pictures for another minute."""
    revoke_links(score_id, ProblemError("not_found", "There is no link to this score."))


@resource.operation("GET", "/v1/links", scope="read", problems=("invalid",))
@resource.query(PageQuerySchema)
@resource.response(200, Page[SignedLink], description="Those that still hold.", example=Page(data=[_LISTED_EXAMPLE]))
def list_links(query: dict[str, Any]) -> Listed[SignedLink]:
    """List the signed links that you have made to scores, boards and paths, and when each ends."""
    links = context().store.links.list(owner())
    return page_of(links, lambda link: f"{show_instant(link.expires_at)} {link.id}", query, lambda link: link)


@resource.operation("DELETE", "/v1/links/<link_id>", scope="write", problems=("not_found",))
@resource.response(204, description="It no longer works.")
def delete_link(link_id: str) -> None:
    """Revoke one signed link."""
    if not context().store.links.revoke(owner(), link_id):
        raise ProblemError("not_found", "You have no such link.")


def revoke_links(resource_id: str, missing: ProblemError) -> None:
    """Revoke the signed links to something. Raises what says that there are none."""
    if not context().store.links.revoke_all(owner(), resource_id):
        raise missing


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
