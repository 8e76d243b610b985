"""The application: one line per concern."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from service import allow, context, cors, description, errors, headers, rate_limits, request_log, routing
from service.web import pages, site

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from candor.settings import Settings
    from candor.store import Store

_LOOPBACK_HOSTS = ["localhost", "127.0.0.1", "[::1]"]


def create_app(settings: Settings, store: Store, now: Callable[[], datetime] = context.utc_now) -> Flask:
    """Make the application on a store; `now` is its clock."""
    app = Flask("service", static_folder=None, template_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    if settings.on_loopback:  # no key is asked for here, so a page that points its own name at us must not get in
        app.config["TRUSTED_HOSTS"] = [*_LOOPBACK_HOSTS, settings.host]
    app.json.sort_keys = False  # type: ignore[attr-defined] # Flask's default provider has it
    app.extensions["candor"] = context.make_context(settings, store, now)
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies, x_proto=settings.trusted_proxies)  # type: ignore[method-assign] # as Flask's documentation has it
    routing.init_app(app)
    request_log.init_app(app)
    headers.init_app(app)
    allow.init_app(app)
    cors.init_app(app)
    errors.init_app(app)
    rate_limits.init_app(app)
    description.init_app(app)
    pages.init_app(app)
    site.init_app(app)
    return app
