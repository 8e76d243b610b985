"""Schemas of scores. The document's own schema is made from the structs of scoring/document.py."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

import marshmallow as ma
import msgspec
from marshmallow import fields, validate


class ScoreQuerySchema(ma.Schema):
    """Which form of the document to read."""

    evidence = fields.String(
        load_default=None,
        validate=validate.OneOf(["all"]),
        metadata={"description": "`all` for every voice instead of the twenty largest."},
    )


@cache
def score_example() -> dict[str, Any]:
    """Return a whole score document, as example.py made it."""
    text = resources.files("service.schemas").joinpath("score_example.json").read_bytes()
    example: dict[str, Any] = msgspec.json.decode(text)
    return example
