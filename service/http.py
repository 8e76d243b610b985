"""HTTP for every answer: addresses that hold anything, headers, entity tags, methods allowed, pages of other origins.

With an entity tag a caller who has it already gets 304, and one who would overwrite something newer 412.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urlsplit

from flask import Response, request
from flask.globals import request_ctx
from flask_cors import CORS
from werkzeug.exceptions import NotFound
from werkzeug.routing import BaseConverter, RequestRedirect

from candor.store.scores import etag_of
from service.context import REQUEST_ID_HEADER, context_of, request_id_in
from service.dispatch import WholeResponse
from service.drawing import stylesheet_source
from service.idempotency import IDEMPOTENCY_KEY, REPLAYED
from service.problems import ProblemError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from flask import Flask
    from werkzeug.routing import MapAdapter, Rule


Kept = TypeVar("Kept")
_NAME = "anything"

API_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
_UNLESS_GIVEN = tuple(
    (name.lower(), name, value)
    for name, value in (
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
    )
)

USUAL_HEADERS = frozenset(
    [
        *((name, value) for _, name, value in _UNLESS_GIVEN),
        *(("Content-Security-Policy", policy) for policy in (API_POLICY, PAGE_POLICY)),
    ]
)
"""What most answers say word for word."""

_SENT = [
    *("Authorization", "Content-Type", "Content-Encoding", IDEMPOTENCY_KEY),
    *("If-Match", "If-None-Match", "Prefer", REQUEST_ID_HEADER),
]
_SHOWN = [
    *("ETag", REPLAYED, "Link", "Location", "Preference-Applied"),
    *("RateLimit", "RateLimit-Policy", "Retry-After", REQUEST_ID_HEADER),
]
_KEPT_S = 3600


class _Anything(BaseConverter):
    regex = r"[\s\S]+"  # a line's end as well
    part_isolating = False


def init_routing(app: Flask) -> None:
    """Make `<anything:name>` known to routes."""
    app.url_map.merge_slashes = False  # an account's id may hold two in a row
    app.url_map.converters[_NAME] = _Anything


def pattern(rule: Rule) -> str:
    """Return the address that a rule stands for, whatever its parts may hold."""
    return rule.rule.replace(f"<{_NAME}:", "<")


def written_path() -> str:
    """Return the path as the caller wrote it, percent-encoding included, where the server tells."""
    return str(request.environ.get("RAW_URI", request.path)).partition("?")[0]


def quoted_path() -> str:
    """Return the path as the caller wrote it, fit for a header."""
    return quote(urlsplit(written_path()).path, safe="/%:@!$&'()*+,;=", encoding="latin-1")


def address_asked() -> str:
    """Return path and query as the caller wrote them: where the same page can be asked for again."""
    query = request.query_string.decode("latin-1")
    return f"{quoted_path()}?{query}" if query else quoted_path()


def init_headers(app: Flask) -> None:
    """Add them to every answer on its way out: as plain pairs, which nothing checks and copies again."""
    app.wsgi_app = _with_headers(app.wsgi_app)  # type: ignore[method-assign,assignment] # as Flask's documentation has it


def _policy(mimetype: str) -> str:
    """Return what an answer may load: a picture nothing but the style sheet that it carries."""
    if mimetype == "image/svg+xml":
        return f"{API_POLICY}; style-src {stylesheet_source()}"
    return PAGE_POLICY if mimetype == "text/html" else API_POLICY


def _with_headers(inner: WSGIApplication) -> WSGIApplication:
    def _app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def _start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            given = {name.lower(): value for name, value in headers}
            headers += [(name, value) for lowered, name, value in _UNLESS_GIVEN if lowered not in given]
            mimetype = given.get("content-type", "").partition(";")[0].strip().lower()
            headers += [(REQUEST_ID_HEADER, request_id_in(environ)), ("Content-Security-Policy", _policy(mimetype))]
            return start_response(status, headers, *more)

        return inner(environ, _start)

    return _app


def init_allow(app: Flask) -> None:
    """Register the hook."""
    app.after_request(_merge_allow)


def _merge_allow(response: Response) -> Response:
    if response.status_code != 405 and request.method != "OPTIONS":
        return response
    adapter = request_ctx.url_adapter
    is_nowhere = isinstance(request.routing_exception, NotFound | RequestRedirect)
    if adapter is not None and not is_nowhere:
        response.headers["Allow"] = ", ".join(_methods(adapter))
    return response


def _methods(adapter: MapAdapter) -> list[str]:
    """List the methods of the most specific route alone: every route answers OPTIONS, and that one does so first.

    What erases an account matches `/v1/accounts/n/a/scores` as well, but the slash in an id is percent-encoded.
    """
    first = _rule(adapter, "OPTIONS")
    return sorted(method for method in adapter.allowed_methods() if _rule(adapter, method) == first)


def _rule(adapter: MapAdapter, method: str) -> str:
    return pattern(adapter.match(method=method, return_rule=True)[0])


def init_cors(app: Flask) -> None:
    """Register the hook, for /v1 only. A key travels in a header that a page must set itself, never in a cookie."""
    if origins := context_of(app).settings.cors_origins:
        CORS(
            app,
            resources={r"/v1/.*": {}},
            origins=origins,
            methods=["GET", "HEAD", "POST", "PUT", "DELETE"],
            allow_headers=_SENT,
            expose_headers=_SHOWN,
            max_age=_KEPT_S,
            send_wildcard=True,
        )


_CONDITIONS = ("HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH")  # no answer with a tag has a date or ranges


def tagged(body: bytes, etag: str | None = None, *, status: int = 200, mimetype: str = "application/json") -> Response:
    """Answer bytes with an entity tag (quotes included; made from the bytes if not given), or 304.

    Raises ProblemError 412 when the caller wants another version.
    """
    answer = WholeResponse(body, status, mimetype=mimetype)
    answer.headers["ETag"] = etag or etag_of(body)
    answer.headers["Cache-Control"] = "private, no-cache"
    if not request.environ.keys().isdisjoint(_CONDITIONS):
        answer.make_conditional(request)
    if answer.status_code == 412:
        raise _changed()
    return answer


def match_checker(shown: Callable[[Kept], bytes]) -> Callable[[Kept | None], None]:
    """Return what refuses with 412 unless `If-Match` and `If-None-Match` fit what is there, as `shown` writes it.

    It is told None when nothing is there.
    """

    def _check_match(current: Kept | None) -> None:
        etag = None if current is None else etag_of(shown(current)).strip('"')
        if request.if_match and (etag is None or not request.if_match.contains(etag)):
            raise _changed()
        if request.if_none_match and etag is not None and request.if_none_match.contains(etag):
            raise ProblemError("precondition_failed", "If-None-Match rules out what is here already.")

    return _check_match


def _changed() -> ProblemError:
    return ProblemError("precondition_failed", "If-Match names another version than the one that is here.")
