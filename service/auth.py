"""Who asks, and what they may do: keys with scopes, or a session opened with one; on loopback `local` needs none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from flask import g, request

from service.context import context
from service.problems import ProblemError
from service.sessions import refuse_other_sites, require_token, session_key

if TYPE_CHECKING:
    from candor.store.models import Key, Scope

LOCAL_OWNER = "local"
ALL_SCOPES: tuple[Scope, ...] = ("read", "write", "erase", "admin")
RouteScope = Literal["read", "write", "erase", "admin"]
_PROXY_SIGNS = ("Forwarded", "X-Forwarded-For", "X-Real-IP")
_MAX_SECRET = 200


def require(scope: RouteScope) -> None:
    """Let the request pass if its key has the scope, and remember its owner. Raises ProblemError 401 or 403."""
    found = key()
    if "Authorization" not in request.headers:
        _check_browser(in_session=found is not None)
    if found is None:
        _let_in_without()
        g.owner = LOCAL_OWNER
        return
    if scope not in found.scopes:
        has = ", ".join(found.scopes) or "none"
        raise ProblemError("forbidden", f"This needs the scope `{scope}`; the key has: {has}.")
    g.owner = found.owner


def owner() -> str:
    """Return who asks."""
    return str(g.owner)


def key() -> Key | None:
    """Return the key that the request carries or its session was opened with; None where there is none that is valid.

    It is looked up once.
    """
    if "key" not in g:
        secret = _secret()
        if secret is not None:
            g.key = context().store.keys.authenticate(secret)
        else:
            g.key = None if "Authorization" in request.headers else session_key()
    found: Key | None = g.key
    return found


def _secret() -> str | None:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    secret = secret.strip()
    fits = scheme.lower() == "bearer" and secret.startswith("ck_") and len(secret) <= _MAX_SECRET
    return secret if fits else None


def _check_browser(*, in_session: bool) -> None:
    """Refuse what somebody else's page made a browser send: that has our cookie, or comes from this machine, too."""
    refuse_other_sites()
    if in_session:
        g.in_session = True
        require_token()


def _let_in_without() -> None:
    """Raise ProblemError 401 unless the caller needs no key: on this machine, and nobody's messenger."""
    if "Authorization" in request.headers:
        raise _unauthorized("The key is unknown, revoked or expired." if _secret() else "Send `Bearer ck_…`.")
    if not context().settings.on_loopback:
        raise _unauthorized("Send `Authorization: Bearer ck_…`.")
    if any(sign in request.headers for sign in _PROXY_SIGNS):
        raise _unauthorized("The request came through a proxy, so it needs a key: set CANDOR_TRUSTED_PROXIES.")


def _unauthorized(detail: str) -> ProblemError:
    return ProblemError("unauthorized", detail, headers={"WWW-Authenticate": 'Bearer realm="candor"'})
