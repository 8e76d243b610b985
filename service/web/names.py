"""Names: how the accounts that a page mentions call themselves, from the board of the same community."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from service.auth import owner
from service.context import context
from service.web.kept_records import kept_records

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from candor.scoring.document import ScoreDocument

MOST_ROWS = 2_000


def names_beside(document: ScoreDocument) -> Mapping[str, str]:
    """Return names by account, as far as its records or the newest board on the score's topic and root have them."""
    store, account, root = context().store, document.account, document.trust_root
    own = {account.account: account.name} if account.name else {}
    dataset = dataset_of(document)
    if dataset is None:
        return own
    own = {**kept_records(dataset).names(), **own}
    names = (root.kind,) if root.kind in ("network", "none") else (root.id, root.digest)
    for name in filter(None, names):
        facts = store.boards.newest(owner(), dataset, document.topic.id, name, document.method.version)
        if facts is not None:
            listed = itertools.islice(store.boards.rows(facts, 0), MOST_ROWS)
            return {row.account: row.name for row in listed if row.name} | own
    return own


def names_in(dataset_id: str, accounts: Collection[str]) -> Mapping[str, str]:
    """Return how some accounts of a data set call themselves, as far as its records say."""
    people = context().overviews.of(owner(), dataset_id).people
    return {each.account: each.name for each in people if each.name and each.account in accounts}


def dataset_of(document: ScoreDocument) -> str | None:
    """Return the data set that a score was made from, if any."""
    account = document.account
    rows = context().store.scores.newest(owner(), account.network, account.account)
    return next((row.dataset for row in rows if row.score_id == document.id), None)
