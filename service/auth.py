"""Who asks, and what they may do: keys with scopes, sessions of the pages, and signed links."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Literal

from flask import g, request
from itsdangerous import Signer

from candor.store.api_keys import LIFE_S
from candor.store.models import LOCAL_OWNER
from service.context import context
from service.problems import ProblemError

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

    from flask import Response

    from candor.store.api_keys import ApiKey
    from candor.store.claims import Claim
    from candor.store.links import Opens

RouteScope = Literal["read", "write", "erase", "admin", "claim"]
_AUTHORIZATION = "HTTP_AUTHORIZATION"  # as WSGI calls the header: looking one up that is not there raises and catches
_COOKIES = "HTTP_COOKIE"
_KEY = "candor.key"
_PROXY_HEADERS = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP")
MAX_SECRET = 200

COOKIE = "candor_session"
CLAIM_COOKIE = "candor_claim"
TOKEN_HEADER = "X-CSRF-Token"  # noqa: S105 # a header's name
TOKEN_FIELD = "csrf"  # noqa: S105 # a field's name
PAGES = "web"
STRANGER = ""  # whoever asks without a key what is open to everybody: no owner is called so
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_OURS = ("same-origin", "none")


def require(scope: RouteScope) -> None:
    """Let the request pass if its key has the scope, and remember its owner. Raises ProblemError 401 or 403.

    `claim` is no scope of a key: it lets in who has begun to show that an account is theirs.
    """
    if scope == "claim":
        claim()
        return
    found = key()
    if _AUTHORIZATION not in request.environ:
        _check_browser(in_session=found is not None)
    if found is None:
        _authorize_without_key()
        g.owner = LOCAL_OWNER
        return
    if scope not in found.scopes:
        has = ", ".join(found.scopes) or "none"
        raise ProblemError("forbidden", f"This needs the scope `{scope}`; the key has: {has}.")
    g.owner = found.owner


def admit(scope: RouteScope) -> None:
    """Let everybody in, as the owner whose key they carry or else as a stranger, who owns nothing.

    Raises ProblemError 401 or 403 for a key that does not work: with it more was asked for than strangers see.
    """
    if key() is None and not is_authorizing() and not _needs_no_key():
        g.owner = STRANGER
    else:
        require(scope)


def claim() -> Claim:
    """Return the claim whose token the request carries. Raises ProblemError 401.

    A token travels in a header that programs set, or in a cookie that only our own pages take.
    """
    if "claim" not in g:
        scheme, _, sent = request.headers.get("Authorization", "").partition(" ")
        token = sent.strip() if scheme.lower() == "bearer" else ""
        if not token and request.blueprint == PAGES:
            token = request.cookies.get(CLAIM_COOKIE, "")
        fits = token.startswith("am_") and len(token) <= MAX_SECRET
        g.claim = context().store.claims.find(token) if fits else None
    found: Claim | None = g.claim
    if found is None:
        raise _unauthorized("Send `Bearer am_…`, the token that you were given when you named your account.")
    return found


def owner() -> str:
    """Return who asks."""
    return str(g.owner)


def act_for(owner: str) -> None:
    """Let the rest of the request see what an owner has: only for a person scored, about their own scores."""
    g.owner = owner


def may(scope: RouteScope) -> bool:
    """Say whether the request may do that as well: its key has the scope, or it needs no key."""
    try:
        require(scope)
    except ProblemError:
        return False
    return True


def key() -> ApiKey | None:
    """Return the key that the request carries or its session was opened with; None where there is none that is valid.

    It is looked up once.
    """
    environ = request.environ
    if _KEY not in environ:
        if _AUTHORIZATION in environ:
            secret = _secret(environ)
            environ[_KEY] = None if secret is None else context().store.keys.authenticate(secret)
        else:
            environ[_KEY] = session_key() if _COOKIES in environ else None
    return known_key(environ)


def known_key(environ: WSGIEnvironment) -> ApiKey | None:
    """Return the key of a request where it was looked up already."""
    found: ApiKey | None = environ.get(_KEY)
    return found


def is_authorizing() -> bool:
    """Tell whether the request carries credentials in its header, of whatever kind."""
    return _AUTHORIZATION in request.environ


def _secret(environ: WSGIEnvironment) -> str | None:
    scheme, _, secret = environ[_AUTHORIZATION].partition(" ")
    secret = secret.strip()
    fits = scheme.lower() == "bearer" and secret.startswith("ck_") and len(secret) <= MAX_SECRET
    return secret if fits else None


def _check_browser(*, in_session: bool) -> None:
    """Refuse what somebody else's page made a browser send: that has our cookie, or comes from this machine, too."""
    refuse_other_sites()
    if in_session:
        g.in_session = True
        require_token()


def _authorize_without_key() -> None:
    """Raise ProblemError 401 unless the caller needs no key: on this machine, and not through a proxy."""
    environ = request.environ
    if _AUTHORIZATION in environ:
        raise _unauthorized(
            "The key is unknown, revoked or expired."
            if _secret(environ)
            else "No key is written so: send `Authorization: Bearer ck_…`."
        )
    if not context().settings.on_loopback:
        raise _unauthorized("Send `Authorization: Bearer ck_…`.")
    if not _needs_no_key():
        raise _unauthorized("The request came through a proxy, so it needs a key: set CANDOR_TRUSTED_PROXIES.")


def _needs_no_key() -> bool:
    """Tell whether whoever asks sits at this machine: the service listens to nobody else, and no proxy is between."""
    return context().settings.on_loopback and request.environ.keys().isdisjoint(_PROXY_HEADERS)


def _unauthorized(detail: str) -> ProblemError:
    return ProblemError("unauthorized", detail, headers={"WWW-Authenticate": 'Bearer realm="candor"'})


def session_key() -> ApiKey | None:
    """Return the key that the caller's session was opened with, or None."""
    if _COOKIES not in request.environ or COOKIE not in request.cookies:
        return None
    return context().store.sessions.key_of(request.cookies[COOKIE])


def open_session(key: ApiKey) -> None:
    """Begin a session of the key; its cookie leaves with the answer."""
    _set_visit(context().store.sessions.open(key))


def close_session() -> None:
    """End the caller's session; the visit goes on under another id."""
    context().store.sessions.close(request.cookies.get(COOKIE, ""))
    _set_visit(secrets.token_urlsafe(32))


def csrf_token() -> str:
    """Return the token for what this page may send back: the signature of the visit's id, which nobody else knows."""
    visit: str | None = g.get("visit") or request.cookies.get(COOKIE)
    if visit is None:
        visit = secrets.token_urlsafe(32)
        _set_visit(visit)
    return _signer().get_signature(_bytes(visit)).decode()


def refuse_other_sites() -> None:
    """Refuse an unsafe request that a page of somebody else made the browser send. Raises ProblemError 403."""
    if request.method in SAFE_METHODS:
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if (site is not None and site not in _OURS) or (site is None and origin is not None and not _is_ours(origin)):
        words = "The request came from a page of another site: a site in CANDOR_CORS_ORIGINS sends a key with it."
        raise ProblemError("cross_site", words)


def is_surely_from_here() -> bool:
    """Tell whether the browser says that a page of ours sent the request: without its word, anybody's might have."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        return site == "same-origin"
    return origin is not None and origin != "null" and _is_ours(origin)


def require_token() -> None:
    """Refuse an unsafe request without the token of the caller's visit. Raises ProblemError 403."""
    if request.method in SAFE_METHODS:
        return
    given = request.headers.get(TOKEN_HEADER)
    if given is None and request.blueprint == PAGES:
        given = request.form.get(TOKEN_FIELD)
    if not _signer().verify_signature(_bytes(request.cookies.get(COOKIE, "")), _bytes(given or "")):
        g.lacks_token = True
        raise ProblemError("cross_site", f"A request with a cookie needs the page's CSRF token, as `{TOKEN_HEADER}`.")


def set_cookie(response: Response) -> Response:
    """Hand the visit's id to the browser, where it is new.

    It comes along when a link on another site leads here: with "Strict" such a reader got a new id, and was signed out.
    """
    if visit := g.get("visit"):
        response.set_cookie(
            COOKIE, visit, max_age=LIFE_S, httponly=True, samesite="Lax", secure=request.is_secure, path="/"
        )
    return response


def _set_visit(visit: str) -> None:
    g.visit = visit


def _signer() -> Signer:
    return Signer(context().store.secret.digest("csrf", b""), salt="csrf", digest_method=hashlib.sha256)


def _bytes(sent: str) -> bytes:
    return sent.encode("utf-8", "surrogatepass")


def _is_ours(origin: str) -> bool:
    """Tell whether an origin is where we are; what is in front of us may have changed http to https.

    Our pages send no referrer, and so over plain http `null`: their forms carry a token, which then has to do.
    """
    if origin == "null":
        return request.blueprint == PAGES
    return origin.partition("://")[2] == request.host


def authorize_signed_link(resource_id: str, *, opens: Opens) -> bool:
    """Let the request pass as the link's owner; False when it carries no link. Raises ProblemError 404.

    A link to a card opens its pictures as well.
    """
    token = request.args.get("link") if request.environ.get("QUERY_STRING") else None
    if token is None:
        return False
    found = context().store.links.find(token)
    if found is None or found.link.resource_id != resource_id or found.link.opens not in {opens, "card"}:
        raise ProblemError("not_found", "There is no such page or picture, or the link to it was revoked or has ended.")
    g.owner = found.owner
    g.by_link = True
    return True


def used_signed_link() -> bool:
    """Tell whether a link let the request in."""
    return bool(g.get("by_link"))
