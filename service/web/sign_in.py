"""Signing in with a key, and out again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import redirect, request

from service.auth import MAX_SECRET, close_session, open_session, refuse_other_sites
from service.context import context
from service.problems import ProblemError
from service.web.rendering import own_path, render_page

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as AnyResponse


def show_sign_in() -> Response:
    """Ask for a key."""
    return render_page("sign_in.html", next=_wanted(request.args.get("next")), wrong=False)


def sign_in() -> AnyResponse:
    """Open a session with the key given, or ask again."""
    refuse_other_sites()
    wanted, secret = _wanted(request.form.get("next")), request.form.get("key", "").strip()
    key = context().store.keys.authenticate(secret) if len(secret) <= MAX_SECRET else None
    if key is None:
        return render_page("sign_in.html", 401, next=wanted, wrong=True)
    if "read" not in key.scopes:
        raise ProblemError("forbidden", "Pages need a key with the scope `read`.")
    open_session(key)
    return redirect(wanted, 303)


def sign_out() -> AnyResponse:
    """Close the session."""
    refuse_other_sites()
    close_session()
    return redirect("/", 303)


def _wanted(path: str | None) -> str:
    """Return where to go then: a path of ours, whatever somebody's link says."""
    return own_path(path) or "/"
