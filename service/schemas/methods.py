"""Schemas of methods. The method's own schema is made from the structs of scoring/published.py."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
import msgspec
from marshmallow import fields

from candor.scoring.method import load_method
from candor.scoring.published import published
from service.schemas.base import shown

METHODS_EXAMPLE = {
    "data": [
        {"version": "1.3.0", "digest": "sha256:98d9…", "url": "/v1/methods/1.3.0"},
    ],
    "next_cursor": None,
    "has_more": False,
}


class MethodRowSchema(ma.Schema):
    """One version of the method."""

    version = shown(fields.String, "Its version.")
    digest = shown(fields.String, "Digest of every figure in it.")
    url = shown(fields.String, "Where the whole of it is.")


class MethodPageSchema(ma.Schema):
    """All versions, on one page."""

    data = fields.List(fields.Nested(MethodRowSchema), required=True, metadata={"description": "The versions."})
    next_cursor = shown(fields.String, "Always null: there is one page.", allow_none=True)
    has_more = shown(fields.Boolean, "Always false.")


def method_example() -> dict[str, Any]:
    """Return the current method, which is its own example but for the length of what was measured."""
    example: dict[str, Any] = msgspec.to_builtins(published(load_method()))
    if example["measured"] is not None:
        example["measured"] |= {"accuracy": [], "attacks": [], "intervals": []}
    return example
