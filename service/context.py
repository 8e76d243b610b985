"""What a request can reach: settings, store, clock and the seats for waiting callers. Made once per application."""

from __future__ import annotations

import re
import secrets
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import current_app, request

from candor.store.idempotency import LeaseRenewer
from candor.store.question_indexes import QuestionIndexes
from candor.telemetry.meters import Meters
from service.overviews import Overviews

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from wsgiref.types import WSGIEnvironment

    from flask import Flask

    from candor.settings import Settings
    from candor.store import Store

REQUEST_ID_HEADER = "X-Request-Id"
_REQUEST_ID_SENT = "HTTP_X_REQUEST_ID"
_SUPPRESSED = "candor.suppressed"
_REQUEST_ID = "candor.request_id"  # where WSGI keeps what is ours: beside `g`, which takes three looks to find
_ALLOWED = re.compile(r"[0-9A-Za-z._-]{1,64}")

_KEY = "candor"


def request_id() -> str:
    """Return the id of the current request, the same each time; a header that could not be echoed safely is not."""
    return request_id_in(request.environ)


def request_id_in(environ: WSGIEnvironment) -> str:
    """Return the id of the request that a server passed on."""
    if (known := environ.get(_REQUEST_ID)) is None:
        asked = environ.get(_REQUEST_ID_SENT, "")
        known = environ[_REQUEST_ID] = asked if _ALLOWED.fullmatch(asked) else secrets.token_hex(8)
    return str(known)


@dataclass(frozen=True)
class Context:
    """Everything a view needs that is not in the request."""

    settings: Settings
    store: Store
    now: Callable[[], datetime]
    waiting_seats: threading.BoundedSemaphore
    meters: Meters
    leases: LeaseRenewer
    questions: QuestionIndexes
    overviews: Overviews


def make_context(settings: Settings, store: Store, now: Callable[[], datetime]) -> Context:
    """Make the context; at most half the threads may wait for jobs."""
    seats = threading.BoundedSemaphore(max(1, settings.threads // 2))
    leases, questions, overviews = LeaseRenewer(store.idempotency), QuestionIndexes(store), Overviews(store)
    return Context(settings, store, now, seats, Meters(), leases, questions, overviews)


def context_of(app: Flask) -> Context:
    """Return the context of an application."""
    return cast("Context", app.extensions[_KEY])


def context() -> Context:
    """Return the context of the application that serves the current request."""
    return context_of(current_app)


def note_suppressed(*, anybody: bool) -> None:
    """Note whether anybody is suppressed, for the rest of the current request."""
    request.environ[_SUPPRESSED] = anybody


def is_anybody_suppressed() -> bool:
    """Tell whether anybody is suppressed: as it was noted a moment ago, else the store is asked."""
    noted: bool | None = request.environ.get(_SUPPRESSED)
    return not context().store.suppression.is_empty() if noted is None else noted
