"""Headers on every answer: the request's id, and what browsers must not do with what we send."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.drawing import stylesheet_source
from service.request_id import HEADER, request_id

if TYPE_CHECKING:
    from flask import Flask, Response

API_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
_SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def init_app(app: Flask) -> None:
    """Register the hook."""
    app.after_request(_finish)


def _policy(mimetype: str | None) -> str:
    """Return what an answer may load: a picture nothing but the style sheet that it carries."""
    if mimetype == "image/svg+xml":
        return f"{API_POLICY}; style-src {stylesheet_source()}"
    return PAGE_POLICY if mimetype == "text/html" else API_POLICY


def _finish(response: Response) -> Response:
    response.headers[HEADER] = request_id()
    for name, value in _SECURITY.items():
        response.headers.setdefault(name, value)
    response.headers["Content-Security-Policy"] = _policy(response.mimetype)
    response.headers.setdefault("Cache-Control", "no-store")
    return response
