"""The map of a topic: everybody in a data set by interest and expertise, and the list of them beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import redirect, request

from service.api.boards import board_rows, explain, kept_board, left_out, newest_board
from service.api.maps import provenance_of
from service.auth import owner
from service.context import context
from service.drawing import Look, draw_map
from service.drawing.position import position_brief
from service.drawing.rough import rough_row
from service.problems import ProblemError
from service.schemas.queries import GROUPS, KINDS, STATUSES, MapQuerySchema
from service.waiting import wait_for
from service.web.progress import map_url, result_url, submit, to_progress
from service.web.rendering import LANGUAGE_PARAMETER, current_words, render_page, topic_label

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as AnyResponse

    from candor.scoring.board import BoardRow
    from candor.scoring.topics import Topic
    from candor.store.models import BoardFacts
    from service.drawing import Picture
    from service.words import Words

WIDE, NARROW = 720, 340  # pixels
MOST_ROWS = 300
JOBS_SEARCHED = 30
EXPLAIN_WAIT_S = 10
REACHABILITY_LIMITS = ("0.25", "0.5", "0.75")
ADDRESS = ("board", "topic", LANGUAGE_PARAMETER)
FILTERS = ("kind", "status", "reachability")


def show_map() -> Response:
    """Show a map, of a board or of the newest that is asked for, or which there are."""
    board = request.args.get("board")
    if not board and "dataset" not in request.args:
        return render_page("maps.html", maps=_recent_maps())
    given = {name: value for name, value in request.args.items() if value and name not in ADDRESS}
    which = ("dataset", "trust_root") if board else ()
    query: dict[str, Any] = MapQuerySchema(partial=which).load({**given, "limit": MOST_ROWS})
    topic = request.args.get("topic", "")
    try:
        facts = kept_board(board) if board else newest_board(query, topic)
    except ProblemError:
        if board:
            raise
        return render_page("no_map.html", 404, dataset=query["dataset"], topic=topic, trust_root=query["trust_root"])
    rows, more = board_rows(query, facts)
    asked = {name: request.args.get(name, "") for name in ("board", "dataset", "topic", "trust_root", *FILTERS)}
    words = current_words()
    return render_page(
        "map.html",
        facts=facts,
        rows=rows,
        is_cut=more is not None,
        pictures=_pictures(rows, facts, words),
        rough={row.rank: rough_row(row, provenance_of(facts), words) for row in rows},
        places={row.rank: position_brief(row.position, words) for row in rows},
        query=asked,
        all_kinds=f"/map?{urlencode({**asked, 'kind': 'all'})}",
        kind=query["kind"],
        kinds=(*GROUPS, *KINDS),
        left_out=left_out(facts, query["kind"]),
        statuses=STATUSES,
        reachability_limits=REACHABILITY_LIMITS,
    )


def make_map() -> AnyResponse:
    """Rank everybody in a data set on a topic, and follow the job."""
    form = request.form
    body = {"topics": [form.get("topic", "")], "trust_root": form.get("trust_root"), "dataset": form.get("dataset")}
    return to_progress(submit(body))


def open_account() -> AnyResponse:
    """Explain an account on a board, and lead to its card, or to the progress of the job when that takes long."""
    job, _ = wait_for(explain(request.form.get("board", ""), request.form.get("account", "")), EXPLAIN_WAIT_S)
    urls = [url for result in job.results if (url := result_url(result)) is not None]
    return redirect(urls[0], 303) if urls else to_progress(job.id)


def _recent_maps() -> list[tuple[str, Topic, str]]:
    """List the maps that were asked for recently: address, topic, data set."""
    jobs, _ = context().store.jobs.list(owner(), limit=JOBS_SEARCHED)
    maps = {
        map_url(job, topic.id): (topic, str(job.request.dataset))
        for job in jobs
        if job.status == "succeeded" and not job.request.accounts and not job.is_part
        for topic in job.request.topics
    }
    return [(address, topic, dataset) for address, (topic, dataset) in maps.items()]


def _pictures(rows: list[BoardRow], facts: BoardFacts, words: Words) -> tuple[Picture, Picture]:
    """Draw the map for a wide screen and for a narrow one; its marks lead to the rows of the list."""
    about = replace(provenance_of(facts), topic=topic_label(facts.topic, words))
    wide, narrow = (
        draw_map(rows, about, Look(words, width, name=f"map-{width}"), lambda row: f"#row-{row.rank}")
        for width in (WIDE, NARROW)
    )
    return wide, narrow
