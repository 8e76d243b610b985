"""The pages: every address that a person opens, the scope it needs, and the view that answers."""

from __future__ import annotations

import functools
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

import msgspec
from flask import Blueprint, redirect, request
from flask.globals import request_ctx
from jinja2 import StrictUndefined

from service.auth import PAGES, authorize_signed_link, require, require_token, set_cookie
from service.context import context
from service.http import address_asked
from service.problems import MEDIA_TYPE
from service.web import (
    about_me,
    boards,
    bring,
    card,
    communities,
    compare,
    dataset,
    docs,
    guides,
    history,
    home,
    messages,
    method,
    people,
    progress,
    questions,
    rendering,
    sign_in,
    topics,
)
from service.web import map as topic_map
from service.web.ended import has_ended, show_session_ended
from service.web.once import done_once
from service.web.rendering import coded, keep_choice, render_page, sentence, tied

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask, Response

    from candor.store.links import Opens
    from service.auth import RouteScope

_HEADERS_KEPT = ("Allow", "Retry-After")
_API = "/v1/"


@dataclass(frozen=True)
class Route:
    """A method and an address, the view behind it and the scope it needs; None lets everybody in.

    A form that does nothing but show something is handled as often as it is sent.
    """

    method: str
    rule: str
    view: Callable[..., Any]
    scope: RouteScope | None
    takes_files: bool = False
    does_something: bool = True
    by_link: Opens | None = None


ROUTES = (
    Route("GET", "/", home.show_home, "read"),
    Route("POST", "/", home.submit_form, "write"),
    Route("POST", "/pick", home.pick, "read", does_something=False),
    Route("POST", "/community", home.bring_community, "write", takes_files=True),
    Route("POST", "/columns", bring.show_columns, "write", takes_files=True, does_something=False),
    Route("GET", "/dataset/<dataset_id>", dataset.show_dataset, "read"),
    Route("POST", "/dataset/<dataset_id>", dataset.add_records, "write", takes_files=True),
    Route("POST", "/dataset/<dataset_id>/delete", dataset.delete_it, "write"),
    Route("POST", "/dataset/<dataset_id>/refresh", dataset.read_now, "write"),
    Route("POST", "/dataset/<dataset_id>/stop", dataset.stop_following, "write"),
    Route("POST", "/dataset/<dataset_id>/follow/<board_id>", boards.follow_board, "write"),
    Route("POST", "/dataset/<dataset_id>/unfollow/<followed_id>", boards.unfollow_board, "write"),
    Route("POST", "/sample", home.submit_sample, "write"),
    Route("GET", "/progress/<job_id>", progress.show_progress, "read"),
    Route("POST", "/progress/<job_id>/cancel", progress.cancel_job, "write"),
    Route("POST", "/progress/<job_id>/again", progress.try_again, "write"),
    Route("GET", "/card/<score_id>", card.show_card, "read", by_link="card"),
    Route("GET", "/card/<score_id>/badge", card.show_badge, "read"),
    Route("POST", "/card/<score_id>/badge", card.change_badge, "write"),
    Route("GET", "/card/<score_id>/dispute", card.show_dispute, "read"),
    Route("POST", "/card/<score_id>/dispute", card.open_dispute, "write"),
    Route("POST", "/card/<score_id>/compare", compare.compare_with, "write"),
    Route("GET", "/history/<network>/<anything:account>", history.show_history, "read"),
    Route("GET", "/map/trust", boards.show_board_roots, "read"),
    Route("GET", "/map/communities", communities.show_communities, "read"),
    Route("POST", "/map/communities", communities.ask_communities, "write"),
    Route("GET", "/map", topic_map.show_map, "read"),
    Route("POST", "/map", topic_map.make_map, "write"),
    Route("POST", "/map/delete/<board_id>", boards.delete_map, "write"),
    Route("POST", "/map/open", topic_map.open_account, "write"),
    Route("GET", "/messages", messages.show_messages, "read"),
    Route("GET", "/message/<dataset_id>/<anything:message_id>", messages.show_message, "read"),
    Route("GET", "/card/<score_id>/messages", messages.show_earning_messages, "read", by_link="card"),
    Route("GET", "/questions", questions.show_questions, "read"),
    Route("GET", "/questions/open", questions.show_open_questions, "read"),
    Route("GET", "/questions/for/<network>/<anything:account>", questions.show_questions_for, "read"),
    Route("GET", "/topics", topics.show_dataset_topics, "read"),
    Route("GET", "/topics/<network>/<anything:account>", topics.show_account_topics, "read"),
    Route("GET", "/people", people.show_people, "read"),
    Route("GET", "/compare", compare.show_comparison, "read"),
    Route("GET", "/calculator", method.show_calculator, None),
    Route("GET", "/method", method.show_newest_method, None),
    Route("GET", "/method/<version>", method.show_method, None),
    Route("GET", "/guides/", guides.show_guides, None),
    Route("GET", "/guides/<name>", guides.show_guide, None),
    Route("GET", "/kept", docs.show_kept, None),
    Route("GET", "/about-me", about_me.show_about_me, None),
    Route("POST", "/about-me", about_me.begin, None),
    Route("POST", "/about-me/proof", about_me.look, None),
    Route("GET", "/about-me/code", about_me.show_code, None),
    Route("POST", "/about-me/code", about_me.use_code, None),
    Route("GET", "/about-me/score/<score_id>", about_me.show_own_card, None),
    Route("GET", "/about-me/score/<score_id>/json", about_me.show_own_json, None),
    Route("GET", "/about-me/score/<score_id>/credential", about_me.show_own_credential, None),
    Route("GET", "/about-me/score/<score_id>/dispute", about_me.show_own_dispute, None),
    Route("POST", "/about-me/score/<score_id>/dispute", about_me.open_own_dispute, None),
    Route("GET", "/about-me/held.json", about_me.show_held_json, None),
    Route("GET", "/about-me/leave", about_me.ask_to_leave, None),
    Route("POST", "/about-me/leave", about_me.leave_here, None),
    Route("POST", "/about-me/anew", about_me.look_anew, None),
    Route("POST", "/about-me/end", about_me.end, None),
    Route("GET", "/receipt/<receipt_id>", about_me.show_receipt, None),
    Route("GET", "/sign-in", sign_in.show_sign_in, None),
    Route("POST", "/sign-in", sign_in.sign_in, None),
    Route("POST", "/sign-out", sign_in.sign_out, None),
    Route("GET", "/static/<name>", rendering.show_asset, None),
    Route("GET", "/docs", docs.show_docs, None),
    Route("GET", "/docs/<name>", docs.show_docs_file, None),
    Route("GET", "/problems/", docs.show_problems, None),
    Route("GET", "/problems/<code>", docs.show_problem, None),
    Route("GET", "/openapi.yaml", docs.show_description, None),
    Route("GET", "/openapi.json", docs.show_description_as_json, None),
)


def init_app(app: Flask) -> None:
    """Register the pages, and the hooks that their answers pass through."""
    site = Blueprint(PAGES, "service.web", template_folder="templates")
    for route in ROUTES:
        site.add_url_rule(route.rule, route.view.__name__, _guarded(route), methods=[route.method])
    app.register_blueprint(site)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.filters |= {"sentence": sentence, "coded": coded, "tied": tied, "quoted": shlex.quote}
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.after_request(_for_browsers)


def _guarded(route: Route) -> Callable[..., Any]:
    @functools.wraps(route.view)
    def guarded(**parts: str) -> Any:
        """Let in who may, before the view reads anything of the body."""
        if route.takes_files:
            request.max_content_length = context().settings.max_upload_bytes
        if route.scope is not None and not (
            route.by_link and authorize_signed_link(*parts.values(), opens=route.by_link)
        ):
            require(route.scope)
        require_token()
        if route.method == "POST" and route.scope is not None and route.does_something:
            return done_once(functools.partial(route.view, **parts))
        return route.view(**parts)

    return guarded


def _for_browsers(response: Response) -> Response:
    """Make of an answer what a browser needs; programs get it as it is, and no page of ours is below /v1/."""
    if request_ctx.request.path.startswith(_API):
        return response
    return set_cookie(keep_choice(_problem_as_page(response)))


def _problem_as_page(response: Response) -> Response:
    """Show a problem as a page to whoever prefers pages, and lead to sign-in who has to."""
    if response.mimetype != MEDIA_TYPE or not _prefers_pages():
        return response
    problem: dict[str, Any] = msgspec.json.decode(response.get_data())
    if problem["code"] == "unauthorized" and request.method == "GET":
        return _to_sign_in()
    if has_ended(problem["code"]):
        return show_session_ended()
    page = render_page("problem.html", response.status_code, problem=problem)
    for name in _HEADERS_KEPT:
        if name in response.headers:
            page.headers[name] = response.headers[name]
    return page


def _prefers_pages() -> bool:
    offered = [MEDIA_TYPE, "text/html"]
    return request.accept_mimetypes.best_match(offered, MEDIA_TYPE) == "text/html"


def _to_sign_in() -> Response:
    return cast("Response", redirect("/sign-in?next=" + quote(address_asked(), safe=""), 303))
