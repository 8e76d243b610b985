"""Methods: every formula, weight, control point and known weakness."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from candor.scoring.method import UnknownMethodError, known_versions, load_method
from candor.scoring.published import published
from service.etags import tagged
from service.problems import ProblemError
from service.resource import Resource
from service.schemas.methods import METHODS_EXAMPLE, MethodPageSchema
from service.schemas.parameters import ETAG_HEADER, IF_NONE_MATCH

if TYPE_CHECKING:
    from flask import Response

resource = Resource("methods", "How the numbers are made. A new version never changes an old score.")


@resource.operation("GET", "/v1/methods", scope="read")
@resource.answer(200, MethodPageSchema, description="Every version, newest first.", example=METHODS_EXAMPLE)
def list_methods() -> dict[str, Any]:
    """List the versions of the method that this service scores with, newest first."""
    methods = [load_method(version) for version in known_versions()]
    rows = [{"version": m.version, "digest": m.digest, "url": f"/v1/methods/{m.version}"} for m in methods]
    return {"data": rows, "next_cursor": None, "has_more": False}


@resource.operation(
    "GET",
    "/v1/methods/<version>",
    scope="read",
    problems=("not_found", "precondition_failed"),
    parameters=[IF_NONE_MATCH],
)
@resource.answer(200, "PublishedMethod", description="The whole method.", headers=ETAG_HEADER)
@resource.other_answer(304, description="You have it already.", headers=ETAG_HEADER)
def read_method(version: str) -> Response:
    """Read a method: formulas, weights, control points, kinds of recognition and their weaknesses."""
    try:
        return tagged(_body(version))
    except UnknownMethodError as error:
        raise ProblemError("not_found", f"{error}.") from None


@cache
def _body(version: str) -> bytes:
    return msgspec.json.encode(published(load_method(version)))
