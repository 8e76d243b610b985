"""Maps: a board as points and as a picture, everybody by interest and expertise."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from msgspec import Meta, Struct

from candor.scoring.activity import Instant
from service import drawing
from service.api.boards import EXPERTS_EXAMPLE, ExpertsResponse, board_page, kept_board, newest_board, no_board
from service.api.pictures import look_of, picture_answer, revoke_links
from service.auth import owner
from service.board_rows import board_rows, is_of
from service.context import context
from service.drawing import Provenance
from service.problems import ProblemError
from service.resource import Resource
from service.schemas.base import show_instant
from service.schemas.queries import (
    MOST_POINTS,
    BoardPictureQuerySchema,
    MapPictureQuerySchema,
    MapQuerySchema,
)

if TYPE_CHECKING:
    from flask import Response

    from candor.store.models import BoardFacts
    from service.api.boards import ListedExperts

resource = Resource("maps", "Everybody in a data set by how much they know and how much they care.")


class BoardLinkResponse(Struct, frozen=True, kw_only=True):
    """The address that works without a key."""

    map_url: Annotated[str, Meta(description="Everybody on the board as a picture.")]
    expires_at: Annotated[
        Instant, Meta(description="Until when it works: as long as the board is kept, unless revoked before.")
    ]


_LINK_EXAMPLE = BoardLinkResponse(
    map_url="/v1/boards/bd_5c/map.svg?link=0a91.7c44", expires_at=datetime(2027, 1, 30, 12, tzinfo=UTC)
)


@resource.operation("GET", "/v1/topics/<anything:topic_id>/map", scope="read", problems=("not_found", "invalid"))
@resource.query(MapQuerySchema)
@resource.response(200, ExpertsResponse, description="The points, by rank.", example=EXPERTS_EXAMPLE)
def read_map(query: dict[str, Any], topic_id: str) -> ListedExperts:
    """List the people on a board for a plane of interest by expertise: rows as of the experts, many at once.

    An account without a score belongs beside the map, not at zero.
    """
    return board_page(query, topic_id)


@resource.picture("/v1/topics/<anything:topic_id>/map.svg", MapPictureQuerySchema, "The map.")
def draw_map(query: dict[str, Any], topic_id: str) -> Response:
    """Draw a board by interest and expertise, people, organisations and bots told apart; people unless asked otherwise.

    Accounts without a score are drawn beside the map.
    """
    facts = newest_board(query, topic_id)
    rows, _ = board_rows(query, facts)
    return picture_answer(drawing.draw_map(rows, provenance_of(facts), look_of(query)))


@resource.picture("/v1/boards/<board_id>/map.svg", BoardPictureQuerySchema, "The map.", by_link="pictures")
def draw_board(query: dict[str, Any], board_id: str) -> Response:
    """Draw the people on this very board, which no newer one replaces; organisations and bots on request.

    A signed link serves in place of a key.
    """
    facts = kept_board(board_id)
    shown = (row for row in context().store.boards.rows(facts) if is_of(query["kind"], row.kind))
    rows = list(itertools.islice(shown, MOST_POINTS))
    return picture_answer(drawing.draw_map(rows, provenance_of(facts), look_of(query)))


@resource.operation("POST", "/v1/boards/<board_id>/link", scope="write", problems=("not_found",))
@resource.response(200, BoardLinkResponse, description="The link.", example=_LINK_EXAMPLE)
def make_board_link(board_id: str) -> BoardLinkResponse:
    """Make a signed link to the map of a board, for image tags and for people without a key.

    A board has one link: asked for again it is the same, and revoked it never works again. It opens nothing else.
    """
    life_s = context().store.boards.life_s(owner(), board_id)
    if life_s is None:
        raise no_board()
    token, link = context().store.links.make(owner(), board_id, "pictures", life_s, context().now())
    return BoardLinkResponse(
        map_url=f"/v1/boards/{board_id}/map.svg?link={token}",
        expires_at=link.expires_at,
    )


@resource.operation("DELETE", "/v1/boards/<board_id>/link", scope="write", problems=("not_found",))
@resource.response(204, description="It no longer works.")
def revoke_board_link(board_id: str) -> None:
    """Revoke the signed link to a board; browsers may show what they have for another minute."""
    revoke_links(board_id, ProblemError("not_found", "There is no link to this board."))


def provenance_of(facts: BoardFacts) -> Provenance:
    """Return what the numbers of a board depend on."""
    asked, root = facts.request, facts.request.trust_root
    return Provenance(facts.topic.label, show_instant(asked.as_of), facts.method, root.id, root.kind, root.size)
