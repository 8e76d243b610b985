"""The rows of a board that a query asks for, in its order and page by page."""

from __future__ import annotations

import heapq
import itertools
import math
from typing import TYPE_CHECKING, Any

from candor.scoring.activity import ACCOUNT_KINDS
from service.context import context
from service.paging import read_cursor, unknown_cursor
from service.schemas.queries import GROUPS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from candor.scoring.board_row import BoardRow
    from candor.store.models import BoardFacts


def left_out(facts: BoardFacts, kind: str) -> dict[str, int]:
    """Return how many accounts of a board are not of the kind asked for, by kind."""
    return {name: count for name in ACCOUNT_KINDS if (count := facts.kinds.get(name)) and not is_of(kind, name)}


def is_of(asked: str, kind: str) -> bool:
    """Say whether accounts of a kind are shown where a kind, or a group of kinds, is asked for."""
    return kind in GROUPS.get(asked, (asked,))


def disputed_since(facts: BoardFacts, rows: Collection[BoardRow] | None = None) -> set[str]:
    """Return of whom, in some rows or all, evidence was disputed with success since the board was made.

    The board counts it still; whatever is made now does not.
    """
    accounts = None if rows is None else [row.account for row in rows]
    made, asked = facts.made_at or facts.request.as_of, facts.request
    return context().store.disputes.accepted_since(made, facts.owner, str(asked.network), facts.topic.id, accounts)


def board_rows(query: dict[str, Any], facts: BoardFacts) -> tuple[list[BoardRow], str | None]:
    """Return the rows of a board that a query asks for, and behind what the next page begins, None on the last."""
    by_interest = query.get("order") == "interest"
    first = _first_by_interest if by_interest else _first_by_expertise
    found = first(query, facts, query["limit"] + 1)
    shown = found[: query["limit"]]
    if len(found) == len(shown):
        return shown, None
    behind = _place_by_interest(shown[-1]) if by_interest else (shown[-1].row,)
    return shown, " ".join([facts.id, *map(repr, behind)])


def _first_by_expertise(query: dict[str, Any], facts: BoardFacts, most: int) -> list[BoardRow]:
    return list(itertools.islice(wanted_rows(query, facts), most))


def _first_by_interest(query: dict[str, Any], facts: BoardFacts, most: int) -> list[BoardRow]:
    """Return the rows that come first by interest; they are found among all, which are kept by expertise."""
    after = _after_interest(query["cursor"], facts)
    rows = context().store.boards.rows(facts)
    wanted = (row for row in rows if _wanted(row, query) and (after is None or _place_by_interest(row) > after))
    return heapq.nsmallest(most, wanted, key=_place_by_interest)


def _place_by_interest(row: BoardRow) -> tuple[float, int]:
    """Return what sorts rows by interest: the highest first, equals as listed, those without a number last."""
    return (math.inf if row.interest.score is None else -row.interest.score, row.row)


def _after_interest(cursor: str | None, facts: BoardFacts) -> tuple[float, int] | None:
    """Return the place by interest that a cursor stands behind; None without one."""
    if cursor is None:
        return None
    match str(read_cursor(cursor)).split(" "):
        case [facts.id, score, row]:
            return float(score), int(row)
    raise unknown_cursor()


def wanted_rows(query: dict[str, Any], facts: BoardFacts) -> Iterator[BoardRow]:
    """Yield all rows that a query asks for, by expertise, from its cursor on."""
    rows = context().store.boards.rows(facts, _row_before(query["cursor"], facts))
    return (row for row in rows if _wanted(row, query))


def _row_before(cursor: str | None, facts: BoardFacts) -> int:
    """Return the row that a cursor stands behind: it belongs to one board, and a newer one has other rows."""
    if cursor is None:
        return 0
    board_id, _, row = str(read_cursor(cursor)).partition(" ")
    if board_id != facts.id or not row.isdecimal():
        raise unknown_cursor()
    return int(row)


def _wanted(row: BoardRow, query: dict[str, Any]) -> bool:
    least, since, latest = query["reachability"], query["active_since"], row.last_active.on_topic
    return (
        is_of(query["kind"], row.kind)
        and query["status"] in (None, row.expertise.status)
        and (least is None or (row.reachability.value is not None and row.reachability.value >= least))
        and (since is None or (latest is not None and latest >= since))
    )
