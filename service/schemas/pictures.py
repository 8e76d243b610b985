"""Schemas of pictures: how to draw them, the links to them, and maps as points."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields, validate

from service.drawing import NARROWEST, THEMES, WIDEST
from service.schemas.boards import ExpertsQuerySchema
from service.words import LANGUAGES

MOST_POINTS = 2000


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
