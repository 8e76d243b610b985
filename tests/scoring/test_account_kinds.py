"""What kind of account one is: whose word decides, and what is published of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from candor.scoring.account_kinds import RULES, SaidKind, by_sign, kind_of
from candor.scoring.activity import Activity
from candor.scoring.method import load_method
from candor.scoring.published import published


def record(kind: str | None) -> Activity:
    return Activity(type="account", actor="ada", published=datetime(2026, 1, 1, tzinfo=UTC), kind=kind)


SAID = {"ada": SaidKind(account="ada", kind="organisation", reason="the operator says so (a shop)")}


@pytest.mark.parametrize(
    ("brought", "said", "kind", "reason"),
    [
        (record("bot"), SAID, "organisation", "the operator says so (a shop)"),
        (None, SAID, "organisation", "the operator says so (a shop)"),
        (record("bot"), {}, "bot", "the records say so"),
        (record("unknown"), {}, "unknown", "nobody says"),
        (record(None), {}, "unknown", "nobody says"),
        (None, {}, "unknown", "nobody says"),
    ],
)
def test_the_first_word_that_there_is_decides(brought, said, kind, reason):
    found = kind_of("ada", brought, said)
    assert (found[0], found[1].startswith(reason)) == (kind, True)


@pytest.mark.parametrize("sign", RULES.signs, ids=lambda each: f"{each.network}: {each.sign}")
def test_every_published_sign_is_followed(sign):
    assert by_sign(sign.network, sign.sign) == (sign.kind, f"the network says so ({sign.sign})")


def test_a_sign_that_is_not_published_says_nothing():
    assert by_sign("github", "type Enterprise")[0] == "unknown"


def test_the_rule_is_published_with_the_method():
    rules = published(load_method()).account_kinds
    assert [step.said_by for step in rules.steps] == ["operator", "person", "network", "records", "nobody"]
    assert rules.shown == ("person", "unknown")
