"""Problem documents (RFC 9457): how what went wrong is raised, and said."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec
from flask import Response

from service.context import request_id
from service.problem_kinds import BY_CODE, problem_type

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from candor.store.models import Problem

MEDIA_TYPE = "application/problem+json"
MAX_ERRORS = 100


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: a JSON pointer (RFC 6901) to it, and words."""

    pointer: str
    detail: str


@dataclass
class ProblemError(Exception):
    """Raised anywhere in the service; leaves as a problem document."""

    code: str
    detail: str
    errors: tuple[Fault, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


def invalid(*errors: Fault) -> ProblemError:
    """Make the error for a request that was understood but is wrong."""
    count = len(errors)
    detail = "1 thing is wrong." if count == 1 else f"{count} things are wrong."
    return ProblemError("invalid", detail, errors)


def problem_body(code: str, detail: str, errors: Iterable[Fault], named: str) -> dict[str, Any]:
    """Return the members of a problem document; `named` is the request's id."""
    kind = BY_CODE[code]
    body: dict[str, Any] = {
        "type": problem_type(code),
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "code": code,
        "request_id": named,
    }
    if listed := [{"pointer": fault.pointer, "detail": fault.detail} for fault in errors][:MAX_ERRORS]:
        body["errors"] = listed
    return body


def problem_response(error: ProblemError) -> Response:
    """Turn an error into an answer."""
    body = problem_body(error.code, error.detail, error.errors, request_id())
    answer = Response(msgspec.json.encode(body), BY_CODE[error.code].status, mimetype=MEDIA_TYPE)
    answer.headers.update(error.headers)
    return answer


def stored_problem(problem: Problem | None) -> dict[str, Any] | None:
    """Show a problem that was stored with a job."""
    return None if problem is None else msgspec.to_builtins(problem)
