"""What an account says of itself is the same whether it is asked of alone or with all others."""

from __future__ import annotations

from datetime import UTC, datetime

from candor.scoring.activity import Activity
from candor.scoring.window import newest_claim, newest_claims
from tests.boards.test_queries import table_of


def claim(actor: str, day: int, **said: object) -> Activity:
    return Activity(type="account", actor=actor, published=datetime(2026, 10, day, tzinfo=UTC), **said)


def test_the_claims_of_one_account_are_merged_as_those_of_all_are():
    acts = [Activity(type="note", id="n1", actor="cy", content="Hops.", published=datetime(2026, 10, 1, tzinfo=UTC))]
    claims = [claim("bo", 2, name="Bo B."), claim("ada", 1, name="Ada"), claim("bo", 1, name="Bo", kind="person")]
    table = table_of([*acts, *claims])
    every = newest_claims(table)
    assert {name: newest_claim(table, name) for name in ("ada", "bo")} == every
    assert (every["bo"].name, every["bo"].kind) == ("Bo B.", "person")
    assert newest_claim(table, "cy") is None
    assert newest_claim(table, "nobody") is None
