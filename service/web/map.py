"""The map of a topic, everybody in a data set by interest and expertise; and the index of maps."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import redirect, request

from candor.scoring.activity import ACCOUNT_KINDS
from candor.scoring.board_row import order_may_be_chance
from candor.scoring.sides import WARNING
from service.api.boards import kept_board, newest_board
from service.api.maps import provenance_of
from service.auth import owner
from service.board_rows import board_rows, disputed_since, left_out
from service.context import context
from service.drawing import Look, MapLinks, draw_map
from service.drawing.map import LEAST_SPAN
from service.drawing.provenance import range_words, rough_row
from service.link_notes import note_on_links_of
from service.paging import cursor_of
from service.problems import ProblemError
from service.schemas.base import show_instant
from service.schemas.queries import GROUPS, ORDERS, STATUSES, MapQuerySchema
from service.web.boards import dataset_now, since_the_board_before
from service.web.progress import explained, result_url, submit, to_progress
from service.web.rendering import LANGUAGE_PARAMETER, current_words, render_page, topic_label

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from flask import Response
    from werkzeug.wrappers import Response as AnyResponse

    from candor.scoring.board_row import BoardRow
    from candor.store.models import BoardFacts
    from service.drawing import Picture
    from service.words import Words

WIDE, NARROW = 720, 340  # pixels
MOST_ROWS = 300
ROWS_SHOWN = 50  # those after them open on demand
REACHABILITY_LIMITS = ("0.25", "0.5", "0.75")
ACTIVE_WITHIN_DAYS = (365, 90, 30)
CHOICE = ("kind", "status", "reachability", "active_since")
FILTERS = (*CHOICE, "order")
SIDES = ("expertise", "interest")
ADDRESS = ("board", "topic", LANGUAGE_PARAMETER, *SIDES)
NONE = "none"  # where an area of the map is of those without a number
LEAST_AREA = 2.0  # points that an axis shows at least, once a part of the map is opened
_TENTHS = 10


def show_map() -> Response:
    """Show a map, of a board or of the newest that is asked for, or which there are."""
    board = request.args.get("board")
    if not board and "dataset" not in request.args:
        return show_maps()
    given = {name: value for name, value in request.args.items() if value and name not in ADDRESS}
    which = ("dataset", "trust_root") if board else ()
    query: dict[str, Any] = MapQuerySchema(partial=which).load({**given, "limit": MOST_ROWS})
    topic = request.args.get("topic", "")
    try:
        facts = kept_board(board) if board else newest_board(query, topic)
    except ProblemError:
        if board or context().store.datasets.get(owner(), query["dataset"]) is None:
            raise
        return render_page("no_map.html", 404, dataset=query["dataset"], topic=topic, trust_root=query["trust_root"])
    return _show_board(facts, query)


def _show_board(facts: BoardFacts, query: dict[str, Any]) -> Response:
    rows, more = board_rows(query, facts)
    asked = {name: request.args.get(name, "") for name in ("board", "dataset", "topic", "trust_root", *FILTERS)}
    area = {side: limits for side in SIDES if (limits := request.args.get(side))}
    rows = [row for row in rows if all(_within(getattr(row, side).score, limits) for side, limits in area.items())]
    words = current_words()
    here = {**asked, "cursor": request.args.get("cursor", "")}
    is_from_the_top = not any((area, here["cursor"], asked["status"], asked["order"]))
    return render_page(
        "map.html",
        facts=facts,
        rows=rows,
        rows_shown=ROWS_SHOWN,
        **_said_of_rows(rows, facts, words),
        heading=_heading(
            rows, facts, query, words, is_rest=bool(here["cursor"]), has_more=more is not None and not area
        ),
        as_of=provenance_of(facts).as_of,
        next_page=_address({**asked, "cursor": cursor_of(more)}) if more and not area else None,
        unfiltered=_address({name: asked[name] for name in asked if name not in _NARROWING})
        if area or any(asked[name] for name in _NARROWING)
        else None,
        is_part=bool(area) or bool(here["cursor"]),
        wanted=urlencode({name: asked[name] or query[name] for name in CHOICE if query[name]}),
        whole=_address(here if area else asked),
        pictures=_pictures(rows, facts, words, here, LEAST_AREA if area else LEAST_SPAN),
        dataset_now=dataset_now(facts),
        has_other_datasets=any(each.id != facts.request.dataset for each in context().store.datasets.all_of(owner())),
        again="/?" + urlencode({"dataset": facts.request.dataset, "topic": facts.topic.id, **_root_chosen(facts)}),
        since_before=since_the_board_before(facts, query["kind"]),
        has_experts=(has_experts := facts.request.trust_root.kind != "none"),
        warning=WARNING,
        unlinked=note_on_links_of(facts.owner, facts.request),
        nobody_known=has_experts and is_from_the_top and _is_without_numbers(rows),
        counts_everyone=facts.request.trust_root.kind == "network",
        by_interest=query["order"] == "interest" or not has_experts,
        **_filters(facts, query, asked, words),
    )


_NARROWING = ("status", "reachability", "active_since")


def _filters(facts: BoardFacts, query: dict[str, Any], asked: dict[str, str], words: Words) -> dict[str, Any]:
    """Return by what the rows can be chosen and ordered, and what was chosen."""
    return {
        "orders": {side: _address({**asked, "order": side}) for side in ORDERS},
        "query": asked,
        "all_kinds": _address({**asked, "kind": "all"}),
        "kind": query["kind"],
        "kinds": (*GROUPS, *ACCOUNT_KINDS),
        "left_out": left_out(facts, query["kind"]),
        "statuses": STATUSES,
        "reachability_limits": REACHABILITY_LIMITS,
        "since": _since(facts, query["active_since"], words),
        "active_since": query["active_since"] and show_instant(query["active_since"]),
    }


def _said_of_rows(rows: list[BoardRow], facts: BoardFacts, words: Words) -> dict[str, Any]:
    """Return what is said of the rows shown, each by its number and all together."""
    about = provenance_of(facts)
    return {
        "rough": {row.row: rough_row(row, about, words) for row in rows},
        "disputed": disputed_since(facts, rows),
        "ranges": {row.row: range_words(row.position, words) for row in rows},
        "estimates": sum(row.standing != "exact" and row.expertise.score is not None for row in rows),
        "nobody_shown_known": _is_without_numbers(rows),
        "may_be_chance": order_may_be_chance(rows[:ROWS_SHOWN]),
        "says_last_active": any(row.last_active.on_topic and not row.last_active.answered for row in rows),
        "all_rough": bool(rows)
        and all(rough_row(row, about, words) for row in rows if row.expertise.score is not None),
    }


def _root_chosen(facts: BoardFacts) -> dict[str, str]:
    """Return what chooses the same trusted people on the first page, where they are kept under a name."""
    root = facts.request.trust_root
    chosen = root.kind if root.kind in ("network", "none") else root.id
    return {"trust_root": chosen} if chosen else {}


def make_map() -> AnyResponse:
    """Rank everybody in a data set on a topic, and follow the job."""
    form = request.form
    body = {"topics": [form.get("topic", "")], "trust_root": form.get("trust_root"), "dataset": form.get("dataset")}
    return to_progress(submit(body))


def open_account() -> AnyResponse:
    """Explain an account on a board, and lead to its card, or to the progress of the job when that takes long."""
    job = explained()
    urls = [url for result in job.results if (url := result_url(result)) is not None]
    return redirect(urls[0], 303) if urls else to_progress(job.id)


def _heading(
    rows: Sequence[BoardRow], facts: BoardFacts, query: dict[str, Any], words: Words, *, is_rest: bool, has_more: bool
) -> str:
    """Say how many accounts are shown, and of how many, where that is known without looking at all of them."""
    if not is_rest and not has_more:
        return words.count("maps.shown", len(rows))
    every = facts.listed - sum(left_out(facts, query["kind"]).values())
    key = "maps.shown_next" if is_rest else "maps.shown_first"
    if any(query[name] for name in ("status", "reachability", "active_since")):
        return words(f"{key}_filtered", n=words.number(len(rows)))
    return words(key, n=words.number(len(rows)), of=words.number(every))


def _since(facts: BoardFacts, chosen: datetime | None, words: Words) -> dict[str, str]:
    """Return since when accounts can be asked to have been active, by address, in words: so long before the board."""
    as_of = facts.request.as_of
    offered = {as_of - timedelta(days=days): words(f"maps.active.{days}") for days in ACTIVE_WITHIN_DAYS}
    if chosen is not None and chosen not in offered:
        offered[chosen] = words("maps.active.since", date=words.date(show_instant(chosen)))
    return {show_instant(at): text for at, text in offered.items()}


def _address(query: dict[str, str]) -> str:
    return "/map?" + urlencode({name: value for name, value in query.items() if value})


def _is_without_numbers(rows: Sequence[BoardRow]) -> bool:
    return bool(rows) and all(row.expertise.score is None for row in rows)


def _within(score: float | None, limits: str) -> bool:
    """Say whether a number lies within "LOW-HIGH", or is missing where "none" is asked for; else let all pass."""
    if limits == NONE:
        return score is None
    low, _, high = limits.partition("-")
    try:
        return score is not None and float(low) <= score <= float(high)
    except ValueError:
        return True


def _area(rows: Sequence[BoardRow]) -> dict[str, str]:
    """Return the part of the map that some accounts of it take, in tenths of points."""
    area = {}
    for side in SIDES:
        scores = [score for row in rows if (score := getattr(row, side).score) is not None]
        area[side] = NONE
        if scores:
            low, high = math.floor(min(scores) * _TENTHS), math.ceil(max(scores) * _TENTHS)
            area[side] = f"{low / _TENTHS:.1f}-{high / _TENTHS:.1f}"
    return area


def _pictures(
    rows: list[BoardRow], facts: BoardFacts, words: Words, query: dict[str, str], least: float
) -> tuple[Picture, Picture]:
    """Draw the map for a wide screen and for a narrow one; its marks lead to the rows of the list.

    Several accounts in one place lead to a map of that place alone, or to the list where that would show no more.
    """
    about = replace(provenance_of(facts), topic=topic_label(facts.topic, words))

    def several(some: Sequence[BoardRow]) -> str:
        area = _area(some)
        if all(_is_small(limits) for limits in area.values()):
            return f"#row-{some[0].row}"
        return _address({**query, **area})

    links = MapLinks(lambda row: f"#row-{row.row}", several)
    wide, narrow = (
        draw_map(rows, about, Look(words, width, name=f"map-{width}"), links, least) for width in (WIDE, NARROW)
    )
    return wide, narrow


def _is_small(limits: str) -> bool:
    """Say whether a part of the map cannot be shown larger."""
    low, _, high = limits.partition("-")
    return limits == NONE or float(high) - float(low) < LEAST_AREA / _TENTHS


MAPS_SHOWN = 20  # on a page


def show_maps() -> Response:
    """Show the newest map of each community, topic and trust root, the latest first; `about` and `dataset` filter."""
    store = context().store
    datasets = sorted(dataset.id for dataset in store.datasets.all_of(owner()))
    chosen, about = request.args.get("dataset_id", ""), request.args.get("about", "").strip()
    names = [chosen] if chosen in datasets else datasets
    found = [facts for name in names for facts in store.boards.of_dataset(owner(), name) if _is_about(facts, about)]
    found.sort(key=lambda facts: (show_instant(facts.request.as_of), facts.id), reverse=True)
    number = request.args.get("page", "")
    first = MAPS_SHOWN * (max(1, int(number)) - 1 if number.isdecimal() and len(number) < len("1000000") else 0)
    asked = {"dataset_id": chosen, "about": about}
    return render_page(
        "maps.html",
        maps=[(f"/map?{urlencode({'board': facts.id})}", facts) for facts in found[first : first + MAPS_SHOWN]],
        total=len(found),
        dates={facts.id: show_instant(facts.request.as_of) for facts in found[first : first + MAPS_SHOWN]},
        datasets=datasets,
        asked=asked,
        before=_page(asked, first - MAPS_SHOWN) if first else None,
        after=_page(asked, first + MAPS_SHOWN) if first + MAPS_SHOWN < len(found) else None,
    )


def _is_about(facts: BoardFacts, about: str) -> bool:
    """Say whether a topic is called so, in the reader's language or by its id."""
    names = (facts.topic.id, facts.topic.label, topic_label(facts.topic, current_words()))
    return any(about.casefold() in name.casefold() for name in names)


def _page(asked: dict[str, str], first: int) -> str:
    return f"/map?{urlencode({**asked, 'page': first // MAPS_SHOWN + 1})}"
