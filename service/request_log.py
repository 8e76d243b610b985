"""The log of requests: a line and a count for each, and gunicorn's words through the same log."""

from __future__ import annotations

import logging
import os
import time
from typing import TYPE_CHECKING, Any

import structlog
from flask import request
from flask.globals import request_ctx
from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from candor.settings import read_settings
from candor.telemetry import logs
from candor.telemetry.meters import REQUEST_SECONDS, REQUESTS
from service.auth import known_key
from service.context import context, request_id_in
from service.http import pattern

if TYPE_CHECKING:
    from flask import Flask, Response

NO_ROUTE = "none"
FIELDS = {
    "method": "The method, or `other`.",
    "route": "The pattern that the address fits, without what stands in it: account names would.",
    "status": "The HTTP status.",
    "ms": "Milliseconds until the answer was ready to be sent.",
    "key_id": "The key that asked.",
}
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})
_PROBES = frozenset({"/livez", "/readyz", "/metrics"})
_BEGAN_S = "candor.began_s"
_LINES = logging.getLogger(__name__)  # takes an event and its fields as they are: one line for each request


def init_app(app: Flask) -> None:
    """Register the hooks: before all others, so that theirs are seen as well."""
    app.before_request(_begin)
    app.after_request(_end)


class GunicornLogger(Logger):  # type: ignore[misc] # gunicorn has no types
    """Hands on what gunicorn says."""

    def setup(self, cfg: Any) -> None:
        """Configure the log of this process and those forked from it."""
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True
        settings = read_settings(os.environ)
        logs.configure("api", settings.log_level, settings.log_format)


def note_unreadable(status: int, named: str) -> None:
    """Write the line of a request that never reached the application: with nothing of the thread's last one."""
    structlog.contextvars.clear_contextvars()
    line = {"event": "request", "method": NO_ROUTE, "route": NO_ROUTE, "status": status, "request_id": named}
    logs.note(_LINES, logging.INFO, line)


def _begin() -> None:
    environ = request.environ
    environ[_BEGAN_S] = time.perf_counter()
    structlog.contextvars.clear_contextvars()  # a thread answers one request after the other
    structlog.contextvars.bind_contextvars(request_id=request_id_in(environ))


def _end(response: Response) -> Response:
    asked = request_ctx.request
    environ, rule, status = asked.environ, asked.url_rule, response.status_code
    route = NO_ROUTE if rule is None else pattern(rule)
    method = environ["REQUEST_METHOD"] if environ["REQUEST_METHOD"] in _METHODS else "other"
    seconds = time.perf_counter() - environ[_BEGAN_S]
    line = {"event": "request", "method": method, "route": route, "status": status, "ms": round(seconds * 1000, 1)}
    if (key := known_key(environ)) is not None:
        line["key_id"] = key.id
    logs.note(_LINES, logging.DEBUG if route in _PROBES else logging.INFO, line)
    meters = context().meters
    meters.count(REQUESTS, method, route, str(status))
    meters.observe(REQUEST_SECONDS, seconds, route)
    return response
