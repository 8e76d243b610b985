"""Pages of other origins may ask from a browser, where the operator names them; none may by default."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_cors import CORS

from candor.settings import listed
from service.context import context_of
from service.idempotency import HEADER as IDEMPOTENCY_KEY
from service.idempotency import REPLAYED
from service.request_id import HEADER

if TYPE_CHECKING:
    from flask import Flask

_SENT = [
    *("Authorization", "Content-Type", "Content-Encoding", IDEMPOTENCY_KEY),
    *("If-Match", "If-None-Match", "Prefer", HEADER),
]
_SHOWN = [
    *("ETag", REPLAYED, "Link", "Location", "Preference-Applied"),
    *("RateLimit", "RateLimit-Policy", "Retry-After", HEADER),
]
_KEPT_S = 3600


def init_app(app: Flask) -> None:
    """Register the hook, for /v1 only. A key travels in a header that a page must set itself, never in a cookie."""
    if origins := listed(context_of(app).settings.cors_origins):
        CORS(
            app,
            resources={r"/v1/.*": {}},
            origins=origins,
            methods=["GET", "HEAD", "POST", "PUT", "DELETE"],
            allow_headers=_SENT,
            expose_headers=_SHOWN,
            max_age=_KEPT_S,
            send_wildcard=True,
        )
