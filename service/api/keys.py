"""Keys: make, list and revoke."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from service.auth import owner
from service.context import context
from service.paging import Page, page_of
from service.problems import Fault, ProblemError, invalid
from service.resource import Resource
from service.schemas.base import PageQuerySchema, show_instant
from service.schemas.keys import (
    KEY_BODY_EXAMPLE,
    KEYS_EXAMPLE,
    NEW_KEY_EXAMPLE,
    KeyBodySchema,
    KeyPageSchema,
    NewKeySchema,
)

if TYPE_CHECKING:
    from candor.store.models import Key

resource = Resource("keys", "Keys to the interface. A secret is shown once and kept as a digest.")


@resource.operation("GET", "/v1/keys", scope="admin", problems=("invalid",))
@resource.query(PageQuerySchema)
@resource.answer(200, KeyPageSchema, description="Your keys, oldest first.", example=KEYS_EXAMPLE)
def list_keys(query: dict[str, Any]) -> Page:
    """List your keys, without their secrets."""
    return page_of(context().store.keys.list(owner()), _order, query, lambda key: key)


@resource.operation(
    "POST", "/v1/keys", scope="admin", problems=("unsupported_media_type", "too_large", "invalid", "timeout")
)
@resource.body(KeyBodySchema, example=KEY_BODY_EXAMPLE)
@resource.answer(201, NewKeySchema, description="The key, with its secret.", example=NEW_KEY_EXAMPLE)
def create_key(given: dict[str, Any]) -> dict[str, Any]:
    """Make a key of your own. Its secret is shown in this answer and never again.

    It may have any scope, those that the key which makes it lacks included.
    """
    if given["expires_at"] is not None and given["expires_at"] <= context().now():
        raise invalid(Fault("/expires_at", "in the past: the key would never work"))
    scopes = tuple(dict.fromkeys(given["scopes"]))
    key, secret = context().store.keys.create(owner(), given["name"], scopes, given["expires_at"])
    return {**{name: getattr(key, name) for name in key.__struct_fields__}, "secret": secret}


@resource.operation("DELETE", "/v1/keys/<key_id>", scope="admin", problems=("not_found",))
@resource.answer(204, description="The key is revoked.")
def revoke_key(key_id: str) -> tuple[str, int]:
    """Revoke a key of yours, at once."""
    keys = context().store.keys
    if key_id not in {key.id for key in keys.list(owner())} or not keys.revoke(key_id):
        raise ProblemError("not_found", "You have no such key.")
    return "", 204


def _order(key: Key) -> str:
    return f"{show_instant(key.created_at)} {key.id}"
