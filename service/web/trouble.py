"""What goes wrong on a page is told on a page: problem documents stay what programs get."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec
from flask import redirect, request

from service.problems import MEDIA_TYPE
from service.web.rendering import page

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

_KEPT = ("Allow", "Retry-After")
_API = "/v1/"


def as_page(response: AnyResponse) -> AnyResponse:
    """Show a problem as a page to whoever prefers pages, and lead who needs to sign in to where that is done."""
    if response.mimetype != MEDIA_TYPE or not _prefers_pages():
        return response
    problem: dict[str, Any] = msgspec.json.decode(response.get_data())
    if problem["code"] == "unauthorized" and request.method == "GET":
        return _to_sign_in()
    told = page("trouble.html", response.status_code, problem=problem)
    for name in _KEPT:
        if name in response.headers:
            told.headers[name] = response.headers[name]
    return told


def _prefers_pages() -> bool:
    offered = [MEDIA_TYPE, "text/html"]
    return not request.path.startswith(_API) and request.accept_mimetypes.best_match(offered, MEDIA_TYPE) == "text/html"


def _to_sign_in() -> AnyResponse:
    wanted = request.full_path.rstrip("?")
    return redirect("/sign-in?next=" + quote(wanted, safe=""), 303)
