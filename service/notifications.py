"""What webhooks are told, as the `webhooks` section of the API's description has it."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import replace

from candor.store.deliveries import PING
from service.api.webhooks import DELIVERY_EXAMPLE, PING_EXAMPLE

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
