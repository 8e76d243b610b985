"""Trust roots as the lab names them."""

from datetime import UTC, datetime, timedelta

import pytest

from candor.evaluation.inputs import eligible, parse_root
from candor.scoring.activity import Activity

DAY = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def records():
    """Ten people of three notes each, one who wrote once, and `u0` whose notes `u1` reshared."""
    notes = [
        Activity(id=f"n{who}.{n}", type="note", actor=f"u{who}", published=DAY + timedelta(days=n))
        for who in range(10)
        for n in range(3)
    ]
    once = Activity(id="once", type="note", actor="once", published=DAY)
    reshare = Activity(id="r", type="reshare", actor="u1", object="n0.0", target_actor="u0", published=DAY)
    return [*notes, once, reshare]


def names(root):
    return {named.account for named in root.accounts}


def test_only_accounts_with_three_acts_can_be_drawn(records):
    assert eligible(records) == [f"u{who}" for who in range(10)]


def test_nobody_of_the_truth_is_drawn(records):
    assert "u3" not in names(parse_root("random:1:0", records, left_out={"u3"}))


def test_a_random_root_has_the_share_asked_for(records):
    assert len(names(parse_root("random:0.3:0", records))) == 3


def test_the_same_seed_draws_the_same_root(records):
    assert parse_root("random:0.3:5", records) == parse_root("random:0.3:5", records)


def test_another_seed_draws_another_root(records):
    assert parse_root("random:0.5:1", records) != parse_root("random:0.5:2", records)


def test_the_most_recognised_are_trusted_first(records):
    assert names(parse_root("recognised:0.1", records)) == {"u0"}


def test_a_root_can_come_from_a_file(tmp_path, records):
    file = tmp_path / "root.json"
    file.write_text('{"kind": "accounts", "network": "custom:x", "accounts": [{"account": "u7"}]}')
    assert names(parse_root(str(file), records)) == {"u7"}


def test_a_root_that_is_none_of_these_is_refused(records):
    with pytest.raises(ValueError, match="is no file"):
        parse_root("everyone", records)
