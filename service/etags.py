"""Entity tags: a caller who has it already gets 304, one who would overwrite something newer gets 412."""

from __future__ import annotations

import hashlib

from flask import Response, request

from service.problems import ProblemError

_CONDITIONS = ("HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH")  # no answer with a tag has a date or ranges


def tagged(body: bytes, etag: str | None = None, *, status: int = 200, mimetype: str = "application/json") -> Response:
    """Answer bytes with an entity tag (quotes included; made from the bytes if not given), or 304.

    Raises ProblemError 412 when the caller wants another version.
    """
    answer = Response(body, status, mimetype=mimetype)
    answer.headers["ETag"] = etag or etag_of(body)
    answer.headers["Cache-Control"] = "private, no-cache"
    if not request.environ.keys().isdisjoint(_CONDITIONS):
        answer.make_conditional(request)
    if answer.status_code == 412:
        raise _changed()
    return answer


def etag_of(body: bytes) -> str:
    """Return the strong entity tag of an answer."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def check_match(current: bytes | None) -> None:
    """Refuse with 412 unless `If-Match` and `If-None-Match` fit what is there, None when nothing is."""
    etag = None if current is None else etag_of(current).strip('"')
    if request.if_match and (etag is None or not request.if_match.contains(etag)):
        raise _changed()
    if request.if_none_match and etag is not None and request.if_none_match.contains(etag):
        raise ProblemError("precondition_failed", "If-None-Match rules out what is here already.")


def _changed() -> ProblemError:
    return ProblemError("precondition_failed", "If-Match names another version than the one that is here.")
