"""The application: one line per concern."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from redis.exceptions import RedisError
from werkzeug.middleware.proxy_fix import ProxyFix

from candor.settings import open_store_by, read_settings
from candor.store import utc_now
from candor.telemetry.meters import FLUSH_S
from service import context, description, errors, http, rate_limits, request_log
from service.context import context_of
from service.dispatch import Application
from service.web import site

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from flask import Flask

    from candor.settings import Settings
    from candor.store import Store


_LOOPBACK_HOSTS = ["localhost", "127.0.0.1", "[::1]"]


def create_app(settings: Settings, store: Store, now: Callable[[], datetime] = utc_now) -> Flask:
    """Make the application on a store; `now` is its clock."""
    app = Application("service", static_folder=None, template_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    if settings.on_loopback:  # no key is asked for here, so a page that points its own name at us must not get in
        app.config["TRUSTED_HOSTS"] = [*_LOOPBACK_HOSTS, settings.host]
    app.json.sort_keys = False  # type: ignore[attr-defined] # Flask's default provider has it
    app.extensions["candor"] = context.make_context(settings, store, now)
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies, x_proto=settings.trusted_proxies)  # type: ignore[method-assign] # as Flask's documentation has it
    http.init_routing(app)
    request_log.init_app(app)
    http.init_headers(app)
    http.init_allow(app)
    http.init_cors(app)
    errors.init_app(app)
    rate_limits.init_app(app)
    description.init_app(app)
    site.init_app(app)
    return app


def application() -> Flask:
    """Make the application. Raises SettingsError when a setting is wrong.

    The store is not asked here: a web process that begins while Redis is away works as soon as it is back. Whether the
    store will do is asked once, before gunicorn starts (store_at_hand.check_store).
    """
    settings = read_settings(os.environ)
    app = create_app(settings, open_store_by(settings))
    threading.Thread(target=_hand_over_counts, args=(app,), name="metrics", daemon=True).start()
    return app


def _hand_over_counts(app: Flask) -> NoReturn:
    """Hand what this process counts to the store, again and again; while that is away the counts are kept here.

    Tables of people who were erased meanwhile are deleted here, where no launcher may be.
    """
    at_hand = context_of(app)
    while True:
        time.sleep(FLUSH_S)
        with suppress(RedisError):
            at_hand.meters.flush(at_hand.store.metrics.add)
            at_hand.store.drop_erased()
