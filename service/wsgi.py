"""What gunicorn loads: the application on the store that the environment names."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from redis.exceptions import RedisError

from candor.settings import SettingsError, check_exposure, read_settings
from candor.store import open_store
from candor.telemetry.meters import FLUSH_S
from service.app import create_app
from service.context import context_of
from service.stack import retention_of

if TYPE_CHECKING:
    from flask import Flask


def application() -> Flask:
    """Make the application. Raises SettingsError when a setting is wrong or others could reach it without a key."""
    settings = read_settings(os.environ)
    if settings.redis_url is None:
        raise SettingsError("CANDOR_REDIS_URL is not set: name a server, or start everything with `candor up`")
    store = open_store(settings.redis_url, settings.data_dir, retention=retention_of(settings))
    keys = 0 if settings.on_loopback else len(store.keys.list())
    check_exposure(settings, keys=keys)
    app = create_app(settings, store)
    threading.Thread(target=_hand_over_counts, args=(app,), name="metrics", daemon=True).start()
    return app


def _hand_over_counts(app: Flask) -> NoReturn:
    """Hand what this process counts to the store, again and again; while that is away the counts are kept here."""
    at_hand = context_of(app)
    while True:
        time.sleep(FLUSH_S)
        with suppress(RedisError):
            at_hand.meters.flush(at_hand.store.metrics.add)
