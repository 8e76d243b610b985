"""Sessions of the page: a cookie instead of a bearer key, and a token that only our own pages can know."""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING

from flask import g, request

from candor.store.api_keys import LIFE_S
from service.context import context
from service.problems import ProblemError

if TYPE_CHECKING:
    from flask import Response

    from candor.store.models import Key

COOKIE = "candor_session"
TOKEN_HEADER = "X-CSRF-Token"  # noqa: S105 # a header's name
TOKEN_FIELD = "csrf"  # noqa: S105 # a field's name
PAGES = "web"
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_OURS = ("same-origin", "none")


def session_key() -> Key | None:
    """Return the key that the caller's session was opened with, or None."""
    return context().store.sessions.key_of(request.cookies[COOKIE]) if COOKIE in request.cookies else None


def open_session(key: Key) -> None:
    """Begin a session of the key; its cookie leaves with the answer."""
    _set_visit(context().store.sessions.open(key))


def close_session() -> None:
    """End the caller's session; the visit goes on under another id."""
    context().store.sessions.close(request.cookies.get(COOKIE, ""))
    _set_visit(secrets.token_urlsafe(32))


def csrf_token() -> str:
    """Return the token for what this page may send back: a keyed digest of the visit's id, which nobody else knows."""
    visit: str | None = g.get("visit") or request.cookies.get(COOKIE)
    if visit is None:
        visit = secrets.token_urlsafe(32)
        _set_visit(visit)
    return _token_of(visit)


def refuse_other_sites() -> None:
    """Refuse an unsafe request that a page of somebody else made the browser send. Raises ProblemError 403."""
    if request.method in SAFE_METHODS:
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if (site is not None and site not in _OURS) or (site is None and origin is not None and not _is_ours(origin)):
        raise ProblemError("cross_site", "A page of another site asked your browser for this.")


def require_token() -> None:
    """Refuse an unsafe request without the token of the caller's visit. Raises ProblemError 403."""
    if request.method in SAFE_METHODS:
        return
    given = request.headers.get(TOKEN_HEADER)
    if given is None and request.blueprint == PAGES:
        given = request.form.get(TOKEN_FIELD)
    if not hmac.compare_digest((given or "").encode(), _token_of(request.cookies.get(COOKIE, "")).encode()):
        raise ProblemError("cross_site", f"A request with a cookie needs the page's token, as `{TOKEN_HEADER}`.")


def set_cookie(response: Response) -> Response:
    """Hand the visit's id to the browser, where it is new."""
    if visit := g.get("visit"):
        response.set_cookie(
            COOKIE, visit, max_age=LIFE_S, httponly=True, samesite="Strict", secure=request.is_secure, path="/"
        )
    return response


def _set_visit(visit: str) -> None:
    g.visit = visit


def _token_of(visit: str) -> str:
    return context().store.secret.digest("csrf", visit.encode("utf-8", "surrogatepass"))


def _is_ours(origin: str) -> bool:
    """Tell whether an origin is where we are; what is in front of us may have changed http to https.

    Our pages send no referrer, and so over plain http `null`: their forms carry a token, which then has to do.
    """
    if origin == "null":
        return request.blueprint == PAGES
    return origin.partition("://")[2] == request.host
