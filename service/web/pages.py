"""Pages for people: /docs with swagger-ui served by us, /problems, and the description itself."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from flask import Flask, Response, send_from_directory
from swagger_ui_bundle import swagger_ui_path  # type: ignore[import-untyped]

from candor.store.job_problems import JOB_PROBLEMS
from service.description import as_yaml
from service.problem_kinds import PROBLEMS, ProblemKind
from service.problems import ProblemError
from service.web.rendering import page

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

_FROM_BUNDLE = ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png")
_OURS = {"docs.js": "text/javascript", "pages.css": "text/css"}
_DAY_S = 86_400


def init_app(app: Flask) -> None:
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
