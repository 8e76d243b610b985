"""Webhooks: register addresses that are told of the end of jobs, and see what they were told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal

import marshmallow as ma
import msgspec
from marshmallow import fields, validate
from msgspec import Meta, Struct
from msgspec.structs import replace

from candor.names.addresses import RefusedAddressError, target_of
from candor.scoring.activity import Instant
from candor.store.client import UnknownCursorError
from candor.store.deliveries import PING, Attempt, DeliveryStatus, Notification, ResourceRef
from candor.store.webhooks import EVENTS, MOST_WEBHOOKS, Event, TooManyWebhooksError
from service.auth import owner
from service.components import fill
from service.context import context
from service.paging import Listed, Page, by_age, page, page_of, read_cursor, unknown_cursor
from service.problems import ProblemError
from service.resource import Resource
from service.schemas.base import BoundedList, PageQuerySchema, text

if TYPE_CHECKING:
    from candor.store.deliveries import Delivery
    from candor.store.webhooks import Webhook

resource = Resource("webhooks", "Addresses that are told what happened, signed as Standard Webhooks says.")


class WebhookBodySchema(ma.Schema):
    """An address to tell."""

    url = text(
        "Where to POST: http or https, to a public address. Redirects are not followed.", most=2_000, required=True
    )
    events = BoundedList(
        fields.String(validate=validate.OneOf(EVENTS)),
        least=1,
        most=len(EVENTS),
        required=True,
        error_messages={"required": f"missing: name what it is to be told of, one or more of {', '.join(EVENTS)}"},
        metadata={"description": f"What it is to be told of: {', '.join(EVENTS)}."},
    )

    @ma.validates("url")
    def _check_url(self, url: str, **_: Any) -> None:
        try:
            target_of(url, frozenset(context().settings.test_hosts))
        except RefusedAddressError as error:
            raise ma.ValidationError(f"webhooks are not sent to this address: {error.reason}") from None


class WebhookUrls(Struct, frozen=True, kw_only=True):
    """Addresses that belong to a webhook."""

    self: Annotated[str, Meta(description="The webhook itself.")]
    deliveries: Annotated[str, Meta(description="What it was told, and what came of it.")]
    ping: Annotated[str, Meta(description="POST here to have it told something at once.")]
    secret: Annotated[str, Meta(description="POST here for a new secret.")]


class WebhookResponse(Struct, frozen=True, kw_only=True):
    """A registered address, without its secret."""

    id: Annotated[str, Meta(description="Its id; a job names it as `webhook`.")]
    url: Annotated[str, Meta(description="Where is POSTed to.")]
    events: Annotated[tuple[Event, ...], Meta(description="What it is told of.")]
    status: Annotated[
        Literal["enabled", "disabled"], Meta(description="enabled, or disabled: then it is told nothing more.")
    ]
    disabled_because: Annotated[str | None, Meta(description="Why it is disabled, or null.")]
    created_at: Annotated[Instant, Meta(description="When it was registered.")]
    secret_since: Annotated[
        Instant, Meta(description="When its secret was made; the one before signs as well for a day.")
    ]
    urls: Annotated[WebhookUrls, Meta(description="Addresses that belong to it.")]


class NewWebhookResponse(WebhookResponse, frozen=True, kw_only=True):
    """A webhook with its new secret."""

    secret: Annotated[
        str | None,
        Meta(
            description="`whsec_` and base64: what signatures are checked with. It is shown only this once: null where "
            "an answer is repeated."
        ),
    ]


class DeliveryResponse(Struct, frozen=True, kw_only=True):
    """A notification on its way, or what came of it."""

    id: Annotated[str, Meta(description="Its id: the header `webhook-id`, the same at each try.")]
    status: Annotated[DeliveryStatus, Meta(description="pending, delivered or failed; the last two are final.")]
    notification: Annotated[Notification, Meta(description="What is sent.")]
    created_at: Annotated[Instant, Meta(description="When it was made.")]
    next_attempt_at: Annotated[
        Instant | None, Meta(description="When it is tried next; null once it is delivered or failed.")
    ]
    attempts: Annotated[tuple[Attempt, ...], Meta(description="Every try so far, the first one first.")]


_BODY_EXAMPLE = {"url": "https://hooks.example.org/candor", "events": ["job.succeeded", "job.failed"]}
_MADE = datetime(2026, 11, 1, 9, tzinfo=UTC)
_EXAMPLE = WebhookResponse(
    id="wh_4c1f0b3c9a2e",
    url="https://hooks.example.org/candor",
    events=("job.succeeded", "job.failed"),
    status="enabled",
    disabled_because=None,
    created_at=_MADE,
    secret_since=_MADE,
    urls=WebhookUrls(
        self="/v1/webhooks/wh_4c1f0b3c9a2e",
        deliveries="/v1/webhooks/wh_4c1f0b3c9a2e/deliveries",
        ping="/v1/webhooks/wh_4c1f0b3c9a2e/ping",
        secret="/v1/webhooks/wh_4c1f0b3c9a2e/secret",  # noqa: S106 # an address
    ),
)
_NEW_EXAMPLE = fill(NewWebhookResponse, _EXAMPLE, secret="whsec_c2hvd24gb25seSB0aGlzIG9uY2U=")  # noqa: S106 # an example
DELIVERY_EXAMPLE = DeliveryResponse(
    id="msg_7d51c0e8b3f2",
    status="delivered",
    notification=Notification(
        type="job.succeeded",
        timestamp=_MADE + timedelta(seconds=2),
        data=ResourceRef(id="job_5b0c2f6d1f7a4c0e9a43", url="/v1/jobs/job_5b0c2f6d1f7a4c0e9a43"),
    ),
    created_at=_MADE + timedelta(seconds=2),
    next_attempt_at=None,
    attempts=(
        Attempt(at=_MADE + timedelta(seconds=3), status=503, error=None, duration_s=0.21),
        Attempt(at=_MADE + timedelta(seconds=8), status=204, error=None, duration_s=0.064),
    ),
)
PING_EXAMPLE = replace(
    DELIVERY_EXAMPLE,
    status="pending",
    notification=Notification(
        type=PING,
        timestamp=_MADE + timedelta(seconds=2),
        data=ResourceRef(id="wh_4c1f0b3c9a2e", url="/v1/webhooks/wh_4c1f0b3c9a2e"),
    ),
    next_attempt_at=_MADE + timedelta(seconds=2),
    attempts=(),
)


@resource.operation(
    "POST",
    "/v1/webhooks",
    scope="write",
    problems=("too_many_webhooks", "unsupported_media_type", "too_large", "invalid", "timeout"),
)
@resource.body(WebhookBodySchema, example=_BODY_EXAMPLE)
@resource.response(201, NewWebhookResponse, description="The webhook, with its secret.", example=_NEW_EXAMPLE)
def create_webhook(given: dict[str, Any]) -> NewWebhookResponse:
    """Register an address. Its secret is shown in this answer and never again.

    A job names the webhook's id as `webhook`; when it has ended, the address is told so, if it asked for that event.
    What a name leads to is checked at each delivery, so that it is never an address inside the operator's network.
    """
    try:
        webhook = context().store.webhooks.create(owner(), given["url"], given["events"])
    except TooManyWebhooksError:
        detail = f"There are {MOST_WEBHOOKS} webhooks, and no more may be; delete one first."
        raise ProblemError("too_many_webhooks", detail) from None
    return _with_secret(webhook)


@resource.operation("GET", "/v1/webhooks", scope="read", problems=("invalid",))
@resource.query(PageQuerySchema)
@resource.response(
    200, Page[WebhookResponse], description="Your webhooks, oldest first.", example=Page(data=[_EXAMPLE])
)
def list_webhooks(query: dict[str, Any]) -> Listed[WebhookResponse]:
    """List your webhooks, without their secrets."""
    return page_of(context().store.webhooks.list(owner()), by_age, query, _response)


@resource.operation("GET", "/v1/webhooks/<webhook_id>", scope="read", problems=("not_found",))
@resource.response(200, WebhookResponse, description="The webhook.", example=_EXAMPLE)
def read_webhook(webhook_id: str) -> WebhookResponse:
    """Read a webhook, without its secret."""
    return _response(_found(webhook_id))


@resource.operation("DELETE", "/v1/webhooks/<webhook_id>", scope="write", problems=("not_found",))
@resource.response(204, description="The webhook is deleted, with the log of its deliveries.")
def delete_webhook(webhook_id: str) -> None:
    """Delete a webhook. It is told nothing more, not even what is on its way."""
    store = context().store
    if not store.webhooks.delete(owner(), webhook_id):
        raise _unknown()
    store.deliveries.forget(owner(), webhook_id)


@resource.operation("POST", "/v1/webhooks/<webhook_id>/secret", scope="write", problems=("not_found",))
@resource.response(200, NewWebhookResponse, description="The webhook, with its new secret.", example=_NEW_EXAMPLE)
def rotate_webhook_secret(webhook_id: str) -> NewWebhookResponse:
    """Make a new secret. For a day deliveries carry two signatures, of the new secret and of the one before."""
    webhook = context().store.webhooks.rotate(owner(), webhook_id)
    if webhook is None:
        raise _unknown()
    return _with_secret(webhook)


@resource.operation("POST", "/v1/webhooks/<webhook_id>/ping", scope="write", problems=("not_found", "webhook_disabled"))
@resource.response(202, DeliveryResponse, description="The delivery that is on its way.", example=PING_EXAMPLE)
def ping_webhook(webhook_id: str) -> DeliveryResponse:
    """Have the webhook told `webhook.ping` at once, to see whether its receiver works."""
    webhook = _found(webhook_id)
    if not webhook.enabled:
        raise ProblemError("webhook_disabled", f"The webhook is disabled, because {webhook.disabled_because}.")
    subject = ResourceRef(id=webhook.id, url=_address(webhook.id))
    notification = Notification(type=PING, timestamp=context().now(), data=subject)
    return _delivery(context().store.deliveries.add(webhook, notification))


@resource.operation("GET", "/v1/webhooks/<webhook_id>/deliveries", scope="read", problems=("not_found", "invalid"))
@resource.query(PageQuerySchema)
@resource.response(
    200, Page[DeliveryResponse], description="What it was told, newest first.", example=Page(data=[DELIVERY_EXAMPLE])
)
def list_deliveries(query: dict[str, Any], webhook_id: str) -> Listed[DeliveryResponse]:
    """List what the webhook was told and what came of each try: the last thousand, for as long as jobs are kept."""
    deliveries = context().store.deliveries
    named, cursor = _found(webhook_id).id, read_cursor(query["cursor"])
    try:
        found, following = deliveries.list(owner(), named, cursor=cursor, limit=query["limit"])
    except UnknownCursorError:
        raise unknown_cursor() from None
    return page([_delivery(delivery) for delivery in found], following, query)


def _found(webhook_id: str) -> Webhook:
    webhook = context().store.webhooks.get(owner(), webhook_id)
    if webhook is None:
        raise _unknown()
    return webhook


def _unknown() -> ProblemError:
    return ProblemError("not_found", "You have no such webhook.")


def _response(webhook: Webhook) -> WebhookResponse:
    at = _address(webhook.id)
    return fill(
        WebhookResponse,
        webhook,
        status="enabled" if webhook.enabled else "disabled",
        urls=WebhookUrls(self=at, deliveries=f"{at}/deliveries", ping=f"{at}/ping", secret=f"{at}/secret"),
    )


def _with_secret(webhook: Webhook) -> NewWebhookResponse:
    return fill(NewWebhookResponse, _response(webhook), secret=context().store.webhooks.secrets(webhook)[0])


def _delivery(delivery: Delivery) -> DeliveryResponse:
    return fill(DeliveryResponse, delivery)


def _address(webhook_id: str) -> str:
    return f"/v1/webhooks/{webhook_id}"


MEANINGS = {
    "job.succeeded": "A job has ended with at least one score.",
    "job.failed": "A job has ended without any score; it says why.",
    "job.canceled": "A job was canceled.",
    "score.disputed": "Somebody contests a score: a piece of its evidence, or anything else that is wrong with it.",
    "dispute.decided": "The operator has accepted or rejected a dispute.",
    "board.updated": "A followed board was made again; who entered and who left the first places is read there.",
    PING: "Somebody asked for this, to see whether the receiver works.",
}
_HOW = (
    "Answer 2xx within 15 seconds. After anything else it is sent again, ten times within a day at growing intervals; "
    "410 ends that and disables the webhook. A notification may come more than once, and not in order: `webhook-id` "
    "tells. Redirects are not followed. Check the signature before anything else, with any library for Standard "
    "Webhooks."
)
_HEADERS = {
    "webhook-id": ("Id of the delivery, the same at each try.", DELIVERY_EXAMPLE.id),
    "webhook-timestamp": (
        "When this try was made, in seconds since 1970; refuse what is old.",
        "1793523608",
    ),
    "webhook-signature": (
        "`v1,` and base64 of the HMAC-SHA256 over `id.timestamp.body`; two, for a day after a new secret was made.",
        "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
    ),
}


def webhooks_section() -> dict[str, Any]:
    """Describe each notification as a request that this service makes."""
    return {event: {"post": _request(event, meaning)} for event, meaning in MEANINGS.items()}


def _request(event: str, meaning: str) -> dict[str, Any]:
    example = replace((PING_EXAMPLE if event == PING else DELIVERY_EXAMPLE).notification, type=event)
    return {
        "operationId": f"on_{event.replace('.', '_')}",
        "tags": ["webhooks"],
        "summary": meaning,
        "description": _HOW,
        "security": [],
        "parameters": [
            {
                "in": "header",
                "name": name,
                "required": True,
                "description": description,
                "schema": {"type": "string"},
                "example": shown,
            }
            for name, (description, shown) in _HEADERS.items()
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"$ref": "#/components/schemas/Notification"},
                    "example": msgspec.to_builtins(example),
                }
            },
        },
        "responses": {
            "2XX": {"description": "The receiver has it."},
            "410": {"description": "The receiver wants nothing more, ever: the webhook is disabled."},
        },
    }
