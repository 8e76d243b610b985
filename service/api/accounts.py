"""Accounts: the newest score on each topic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from service.auth import owner
from service.context import context
from service.paging import Page, page_of
from service.problems import ProblemError
from service.resource import Resource
from service.schemas.accounts import ACCOUNT_SCORES_EXAMPLE, AccountScoresSchema
from service.schemas.base import PageQuerySchema

if TYPE_CHECKING:
    from store.models import ScoreRow

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


def _show(row: ScoreRow) -> dict[str, Any]:
    return {**msgspec.structs.asdict(row), "score_url": f"/v1/scores/{row.score_id}"}
