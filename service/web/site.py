"""The pages: every address of ours that a person opens, who may, and what makes the page."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Blueprint, request
from jinja2 import StrictUndefined

from service.auth import require
from service.context import context
from service.sessions import PAGES, require_token, set_cookie
from service.web import assets, card, compare, dispute, home, method, past, progress, sign_in, trouble, what_if
from service.web import map as topic_map
from service.web.language import keep_choice

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from service.auth import RouteScope


@dataclass(frozen=True)
class Route:
    """A method and an address, the view behind it and the scope it needs; None lets everybody in."""

    method: str
    rule: str
    view: Callable[..., Any]
    scope: RouteScope | None
    takes_files: bool = False


ROUTES = (
    Route("GET", "/", home.show_home, "read"),
    Route("POST", "/", home.ask, "write", takes_files=True),
    Route("POST", "/sample", home.ask_about_sample, "write"),
    Route("GET", "/progress/<job_id>", progress.show_progress, "read"),
    Route("POST", "/progress/<job_id>/cancel", progress.cancel, "write"),
    Route("GET", "/card/<score_id>", card.show_card, "read"),
    Route("GET", "/card/<score_id>/dispute", dispute.show_dispute, "read"),
    Route("POST", "/card/<score_id>/dispute", dispute.open_dispute, "write"),
    Route("GET", "/history/<network>/<anything:account>", past.show_history, "read"),
    Route("GET", "/map", topic_map.show_map, "read"),
    Route("POST", "/map", topic_map.make_map, "write"),
    Route("POST", "/map/open", topic_map.open_person, "write"),
    Route("GET", "/compare", compare.show_comparison, "read"),
    Route("GET", "/calculator", what_if.show_calculator, "read"),
    Route("GET", "/method", method.show_newest_method, "read"),
    Route("GET", "/method/<version>", method.show_method, "read"),
    Route("GET", "/sign-in", sign_in.show_sign_in, None),
    Route("POST", "/sign-in", sign_in.sign_in, None),
    Route("POST", "/sign-out", sign_in.sign_out, None),
    Route("GET", "/static/<name>", assets.show_asset, None),
)


def init_app(app: Flask) -> None:
    """Register the pages, and the hooks that their answers pass through."""
    site = Blueprint(PAGES, "service.web", template_folder="templates")
    for route in ROUTES:
        site.add_url_rule(route.rule, route.view.__name__, _guarded(route), methods=[route.method])
    app.register_blueprint(site)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.after_request(set_cookie)
    app.after_request(keep_choice)
    app.after_request(trouble.as_page)


def _guarded(route: Route) -> Callable[..., Any]:
    @functools.wraps(route.view)
    def guarded(**parts: str) -> Any:
        """Let in who may, before the view reads anything of the body."""
        if route.takes_files:
            request.max_content_length = context().settings.max_upload_bytes
        if route.scope is not None:
            require(route.scope)
        require_token()
        return route.view(**parts)

    return guarded
