"""Schemas of pictures: how to draw them, the links to them, and maps as points."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from service.drawing import NARROWEST, THEMES, WIDEST
from service.schemas.base import InstantField, shown
from service.schemas.boards import ExpertsQuerySchema
from service.words import LANGUAGES

MOST_POINTS = 2000
LINK_EXAMPLE: dict[str, Any] = {
    "chart_url": "/v1/scores/sc_3f/chart?link=0a91.7c44",
    "badge_url": "/v1/scores/sc_3f/badge?link=0a91.7c44",
    "expires_at": "2027-01-30T12:00:00Z",
}
BOARD_LINK_EXAMPLE: dict[str, Any] = {
    "map_url": "/v1/boards/bd_5c/map.svg?link=0a91.7c44",
    "expires_at": "2027-01-30T12:00:00Z",
}


class LookSchema(ma.Schema):
    """How to draw a picture."""

    lang = fields.String(
        load_default=None,
        validate=validate.OneOf(LANGUAGES),
        metadata={"description": "Language; by default what `Accept-Language` prefers."},
    )
    theme = fields.String(
        load_default="auto",
        validate=validate.OneOf(THEMES),
        metadata={"description": "light, dark, or auto: as whoever looks prefers."},
    )


class WideLookSchema(LookSchema):
    """How to draw a picture whose width can be chosen."""

    width = fields.Integer(
        load_default=760,
        validate=validate.Range(min=NARROWEST, max=WIDEST),
        metadata={"description": "CSS pixels at which text has its natural size; the picture scales all the same."},
    )


class ByLinkSchema(ma.Schema):
    """How to ask without a key."""

    link = fields.String(
        load_default=None,
        validate=validate.Length(min=1, max=200),
        metadata={"description": "A signed link to it does instead of a key; `POST …/link` makes it."},
    )


class ChartQuerySchema(WideLookSchema, ByLinkSchema):
    """How to draw the whole score."""


class BadgeQuerySchema(LookSchema, ByLinkSchema):
    """How to draw the badge."""


class MapQuerySchema(ExpertsQuerySchema):
    """Which board, and whom of it to show as points."""

    limit = fields.Integer(
        load_default=1000,
        validate=validate.Range(min=1, max=MOST_POINTS),
        metadata={"description": "How many points there are at most, by rank."},
    )


class MapPictureQuerySchema(MapQuerySchema, WideLookSchema):
    """Which board, whom of it to draw, and how."""


class BoardPictureQuerySchema(WideLookSchema, ByLinkSchema):
    """How to draw a board."""


class BoardLinkSchema(ma.Schema):
    """The address that works without a key."""

    map_url = shown(fields.String, "Everybody on the board as a picture.")
    expires_at = shown(InstantField, "Until when it works: as long as the board is kept, unless revoked before.")


class LinkSchema(ma.Schema):
    """Addresses that work without a key."""

    chart_url = shown(fields.String, "The whole score as a picture.")
    badge_url = shown(fields.String, "Both numbers, small.")
    expires_at = shown(InstantField, "Until when they work: as long as the score is kept, unless revoked before.")
