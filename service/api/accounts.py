"""Accounts: the newest score on each topic, and how it came about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from candor.store.history import change
from service.auth import owner
from service.context import context
from service.paging import Page, page_of
from service.problems import ProblemError
from service.resource import Resource
from service.schemas.accounts import (
    ACCOUNT_SCORES_EXAMPLE,
    HISTORY_EXAMPLE,
    AccountScoresSchema,
    HistoryQuerySchema,
    HistorySchema,
)
from service.schemas.base import PageQuerySchema

if TYPE_CHECKING:
    from collections.abc import Callable

    from candor.store.history import Change, HistoryStep
    from candor.store.models import ScoreRow

resource = Resource("accounts", "What is known of an account.")


@resource.operation(
    "GET",
    "/v1/accounts/<network>/<anything:account>/scores",
    scope="read",
    problems=("not_found", "invalid"),
)
@resource.query(PageQuerySchema)
@resource.answer(200, AccountScoresSchema, description="Its newest scores.", example=ACCOUNT_SCORES_EXAMPLE)
def list_account_scores(query: dict[str, Any], network: str, account: str) -> Page:
    """List an account's newest score on each topic, with the contributions each is the sum of."""
    rows = context().store.scores.newest(owner(), network, account)
    if not rows:
        raise ProblemError("not_found", "No score of this account is kept.")
    return page_of(rows, lambda row: row.topic, query, _show)


@resource.operation(
    "GET",
    "/v1/accounts/<network>/<anything:account>/history",
    scope="read",
    problems=("not_found", "invalid"),
)
@resource.query(HistoryQuerySchema)
@resource.answer(200, HistorySchema, description="Its scores, step by step.", example=HISTORY_EXAMPLE)
def list_account_history(query: dict[str, Any], network: str, account: str) -> Page:
    """List an account's scores on one topic by the time they speak of, and what changed from each to the next.

    A step stays as long as its score: the newest five hundred at most.
    """
    topic = query["topic"]
    steps = context().store.history.steps(owner(), network, account, topic)
    if not steps:
        raise ProblemError("not_found", f"No score of this account on {topic!r} is kept.")
    return page_of(range(len(steps)), lambda n: f"{steps[n].as_of.timestamp():017.6f} {n:03}", query, _shower(steps))


def _shower(steps: list[HistoryStep]) -> Callable[[int], dict[str, Any]]:
    """Return what shows the step of a number beside the one before."""
    return lambda n: _show_step(steps[n], None if n == 0 else change(steps[n - 1], steps[n]))


def _show_step(step: HistoryStep, since: Change | None) -> dict[str, Any]:
    return {
        **msgspec.structs.asdict(step),
        "score_url": f"/v1/scores/{step.score_id}",
        "trust_root": step.root,
        "changed": () if since is None else since.digests,
        "difference": since,
    }


def _show(row: ScoreRow) -> dict[str, Any]:
    return {**msgspec.structs.asdict(row), "score_url": f"/v1/scores/{row.score_id}"}
