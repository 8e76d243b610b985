"""The map of a topic: everybody in a data set by interest and expertise, and the list of them beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import redirect, request

from service.api.boards import board_rows, explain, newest_board
from service.api.maps import hangs_on
from service.auth import owner
from service.context import context
from service.drawing import Look, plane
from service.problems import ProblemError
from service.schemas.boards import KINDS, STATUSES
from service.schemas.pictures import MapQuerySchema
from service.waiting import wait_for
from service.web.progress import address_of, follow, map_address, submit
from service.web.rendering import PARAMETER, page, spoken

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as AnyResponse

    from candor.scoring.board import BoardRow
    from candor.scoring.topics import Topic
    from candor.store.models import BoardFacts
    from service.drawing import Picture
    from service.words import Words

MOST = 300
LOOKED_AT = 30
WIDE, NARROW = 720, 340
PATIENCE_S = 10
REACHABLE = ("0.25", "0.5", "0.75")
FILTERS = ("kind", "status", "reachability")


def show_map() -> Response:
    """Show a map, or which there are."""
    if "dataset" not in request.args:
        return page("maps.html", maps=_known())
    given = {name: value for name, value in request.args.items() if value and name not in ("topic", PARAMETER)}
    query: dict[str, Any] = MapQuerySchema().load({**given, "limit": MOST})
    topic = request.args.get("topic", "")
    try:
        facts = newest_board(query, topic)
    except ProblemError:
        return page("no_map.html", 404, dataset=query["dataset"], topic=topic, trust_root=query["trust_root"])
    rows, following = board_rows(query, facts)
    return page(
        "map.html",
        facts=facts,
        rows=rows,
        is_cut=following is not None,
        pictures=_pictures(rows, facts, spoken()),
        query={name: request.args.get(name, "") for name in ("dataset", "topic", "trust_root", *FILTERS)},
        kinds=KINDS,
        statuses=STATUSES,
        reachable=REACHABLE,
    )


def make_map() -> AnyResponse:
    """Rank everybody in a data set on a topic, and follow the job."""
    said = request.form
    body = {"topics": [said.get("topic", "")], "trust_root": said.get("trust_root"), "dataset": said.get("dataset")}
    return follow(submit(body))


def open_person() -> AnyResponse:
    """Explain an account on a board, and lead to its card, or to the progress of the job when that takes long."""
    job, _ = wait_for(explain(request.form.get("board", ""), request.form.get("account", "")), PATIENCE_S)
    made = [address for result in job.results if (address := address_of(result, job)) is not None]
    return redirect(made[0], 303) if made else follow(job.id)


def _known() -> list[tuple[str, Topic, str]]:
    """List the maps that were asked for lately: address, topic, data set."""
    jobs, _ = context().store.jobs.list(owner(), limit=LOOKED_AT)
    maps = {
        map_address(job, topic.id): (topic, str(job.request.dataset))
        for job in jobs
        if job.status == "succeeded" and not job.request.accounts and not job.is_part
        for topic in job.request.topics
    }
    return [(address, topic, dataset) for address, (topic, dataset) in maps.items()]


def _pictures(rows: list[BoardRow], facts: BoardFacts, words: Words) -> tuple[Picture, Picture]:
    """Draw the map for a wide screen and for a narrow one; its marks lead to the rows of the list."""
    wide, narrow = (
        plane(rows, hangs_on(facts), Look(words, width, name=f"map-{width}"), lambda row: f"#row-{row.rank}")
        for width in (WIDE, NARROW)
    )
    return wide, narrow
