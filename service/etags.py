"""Entity tags: a caller who has it already gets 304, one who would overwrite something newer gets 412."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import msgspec
from flask import Response, request

from service.problems import ProblemError

if TYPE_CHECKING:
    from marshmallow import Schema


def tagged(body: bytes, etag: str | None = None, *, status: int = 200, mimetype: str = "application/json") -> Response:
    """Answer bytes with an entity tag (quotes included; made from the bytes if not given), or 304.

    Raises ProblemError 412 when the caller wants another version.
    """
    answer = Response(body, status, mimetype=mimetype)
    answer.headers["ETag"] = etag or etag_of(body)
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.make_conditional(request)
    if answer.status_code == 412:
        raise _changed()
    return answer


def etag_of(body: bytes) -> str:
    """Return the strong entity tag of an answer."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def as_bytes(schema: Schema, shown: Any) -> bytes:
    """Dump something with its schema, as JSON."""
    return msgspec.json.encode(schema.dump(shown))


def check_match(current: bytes | None) -> None:
    """Refuse with 412 when `If-Match` names another version than `current`, None when there is none."""
    if not request.if_match:
        return
    if current is None or not request.if_match.contains(etag_of(current).strip('"')):
        raise _changed()


def _changed() -> ProblemError:
    return ProblemError("precondition_failed", "If-Match names another version than the one that is here.")
