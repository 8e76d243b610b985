"""Keys: make, list and revoke."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import marshmallow as ma
from marshmallow import fields, validate
from msgspec import Meta, Struct
from msgspec.structs import replace

from candor.scoring.activity import Instant
from candor.store.models import ALL_SCOPES, Scope
from service.auth import owner
from service.components import fill
from service.context import context
from service.paging import Listed, Page, by_age, page_of
from service.problems import Fault, ProblemError, invalid
from service.resource import Resource
from service.schemas.base import BoundedList, InstantField, PageQuerySchema, text

resource = Resource("keys", "Keys to the API. A secret is shown once and kept as a digest.")


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
    expires_at = InstantField(
        load_default=None, allow_none=True, metadata={"description": "When it stops working; null for never."}
    )


class KeyResponse(Struct, frozen=True, kw_only=True):
    """A key, without its secret."""

    id: Annotated[str, Meta(description="Its id.")]
    name: Annotated[str, Meta(description="What it is for.")]
    scopes: Annotated[tuple[Scope, ...], Meta(description="What it may do.")]
    created_at: Annotated[Instant, Meta(description="When it was made.")]
    expires_at: Annotated[Instant | None, Meta(description="When it stops working, or null.")]
    last_used_at: Annotated[Instant | None, Meta(description="When it was last used, to the minute; null for never.")]


class NewKeyResponse(KeyResponse, frozen=True, kw_only=True):
    """A key that was just made, with its secret."""

    secret: Annotated[
        str | None,
        Meta(
            description="Send it as `Authorization: Bearer ck_…`. It is shown only this once: null where an answer is "
            "repeated."
        ),
    ]


_BODY_EXAMPLE = {"name": "laptop", "scopes": ["read", "write"], "expires_at": None}
_EXAMPLE = KeyResponse(
    id="key_1f0b3c",
    name="laptop",
    scopes=("read", "write"),
    created_at=datetime(2026, 11, 1, 9, tzinfo=UTC),
    expires_at=None,
    last_used_at=datetime(2026, 11, 3, 17, 20, tzinfo=UTC),
)
_SECRET = "ck_shown-only-this-once"  # noqa: S105 # an example
_NEW_EXAMPLE = fill(NewKeyResponse, replace(_EXAMPLE, last_used_at=None), secret=_SECRET)


@resource.operation("GET", "/v1/keys", scope="admin", problems=("invalid",))
@resource.query(PageQuerySchema)
@resource.response(200, Page[KeyResponse], description="Your keys, oldest first.", example=Page(data=[_EXAMPLE]))
def list_keys(query: dict[str, Any]) -> Listed[KeyResponse]:
    """List your keys, without their secrets."""
    return page_of(context().store.keys.list(owner()), by_age, query, lambda key: fill(KeyResponse, key))


@resource.operation(
    "POST", "/v1/keys", scope="admin", problems=("unsupported_media_type", "too_large", "invalid", "timeout")
)
@resource.body(KeyBodySchema, example=_BODY_EXAMPLE)
@resource.response(201, NewKeyResponse, description="The key, with its secret.", example=_NEW_EXAMPLE)
def create_key(given: dict[str, Any]) -> NewKeyResponse:
    """Make a key of your own. Its secret is shown in this answer and never again.

    It may have any scope, those that the key which makes it lacks included.
    """
    if given["expires_at"] is not None and given["expires_at"] <= context().now():
        raise invalid(Fault("/expires_at", "in the past: the key would never work"))
    scopes = tuple(dict.fromkeys(given["scopes"]))
    key, secret = context().store.keys.create(owner(), given["name"], scopes, given["expires_at"])
    return fill(NewKeyResponse, key, secret=secret)


@resource.operation("DELETE", "/v1/keys/<key_id>", scope="admin", problems=("not_found",))
@resource.response(204, description="The key is revoked.")
def revoke_key(key_id: str) -> None:
    """Revoke a key of yours, at once."""
    keys = context().store.keys
    if key_id not in {key.id for key in keys.list(owner())} or not keys.revoke(key_id):
        raise ProblemError("not_found", "You have no such key.")
