"""Flask without what it does anew for every request and none of ours needs."""

from __future__ import annotations

from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Flask, Response
from flask.sessions import NullSession, SessionInterface
from werkzeug.exceptions import BadHost
from werkzeug.routing import MapAdapter
from werkzeug.sansio.utils import get_host

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import WSGIEnvironment

    from flask import Request
    from flask.typing import ResponseReturnValue

_HOSTS = 1_000


class _NoSession(SessionInterface):
    """One empty session for all: whoever signs in is known by the store (auth.py)."""

    _none = NullSession()

    def open_session(self, app: Flask, request: Request) -> NullSession:  # noqa: ARG002 # Flask calls it so
        """Return the empty session, which refuses to be changed."""
        return self._none


class Application(Flask):
    """Takes functions for what all of ours are, finds routes by their path alone, and looks each host over once."""

    session_interface = _NoSession()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function: none is a coroutine."""
        return func

    def preprocess_request(self) -> ResponseReturnValue | None:
        """Call what is to be done before every request: nothing is registered for single blueprints."""
        for function in self.before_request_funcs.get(None, ()):
            if (answer := function()) is not None:
                return answer  # type: ignore[return-value] # none is a coroutine
        return None

    def process_response(self, response: Response) -> Response:
        """Call what is to be done after every request, the last registered first."""
        for function in reversed(self.after_request_funcs.get(None, ())):
            response = function(response)
        return response

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Bind the routes to a request. Raises SecurityError where its host is not trusted, BadHost where it is none.

        No route depends on the host, a subdomain or websockets, for which Flask would look at each request: who offers
        to change to these is answered in HTTP (RFC 9110, 7.8).
        """
        if request is None:
            return super().create_url_adapter(None)
        environ, trusted = request.environ, self.config["TRUSTED_HOSTS"]
        request.trusted_hosts = trusted
        scheme = environ["wsgi.url_scheme"]
        host, bound = _hosts(scheme, environ.get("HTTP_HOST"), request.server, trusted and tuple(trusted))
        request.host = host
        path = environ.get("PATH_INFO", "/").encode("latin-1").decode(errors="replace")
        query = environ.get("QUERY_STRING", "").encode("latin-1").decode(errors="replace")
        return MapAdapter(self.url_map, bound, request.root_path, "", scheme, path, request.method, query)


class WholeResponse(Response):
    """An answer whose body is there in bytes, with its length among its headers."""

    def get_wsgi_response(self, environ: WSGIEnvironment) -> tuple[Iterable[bytes], str, list[tuple[str, str]]]:
        """Return body, status and headers: as they are, where HTTP has nothing to leave out or make absolute."""
        if self.status_code != HTTPStatus.OK or environ["REQUEST_METHOD"] == "HEAD":
            return super().get_wsgi_response(environ)
        return self.response, self.status, self.headers.to_wsgi_list()  # type: ignore[return-value] # bytes in a list


@lru_cache(_HOSTS)
def _hosts(
    scheme: str, given: str | None, server: tuple[str, int | None] | None, trusted: tuple[str, ...] | None
) -> tuple[str, str]:
    """Return a request's host as it was given, and as it stands in addresses. Raises SecurityError, BadHost."""
    host = get_host(scheme, given, server, trusted)
    name, colon, port = host.lower().partition(":")
    try:
        return host, f"{name.encode('idna').decode('ascii')}{colon}{port}"
    except UnicodeError:
        raise BadHost from None
