"""`Idempotency-Key` on POST: the same request sent twice is done once, and the second gets the first one's answer.

Kept are answers that did something (2xx). What was refused or failed has changed nothing and may be tried again, also
with another body. A secret is never kept: where the first answer showed one, the repeated answer has null.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec
from flask import Response, current_app, g, make_response, request
from redis.exceptions import RedisError

from candor.store.idempotency import (
    KEPT_S,
    LEASE_S,
    IdempotencyLock,
    IdempotentResponse,
    OtherRequestError,
    StillRunningError,
)
from service.auth import owner
from service.body import keep_body
from service.context import context
from service.problems import ProblemError

if TYPE_CHECKING:
    from collections.abc import Callable

IDEMPOTENCY_KEY = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
PARAMETER: dict[str, Any] = {
    "in": "header",
    "name": IDEMPOTENCY_KEY,
    "description": "A name of yours for this request, up to 255 visible characters. Sent again within 24 hours with "
    "the same body it is not done again: the first answer is repeated, with `Idempotent-Replayed: true`.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}
REPLAYED_HEADER = {
    REPLAYED: {"description": "`true` where this repeats an earlier answer.", "schema": {"type": "string"}}
}
_KEY = re.compile(r"[!-~]{1,255}")
_KEPT_HEADERS = ("Content-Type", "Location", "ETag", "Link", "Retry-After", "Preference-Applied")


def once(handle: Callable[[], Any]) -> Any:
    """Handle the request unless it was handled before. Raises ProblemError: 400 a wrong key, 409 still running, 422."""
    key = request.headers.get(IDEMPOTENCY_KEY)
    if key is None:
        return handle()
    if not _KEY.fullmatch(key):
        raise ProblemError("bad_request", f"{IDEMPOTENCY_KEY} has 1 to 255 visible ASCII characters.")
    lock = _begin(key)
    if isinstance(lock, IdempotentResponse):
        return Response(lock.body, lock.status, {**lock.headers, REPLAYED: "true"})
    with context().leases.holding(lock):
        try:
            answer = make_response(handle())
        except BaseException:
            _settle(lock, None)
            raise
        _settle(lock, answer)
    return answer


def new_job_id() -> str:
    """Return an id for the job that the request makes.

    It is the same when the request is sent again under its Idempotency-Key, so that a crash between making the job and
    keeping the answer makes no second one.
    """
    named: str | None = g.get("idempotent")
    if named is not None:
        job_id = f"job_{context().store.secret.digest('job', named.encode())[:24]}"
        there = context().store.jobs.find(job_id)
        if there is None or context().now() - there.created_at < timedelta(seconds=KEPT_S):
            return job_id
    return f"job_{secrets.token_hex(12)}"


def _begin(key: str) -> IdempotencyLock | IdempotentResponse:
    body = hashlib.sha256(keep_body(request)).hexdigest()
    fingerprint = hashlib.sha256(f"{request.method} {request.full_path} {body}".encode()).hexdigest()
    g.idempotent = f"{owner()} {key} {fingerprint}"
    try:
        return context().store.idempotency.begin(owner(), key, fingerprint, LEASE_S)
    except OtherRequestError:
        detail = f"This {IDEMPOTENCY_KEY} was used for another request within the last 24 hours."
        raise ProblemError("other_request", detail) from None
    except StillRunningError as error:
        detail = f"The first request with this {IDEMPOTENCY_KEY} is still being handled."
        raise ProblemError("still_running", detail, headers={"Retry-After": str(min(error.left_s, 2))}) from None


def _settle(lock: IdempotencyLock, answer: Response | None) -> None:
    """Keep the answer, or give the lock back; without Redis the lease ends by itself."""
    try:
        if answer is not None and answer.status_code < 300:
            context().store.idempotency.keep(lock, _without_secret(answer))
        else:
            context().store.idempotency.forget(lock)
    except RedisError:
        current_app.logger.warning("response not stored for its Idempotency-Key", exc_info=True)


def _without_secret(answer: Response) -> IdempotentResponse:
    headers = {name: answer.headers[name] for name in _KEPT_HEADERS if name in answer.headers}
    body = answer.get_data()
    if answer.is_json and b'"secret"' in body:
        shown = msgspec.json.decode(body)
        if isinstance(shown, dict) and "secret" in shown:
            body = msgspec.json.encode({**shown, "secret": None})
    return IdempotentResponse(answer.status_code, headers, body)
