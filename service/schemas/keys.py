"""Schemas of API keys."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from service.auth import ALL_SCOPES
from service.schemas.base import BoundedList, Instant, PageSchema, shown, text

KEY_BODY_EXAMPLE = {"name": "laptop", "scopes": ["read", "write"], "expires_at": None}
KEY_EXAMPLE: dict[str, Any] = {
    "id": "key_1f0b3c",
    "name": "laptop",
    "scopes": ["read", "write"],
    "created_at": "2026-11-01T09:00:00Z",
    "expires_at": None,
    "last_used_at": "2026-11-03T17:20:00Z",
}
NEW_KEY_EXAMPLE = {**KEY_EXAMPLE, "last_used_at": None, "secret": "ck_shown-only-this-once"}
KEYS_EXAMPLE = {"data": [KEY_EXAMPLE], "next_cursor": None, "has_more": False}


class KeyBodySchema(ma.Schema):
    """A key to make."""

    name = text("What the key is for, in your words.", required=True)
    scopes = BoundedList(
        fields.String(validate=validate.OneOf(ALL_SCOPES)),
        least=1,
        most=len(ALL_SCOPES),
        required=True,
        metadata={"description": "What it may do: read, write, erase, admin."},
    )
    expires_at = Instant(
        load_default=None, allow_none=True, metadata={"description": "When it stops working; null for never."}
    )


class KeySchema(ma.Schema):
    """A key, without its secret."""

    id = shown(fields.String, "Its id.")
    name = shown(fields.String, "What it is for.")
    scopes = fields.List(fields.String(), required=True, metadata={"description": "What it may do."})
    created_at = shown(Instant, "When it was made.")
    expires_at = shown(Instant, "When it stops working, or null.", allow_none=True)
    last_used_at = shown(Instant, "When it was last used, to the minute; null for never.", allow_none=True)


class NewKeySchema(KeySchema):
    """A key that was just made, with its secret."""

    secret = shown(
        fields.String,
        "Send it as `Authorization: Bearer ck_…`. It is shown only this once: null where an answer is repeated.",
        allow_none=True,
    )


class KeyPageSchema(PageSchema):
    """A page of keys."""

    data = fields.List(fields.Nested(KeySchema), required=True, metadata={"description": "The keys, oldest first."})
