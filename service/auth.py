"""Who asks, and what they may do: bearer keys with scopes; on loopback the owner `local` needs none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from flask import g, request

from service.context import context
from service.problems import ProblemError

if TYPE_CHECKING:
    from store.models import Scope

LOCAL_OWNER = "local"
ALL_SCOPES: tuple[Scope, ...] = ("read", "write", "erase", "admin")
RouteScope = Literal["read", "write", "admin"]
_MAX_SECRET = 200


def require(scope: RouteScope) -> None:
    """Let the request pass if its key has the scope, and remember its owner. Raises ProblemError 401 or 403."""
    header = request.headers.get("Authorization")
    if header is None and context().settings.on_loopback:
        g.owner = LOCAL_OWNER
        return
    owner, scopes = _bearer(header or "")
    if scope not in scopes:
        raise ProblemError("forbidden", f"This needs the scope `{scope}`; the key has: {', '.join(scopes) or 'none'}.")
    g.owner = owner


def owner() -> str:
    """Return who asks."""
    return str(g.owner)


def _bearer(header: str) -> tuple[str, tuple[Scope, ...]]:
    scheme, _, secret = header.partition(" ")
    secret = secret.strip()
    if scheme.lower() != "bearer" or not secret.startswith("ck_") or len(secret) > _MAX_SECRET:
        raise _unauthorized("Send `Authorization: Bearer ck_…`.")
    key = context().store.keys.authenticate(secret)
    if key is None:
        raise _unauthorized("The key is unknown, revoked or expired.")
    return key.owner, key.scopes


def _unauthorized(detail: str) -> ProblemError:
    return ProblemError("unauthorized", detail, headers={"WWW-Authenticate": 'Bearer realm="candor"'})
