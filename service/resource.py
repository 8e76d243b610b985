"""Resource: a blueprint whose every route names the scope it needs and the problems it answers with."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, cast

import msgspec
from flask import Response, request
from flask_smorest import Blueprint  # type: ignore[import-untyped]
from flask_smorest.utils import (  # type: ignore[import-untyped]
    set_status_and_headers_in_response,
    unpack_tuple_response,
)

from service.arrival import SMALL_BODY_BYTES
from service.auth import RouteScope, admit, authorize_signed_link, require
from service.body import ArgumentParser, refuse_query
from service.components import component_name
from service.context import context, note_suppressed
from service.dispatch import WholeResponse
from service.idempotency import PARAMETER, once
from service.paging import OTHER_FORMS
from service.problem_kinds import BY_CODE
from service.problems import RETRY_AFTER_S, ProblemError
from service.schemas.parameters import ETAG_HEADER, IF_NONE_MATCH, SVG_EXAMPLE

if TYPE_CHECKING:
    from marshmallow import Schema

    from candor.store.links import Opens

View = TypeVar("View", bound=Callable[..., Any])
_ALWAYS = (400, 414, 422, 431, 500, 503)
_GUARDED = (401, 403, 429)
_REPEATED = (409,)


class Resource(Blueprint):  # type: ignore[misc] # flask-smorest has no types; this class is where we give it some
    """The routes of one resource, with the tag `name` in the API's description."""

    ARGUMENTS_PARSER = ArgumentParser()

    def __init__(self, name: str, description: str) -> None:
        super().__init__(name, "service.api", description=description)
        self.structs: list[Any] = []

    def operation(
        self,
        method: str,
        rule: str,
        *,
        scope: RouteScope | None,
        problems: tuple[str, ...] = (),
        parameters: Sequence[Any] = (),
        by_link: Opens | None = None,
        open_to_all: bool = False,
        makes_jobs: bool = False,
        whole: bool = False,
        **doc: Any,
    ) -> Callable[[View], View]:
        """Route a method and an address to a view, guarded by a scope; None means everybody.

        What is `open_to_all` everybody may read too, and whoever has a key of the scope sees their own in it.

        `problems` are codes of the table in problem_kinds.py; those that any route can have are added. A POST that does
        more than read heeds `Idempotency-Key`; one that `makes_jobs` is refused when too many have not ended.
        With `by_link` a signed link that opens so much of what the address names does instead of a key; `whole` lists
        leave in other forms as well (paging.py).
        """
        does_something = method == "POST" and scope not in {None, "read", "claim"}
        said = {**_refusals(scope, problems, does_something=does_something), **doc}
        if open_to_all:
            said["security"] = [*said["security"], {}]
        described_too = [*parameters, *([PARAMETER] if does_something else [])]

        def _decorate(view: View) -> View:
            for media_type, (schema, example) in OTHER_FORMS.items() if whole else ():
                also = self.other_response(200, schema, content_type=media_type, example=example)
                view = also(view)
            done: Callable[..., Any] = _refused_when_full(view) if makes_jobs else view
            done = _done_once(done) if does_something else done
            takes_query = by_link is not None or _takes_query(view)
            let_in = admit if open_to_all else require
            guarded = _guarded(done if takes_query else _without_query(done), scope, let_in, by_link=by_link)
            if described_too:
                apidoc = _with_parameters(getattr(view, "_apidoc", {}), described_too)
                setattr(guarded, "_apidoc", apidoc)  # noqa: B010 # where flask-smorest looks for it
            described = self.doc(operationId=view.__name__, **said)(guarded)
            self.route(rule, methods=[method])(_as_described(guarded, described))
            return view  # as it was

        return _decorate

    def body(self, schema: type[Schema], *, most_bytes: int | None = None, **doc: Any) -> Callable[[View], View]:
        """Read the body as JSON with a schema; the view gets it first. With `most_bytes` a larger one is 413."""
        decorator = self._read_by(schema(), "json", **doc)
        return decorator if most_bytes is None else lambda view: _limited(decorator(view), most_bytes)

    def query(self, schema: type[Schema]) -> Callable[[View], View]:
        """Read the query with a schema; the view gets it first."""
        return self._read_by(schema(), "query")

    def response(self, status: int, kind: Any = None, **doc: Any) -> Callable[[View], View]:
        """Say what the view answers with: a struct, sent as JSON with this status unless the view names another.

        `example` may be a struct, or what makes one when asked. What a view answers as a Response is sent as it is.
        """
        described = super().response(status, self._schema(kind), **doc)
        return lambda view: _as_described(_encoded(view, status), described(view))

    def picture(
        self, rule: str, query: type[Schema], description: str, *, by_link: Opens | None = None
    ) -> Callable[[View], View]:
        """Route an address to a view that draws what a query asks for, and describe it as all pictures are."""
        said = {"description": description, "content_type": "image/svg+xml", "example": SVG_EXAMPLE}
        problems = ("not_found", "invalid", "precondition_failed")

        def _decorate(view: View) -> View:
            view = self.other_response(304, description="You have it already.", headers=ETAG_HEADER)(view)
            view = self.response(200, {"type": "string"}, headers=ETAG_HEADER, **said)(view)
            route = self.operation(
                "GET", rule, scope="read", problems=problems, parameters=[IF_NONE_MATCH], by_link=by_link
            )
            return route(self.query(query)(view))

        return _decorate

    def other_response(self, status: int, kind: Any = None, **doc: Any) -> Callable[[View], View]:
        """Say what else the view answers with when all is well."""
        schema = self._schema(kind)
        described = self.alt_response(status, schema=schema, success=True, **doc)
        return lambda view: _as_described(view, described(view))

    def _read_by(self, schema: Schema, location: str, **doc: Any) -> Callable[[View], View]:
        """Have a schema read a body or a query; the view gets that first."""
        described = self.arguments(schema, location=location, **doc)

        def _decorate(view: View) -> View:
            @functools.wraps(view)
            def _handle(*args: Any, **kwargs: Any) -> Any:
                return view(*args, self.ARGUMENTS_PARSER.parse(schema, location=location), **kwargs)

            return cast("View", _as_described(_handle, described(view)))

        return _decorate

    def _schema(self, kind: Any) -> Any:
        """Return the name of a struct's component, and note the struct; a schema stays as it is."""
        if kind is None or isinstance(kind, dict):
            return kind
        self.structs.append(kind)
        return component_name(kind)


def _refusals(scope: RouteScope | None, problems: Sequence[str], *, does_something: bool) -> dict[str, Any]:
    """Return what the description says of who may ask, and with which problems an answer may come."""
    implied = {*_ALWAYS, *(_GUARDED if scope else ()), *(_REPEATED if does_something else ())}
    statuses = implied | {BY_CODE[code].status for code in problems}
    security: list[dict[str, list[str]]] = [{"claim": []} if scope == "claim" else {"key": [scope]}] if scope else []
    return {
        "security": security,
        "responses": {str(status): problem_reference(status) for status in sorted(statuses)},
    }


def _as_described(view: View, described: Any) -> View:
    """Give a view the description that flask-smorest put on it, without the function that it wrapped it in.

    All that these functions do is done here already, at every request a call each.
    """
    setattr(view, "_apidoc", described._apidoc)  # noqa: B010, SLF001 # where flask-smorest looks for it
    return view


def _encoded(view: Callable[..., Any], status: int) -> Any:
    """Have the structs that a view answers with encoded, and nothing for None."""

    @functools.wraps(view)
    def _handle(*args: Any, **kwargs: Any) -> Any:
        answer = view(*args, **kwargs)
        if isinstance(answer, Response):
            return answer
        body, answered, headers = unpack_tuple_response(answer)
        if body is None:
            body = Response(status=status)
        elif isinstance(body, msgspec.Struct):
            body = WholeResponse(msgspec.json.encode(body), status, mimetype="application/json")
        set_status_and_headers_in_response(body, answered, headers)
        return body

    return _handle


def _limited(view: View, most_bytes: int) -> View:
    """Read no more than so many bytes of the body."""

    @functools.wraps(view)
    def _handle(*args: Any, **kwargs: Any) -> Any:
        request.max_content_length = min(most_bytes, context().settings.max_body_bytes)
        return view(*args, **kwargs)

    return cast("View", _handle)


def _guarded(
    view: Callable[..., Any],
    scope: RouteScope | None,
    let_in: Callable[[RouteScope], None],
    *,
    by_link: Opens | None,
) -> Callable[..., Any]:
    """Let in who has the scope, or a signed link to what the address names; None means everybody."""

    @functools.wraps(view)
    def _handle(*args: Any, **kwargs: Any) -> Any:
        if scope is not None and not (by_link and authorize_signed_link(*kwargs.values(), opens=by_link)):
            let_in(scope)
        return view(*args, **kwargs)

    return _handle


def _takes_query(view: Callable[..., Any]) -> bool:
    parameters = getattr(view, "_apidoc", {}).get("arguments", {}).get("parameters", ())
    return any(parameter["in"] == "query" for parameter in parameters)


def _without_query(view: Callable[..., Any]) -> Callable[..., Any]:
    """Refuse query parameters before anything is done: one that is ignored in silence misleads."""

    @functools.wraps(view)
    def _handle(*args: Any, **kwargs: Any) -> Any:
        refuse_query(request)
        return view(*args, **kwargs)

    return _handle


def _done_once(view: Callable[..., Any]) -> Callable[..., Any]:
    """Heed `Idempotency-Key`."""

    @functools.wraps(view)
    def _handle(*args: Any, **kwargs: Any) -> Any:
        return once(functools.partial(view, *args, **kwargs))

    return _handle


def _refused_when_full(view: Callable[..., Any]) -> Callable[..., Any]:
    """Refuse before the body is read, though after what was done before is known. The view raises ProblemError 503."""

    @functools.wraps(view)
    def _handle(*args: Any, **kwargs: Any) -> Any:
        most = context().settings.max_open_jobs
        open_jobs, suppressed = context().store.before_a_job()
        if request.content_length is not None and request.content_length <= SMALL_BODY_BYTES:  # it is here: no wait
            note_suppressed(anybody=suppressed)
        if open_jobs >= most:
            detail = f"There are already {most} open jobs, the most this service accepts."
            raise ProblemError("queue_full", detail, headers={"Retry-After": RETRY_AFTER_S})
        return view(*args, **kwargs)

    return _handle


def _with_parameters(apidoc: dict[str, Any], parameters: Sequence[Any]) -> dict[str, Any]:
    """Add parameters to those that a view's schemas make: flask-smorest would let one replace the other."""
    apidoc = copy.deepcopy(apidoc)
    apidoc.setdefault("arguments", {}).setdefault("parameters", []).extend(parameters)
    return apidoc


def problem_reference(status: int) -> dict[str, str]:
    """Refer to the description of all problems with this status."""
    return {"$ref": f"#/components/responses/Problem{status}"}
