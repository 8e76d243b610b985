"""Sent twice, done once: a form that was sent again within two minutes gets the first answer, as after a double click.

Every form that does something carries a key of its own, as programs send an `Idempotency-Key`. The same form with
something else in it, as after going back, is another request.
"""

from __future__ import annotations

import functools
import hashlib
import secrets
import time
from typing import TYPE_CHECKING, Any

import msgspec
from flask import Response, current_app, make_response, request
from redis.exceptions import RedisError

from candor.store.idempotency import LEASE_S, IdempotencyLock, IdempotentResponse, StillRunningError
from service.auth import TOKEN_FIELD, owner
from service.context import context
from service.problems import ProblemError

if TYPE_CHECKING:
    from collections.abc import Callable

ONCE_FIELD = "once"
KEPT_S = 120
MOST_WAIT_S = 60.0
_LOOK_AGAIN_S = 0.2
_LOCATION = "Location"
_MOST_KEY = 64
_CHUNK_BYTES = 1 << 20


def new_form_key() -> str:
    """Return a key for a form."""
    return secrets.token_urlsafe(9)


def done_once(handle: Callable[[], Any]) -> Any:
    """Handle what a form asks, unless the same one did it a moment ago: then lead to where that led.

    Only what leads elsewhere did something. Raises ProblemError 409 where the first is still being handled.
    """
    form_key = request.form.get(ONCE_FIELD, "")
    if not 0 < len(form_key) <= _MOST_KEY:
        return handle()
    lock = _begin(f"{request.path} {form_key} {_fingerprint()}")
    if isinstance(lock, IdempotentResponse):
        return Response(status=lock.status, headers=lock.headers)
    with context().leases.holding(lock):
        try:
            answer = make_response(handle())
        except BaseException:
            _settle(lock, None)
            raise
        _settle(lock, answer)
    return answer


def _begin(key: str) -> IdempotencyLock | IdempotentResponse:
    """Return the right to handle the form, or the first answer once it is there: its sender saw only this one."""
    last = time.monotonic() + MOST_WAIT_S
    while True:
        try:
            return context().store.idempotency.begin(owner(), key, "", LEASE_S)
        except StillRunningError:
            if time.monotonic() >= last:
                detail = "What this form asks is still being done: look again in a minute."
                raise ProblemError("still_running", detail) from None
            time.sleep(_LOOK_AGAIN_S)


def _fingerprint() -> str:
    """Return a digest of everything that was sent, files included."""
    fields = sorted((name, value) for name, value in request.form.items(multi=True) if name != TOKEN_FIELD)
    digest = hashlib.sha256(msgspec.json.encode(fields))
    for name, file in sorted(request.files.items(multi=True), key=lambda each: each[0]):
        digest.update(msgspec.json.encode([name, file.filename]))
        for chunk in iter(functools.partial(file.stream.read, _CHUNK_BYTES), b""):
            digest.update(chunk)
        file.stream.seek(0)
    return digest.hexdigest()


def _settle(lock: IdempotencyLock, answer: Response | None) -> None:
    """Keep where the answer leads, or give the lock back; without Redis the lease ends by itself."""
    responses = context().store.idempotency
    try:
        if answer is not None and _LOCATION in answer.headers and "Set-Cookie" not in answer.headers:
            led = {_LOCATION: answer.headers[_LOCATION]}
            responses.keep(lock, IdempotentResponse(answer.status_code, led, b""), KEPT_S)
        else:
            responses.forget(lock)
    except RedisError:
        current_app.logger.warning("where a form led was not kept", exc_info=True)
