"""Schemas of webhooks: what is registered, what they are told, and what came of it."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from candor.store.webhooks import EVENTS
from service.schemas.base import BoundedList, InstantField, PageSchema, shown, text

WEBHOOK_BODY_EXAMPLE = {"url": "https://hooks.example.org/candor", "events": ["job.succeeded", "job.failed"]}
WEBHOOK_EXAMPLE: dict[str, Any] = {
    "id": "wh_4c1f0b3c9a2e",
    **WEBHOOK_BODY_EXAMPLE,
    "status": "enabled",
    "disabled_because": None,
    "created_at": "2026-11-01T09:00:00Z",
    "secret_since": "2026-11-01T09:00:00Z",
    "urls": {
        "self": "/v1/webhooks/wh_4c1f0b3c9a2e",
        "deliveries": "/v1/webhooks/wh_4c1f0b3c9a2e/deliveries",
        "ping": "/v1/webhooks/wh_4c1f0b3c9a2e/ping",
        "secret": "/v1/webhooks/wh_4c1f0b3c9a2e/secret",
    },
}
NEW_WEBHOOK_EXAMPLE = {**WEBHOOK_EXAMPLE, "secret": "whsec_c2hvd24gb25seSB0aGlzIG9uY2U="}
WEBHOOKS_EXAMPLE = {"data": [WEBHOOK_EXAMPLE], "next_cursor": None, "has_more": False}
DELIVERY_EXAMPLE: dict[str, Any] = {
    "id": "msg_7d51c0e8b3f2",
    "status": "delivered",
    "notification": {
        "type": "job.succeeded",
        "timestamp": "2026-11-01T09:00:02Z",
        "data": {"id": "job_5b0c2f6d1f7a4c0e9a43", "url": "/v1/jobs/job_5b0c2f6d1f7a4c0e9a43"},
    },
    "created_at": "2026-11-01T09:00:02Z",
    "next_attempt_at": None,
    "attempts": [
        {"at": "2026-11-01T09:00:03Z", "status": 503, "error": None, "duration_s": 0.21},
        {"at": "2026-11-01T09:00:08Z", "status": 204, "error": None, "duration_s": 0.064},
    ],
}
DELIVERIES_EXAMPLE = {"data": [DELIVERY_EXAMPLE], "next_cursor": None, "has_more": False}
PING_EXAMPLE = {
    **DELIVERY_EXAMPLE,
    "status": "pending",
    "notification": {
        "type": "webhook.ping",
        "timestamp": "2026-11-01T09:00:02Z",
        "data": {"id": "wh_4c1f0b3c9a2e", "url": "/v1/webhooks/wh_4c1f0b3c9a2e"},
    },
    "next_attempt_at": "2026-11-01T09:00:02Z",
    "attempts": [],
}


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
        metadata={"description": f"What it is to be told of: {', '.join(EVENTS)}."},
    )


class WebhookUrlsSchema(ma.Schema):
    """Addresses that belong to a webhook."""

    self = shown(fields.String, "The webhook itself.")
    deliveries = shown(fields.String, "What it was told, and what came of it.")
    ping = shown(fields.String, "POST here to have it told something at once.")
    secret = shown(fields.String, "POST here for a new secret.")


class WebhookSchema(ma.Schema):
    """A registered address, without its secret."""

    id = shown(fields.String, "Its id; a job names it as `webhook`.")
    url = shown(fields.String, "Where is POSTed to.")
    events = fields.List(fields.String(), required=True, metadata={"description": "What it is told of."})
    status = shown(fields.String, "enabled, or disabled: then it is told nothing more.")
    disabled_because = shown(fields.String, "Why it is disabled, or null.", allow_none=True)
    created_at = shown(InstantField, "When it was registered.")
    secret_since = shown(InstantField, "When its secret was made; the one before signs as well for a day.")
    urls = fields.Nested(WebhookUrlsSchema, required=True, metadata={"description": "Addresses that belong to it."})


class NewWebhookSchema(WebhookSchema):
    """A webhook with its new secret."""

    secret = shown(
        fields.String,
        "`whsec_` and base64: what signatures are checked with. It is shown only this once: null where an answer is "
        "repeated.",
        allow_none=True,
    )


class WebhookPageSchema(PageSchema):
    """A page of webhooks."""

    data = fields.List(
        fields.Nested(WebhookSchema), required=True, metadata={"description": "The webhooks, oldest first."}
    )


class ResourceRefSchema(ma.Schema):
    """What a notification is about."""

    id = shown(fields.String, "Its id.")
    url = shown(fields.String, "Where to read it with a key, relative to the service.")


class NotificationSchema(ma.Schema):
    """What is sent to a webhook: that something happened. What it was is to be read at `data.url`."""

    type = shown(fields.String, f"What happened: {', '.join(EVENTS)} or webhook.ping.")
    timestamp = shown(InstantField, "When it happened.")
    data = fields.Nested(ResourceRefSchema, required=True, metadata={"description": "What it is about."})


class AttemptSchema(ma.Schema):
    """One try to deliver."""

    at = shown(InstantField, "When it began.")
    status = shown(fields.Integer, "HTTP status of the answer; null where there was none.", allow_none=True)
    error = shown(fields.String, "Why there was no answer, or null.", allow_none=True)
    duration_s = shown(fields.Float, "How long it took, in seconds.")


class DeliverySchema(ma.Schema):
    """A notification on its way, or what came of it."""

    id = shown(fields.String, "Its id: the header `webhook-id`, the same at each try.")
    status = shown(fields.String, "pending, delivered or failed; the last two are final.")
    notification = fields.Nested(NotificationSchema, required=True, metadata={"description": "What is sent."})
    created_at = shown(InstantField, "When it was made.")
    next_attempt_at = shown(
        InstantField, "When it is tried next; null once it is delivered or failed.", allow_none=True
    )
    attempts = fields.List(
        fields.Nested(AttemptSchema), required=True, metadata={"description": "Every try so far, the first one first."}
    )


class DeliveryPageSchema(PageSchema):
    """A page of deliveries."""

    data = fields.List(
        fields.Nested(DeliverySchema), required=True, metadata={"description": "The deliveries, newest first."}
    )
