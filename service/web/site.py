"""The pages: every address of ours that a person opens, who may, and what makes the page."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec
from flask import Blueprint, Flask, Response, redirect, request, send_from_directory
from jinja2 import StrictUndefined
from swagger_ui_bundle import swagger_ui_path  # type: ignore[import-untyped]

from candor.store.job_problems import JOB_PROBLEMS
from service.auth import PAGES, require, require_token, set_cookie
from service.context import context
from service.description import as_yaml
from service.problem_kinds import PROBLEMS, ProblemKind
from service.problems import MEDIA_TYPE, ProblemError
from service.web import card, compare, home, method, past, progress, rendering, sign_in
from service.web import map as topic_map
from service.web.rendering import keep_choice, page

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Response as AnyResponse

    from service.auth import RouteScope


_FROM_BUNDLE = ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png")
_OURS = {"docs.js": "text/javascript", "pages.css": "text/css"}
_DAY_S = 86_400

_KEPT = ("Allow", "Retry-After")
_API = "/v1/"


def init_pages(app: Flask) -> None:
    """Register the pages."""
    app.add_url_rule("/docs", "docs", _docs)
    app.add_url_rule("/docs/<name>", "docs_file", _docs_file)
    app.add_url_rule("/problems/", "problems", _problems)
    app.add_url_rule("/problems/<code>", "problem", _problem)
    app.add_url_rule("/openapi.yaml", "openapi", lambda: Response(as_yaml(), mimetype="application/yaml"))


def _docs() -> Response:
    return Response(_text("docs.html"), mimetype="text/html")


def _docs_file(name: str) -> AnyResponse:
    if name in _FROM_BUNDLE:
        return send_from_directory(str(swagger_ui_path), name, max_age=_DAY_S)
    if name in _OURS:
        return Response(_text(name), mimetype=_OURS[name])
    raise ProblemError("not_found", "There is no such file.")


def _problems() -> Response:
    return page("problems.html", kinds=list(_kinds().values()))


def _problem(code: str) -> Response:
    if code not in _kinds():
        raise ProblemError("not_found", "There is no such problem.")
    return page("problems.html", kinds=[_kinds()[code]])


@cache
def _kinds() -> dict[str, ProblemKind]:
    """All problems by code: those of requests and those that stand in a job."""
    of_jobs = [ProblemKind(problem.code, problem.status, problem.title, problem.detail) for problem in JOB_PROBLEMS]
    return {kind.code: kind for kind in (*PROBLEMS, *of_jobs)}


@cache
def _text(name: str) -> str:
    folder = "static" if name in _OURS else "templates"
    return resources.files("service.web").joinpath(folder, name).read_text("utf-8")


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
    Route("GET", "/card/<score_id>/dispute", card.show_dispute, "read"),
    Route("POST", "/card/<score_id>/dispute", card.open_dispute, "write"),
    Route("GET", "/history/<network>/<anything:account>", past.show_history, "read"),
    Route("GET", "/map", topic_map.show_map, "read"),
    Route("POST", "/map", topic_map.make_map, "write"),
    Route("POST", "/map/open", topic_map.open_person, "write"),
    Route("GET", "/compare", compare.show_comparison, "read"),
    Route("GET", "/calculator", method.show_calculator, "read"),
    Route("GET", "/method", method.show_newest_method, "read"),
    Route("GET", "/method/<version>", method.show_method, "read"),
    Route("GET", "/sign-in", sign_in.show_sign_in, None),
    Route("POST", "/sign-in", sign_in.sign_in, None),
    Route("POST", "/sign-out", sign_in.sign_out, None),
    Route("GET", "/static/<name>", rendering.show_asset, None),
)


def init_site(app: Flask) -> None:
    """Register the pages, and the hooks that their answers pass through."""
    site = Blueprint(PAGES, "service.web", template_folder="templates")
    for route in ROUTES:
        site.add_url_rule(route.rule, route.view.__name__, _guarded(route), methods=[route.method])
    app.register_blueprint(site)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.after_request(set_cookie)
    app.after_request(keep_choice)
    app.after_request(as_page)


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
