"""Webhooks: register addresses that are told of the end of jobs, and see what they were told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from candor.names.addresses import RefusedAddressError, target_of
from candor.store.deliveries import UnknownDeliveryError
from candor.store.webhooks import MOST_WEBHOOKS, PING, Notification, ResourceRef, TooManyWebhooksError
from service.auth import owner
from service.context import context
from service.paging import Listed, page, page_of, read_cursor, unknown_cursor
from service.problems import Fault, ProblemError, invalid
from service.resource import Resource
from service.schemas.base import PageQuerySchema, show_instant
from service.schemas.webhooks import (
    DELIVERIES_EXAMPLE,
    NEW_WEBHOOK_EXAMPLE,
    PING_EXAMPLE,
    WEBHOOK_BODY_EXAMPLE,
    WEBHOOK_EXAMPLE,
    WEBHOOKS_EXAMPLE,
    DeliveryPageSchema,
    DeliverySchema,
    NewWebhookSchema,
    WebhookBodySchema,
    WebhookPageSchema,
    WebhookSchema,
)

if TYPE_CHECKING:
    from candor.store.webhooks import Webhook

resource = Resource("webhooks", "Addresses that are told what happened, signed as Standard Webhooks says.")


@resource.operation(
    "POST",
    "/v1/webhooks",
    scope="write",
    problems=("too_many_webhooks", "unsupported_media_type", "too_large", "invalid", "timeout"),
)
@resource.body(WebhookBodySchema, example=WEBHOOK_BODY_EXAMPLE)
@resource.response(201, NewWebhookSchema, description="The webhook, with its secret.", example=NEW_WEBHOOK_EXAMPLE)
def create_webhook(given: dict[str, Any]) -> dict[str, Any]:
    """Register an address. Its secret is shown in this answer and never again.

    A job names the webhook's id as `webhook`; when it has ended, the address is told so, if it asked for that event.
    What a name leads to is checked at each delivery, so that it is never an address inside the operator's network.
    """
    _check_url(given["url"])
    try:
        webhook = context().store.webhooks.create(owner(), given["url"], given["events"])
    except TooManyWebhooksError:
        detail = f"There are {MOST_WEBHOOKS} webhooks, and no more may be; delete one first."
        raise ProblemError("too_many_webhooks", detail) from None
    return _show_with_secret(webhook)


@resource.operation("GET", "/v1/webhooks", scope="read", problems=("invalid",))
@resource.query(PageQuerySchema)
@resource.response(200, WebhookPageSchema, description="Your webhooks, oldest first.", example=WEBHOOKS_EXAMPLE)
def list_webhooks(query: dict[str, Any]) -> Listed[Any]:
    """List your webhooks, without their secrets."""
    return page_of(context().store.webhooks.list(owner()), _order, query, _show)


@resource.operation("GET", "/v1/webhooks/<webhook_id>", scope="read", problems=("not_found",))
@resource.response(200, WebhookSchema, description="The webhook.", example=WEBHOOK_EXAMPLE)
def read_webhook(webhook_id: str) -> dict[str, Any]:
    """Read a webhook, without its secret."""
    return _show(_found(webhook_id))


@resource.operation("DELETE", "/v1/webhooks/<webhook_id>", scope="write", problems=("not_found",))
@resource.response(204, description="The webhook is deleted, with the log of its deliveries.")
def delete_webhook(webhook_id: str) -> tuple[str, int]:
    """Delete a webhook. It is told nothing more, not even what is on its way."""
    store = context().store
    if not store.webhooks.delete(owner(), webhook_id):
        raise _unknown()
    store.deliveries.forget(owner(), webhook_id)
    return "", 204


@resource.operation("POST", "/v1/webhooks/<webhook_id>/secret", scope="write", problems=("not_found",))
@resource.response(200, NewWebhookSchema, description="The webhook, with its new secret.", example=NEW_WEBHOOK_EXAMPLE)
def rotate_webhook_secret(webhook_id: str) -> dict[str, Any]:
    """Make a new secret. For a day deliveries carry two signatures, of the new secret and of the one before."""
    webhook = context().store.webhooks.rotate(owner(), webhook_id)
    if webhook is None:
        raise _unknown()
    return _show_with_secret(webhook)


@resource.operation("POST", "/v1/webhooks/<webhook_id>/ping", scope="write", problems=("not_found", "webhook_disabled"))
@resource.response(202, DeliverySchema, description="The delivery that is on its way.", example=PING_EXAMPLE)
def ping_webhook(webhook_id: str) -> Any:
    """Have the webhook told `webhook.ping` at once, to see whether its receiver works."""
    webhook = _found(webhook_id)
    if not webhook.enabled:
        raise ProblemError("webhook_disabled", f"The webhook is disabled, because {webhook.disabled_because}.")
    subject = ResourceRef(id=webhook.id, url=_address(webhook.id))
    return context().store.deliveries.add(webhook, Notification(type=PING, timestamp=context().now(), data=subject))


@resource.operation("GET", "/v1/webhooks/<webhook_id>/deliveries", scope="read", problems=("not_found", "invalid"))
@resource.query(PageQuerySchema)
@resource.response(200, DeliveryPageSchema, description="What it was told, newest first.", example=DELIVERIES_EXAMPLE)
def list_deliveries(query: dict[str, Any], webhook_id: str) -> Listed[Any]:
    """List what the webhook was told and what came of each try: the last thousand, for as long as jobs are kept."""
    deliveries = context().store.deliveries
    named, cursor = _found(webhook_id).id, read_cursor(query["cursor"])
    try:
        found, following = deliveries.list(owner(), named, cursor=cursor, limit=query["limit"])
    except UnknownDeliveryError:
        raise unknown_cursor() from None
    return page(found, following, query)


def _check_url(url: str) -> None:
    try:
        target_of(url, frozenset(context().settings.test_hosts))
    except RefusedAddressError as error:
        raise invalid(Fault("/url", f"not an address that is told anything: {error.reason}")) from None


def _found(webhook_id: str) -> Webhook:
    webhook = context().store.webhooks.get(owner(), webhook_id)
    if webhook is None:
        raise _unknown()
    return webhook


def _unknown() -> ProblemError:
    return ProblemError("not_found", "You have no such webhook.")


def _show(webhook: Webhook) -> dict[str, Any]:
    at = _address(webhook.id)
    return {
        **msgspec.structs.asdict(webhook),
        "status": "enabled" if webhook.enabled else "disabled",
        "urls": {"self": at, "deliveries": f"{at}/deliveries", "ping": f"{at}/ping", "secret": f"{at}/secret"},
    }


def _show_with_secret(webhook: Webhook) -> dict[str, Any]:
    return {**_show(webhook), "secret": context().store.webhooks.secrets(webhook)[0]}


def _address(webhook_id: str) -> str:
    return f"/v1/webhooks/{webhook_id}"


def _order(webhook: Webhook) -> str:
    return f"{show_instant(webhook.created_at)} {webhook.id}"
