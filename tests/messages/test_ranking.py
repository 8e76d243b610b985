"""The ranking of messages: who took them up counts as in the score, and likes count nothing."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from candor.messages.ranking import rank_messages
from candor.scoring.activity import Activity
from candor.scoring.method import load_method
from candor.scoring.question import Contested, Question
from candor.scoring.topics import Topic
from candor.scoring.trust_root import FACE_VALUE, RootAccount, TrustRoot
from candor.scoring.world import build_world

NOW = datetime(2026, 11, 1, tzinfo=UTC)
ROCKETS = Topic(id="rockets", label="Rockets", terms=("rocket",))
ELDERS = TrustRoot(kind="accounts", accounts=tuple(RootAccount(account=f"elder{n}") for n in range(6)))


def said(record_id: str, by: str, days_ago: int = 10, **more: Any) -> Activity:
    """A record, a note on rockets unless it is said to be otherwise."""
    given = {"type": "note", "content": f"A rocket: {record_id}.", **more}
    return Activity(id=record_id, actor=by, published=NOW - timedelta(days=days_ago), **given)


def passed_on(record_id: str, by: str, of: str, days_ago: int = 5) -> Activity:
    return said(record_id, by, days_ago, type="reshare", object=of, content=None)


def liked(record_id: str, by: str, of: str) -> Activity:
    return said(record_id, by, 4, type="like", object=of, content=None)


def ranked(records: list[Activity], root: TrustRoot = ELDERS, **more: Any) -> list[Any]:
    question = Question(
        network="custom:town", accounts=(), topics=(ROCKETS,), trust_root=root, as_of=NOW, profile="microblog"
    )
    return list(rank_messages(build_world(records, question, load_method()), 0, **more).rows())


def test_a_message_that_one_trusted_person_passed_on_stands_above_one_that_a_thousand_liked():
    bait = [said("bait", "loud"), *(liked(f"l{n}", f"u{n}", "bait") for n in range(1000))]
    rows = ranked([said("true", "quiet"), passed_on("r1", "elder0", "true"), *bait])
    assert [(row.id, row.likes) for row in rows] == [("true", 0), ("bait", 1000)]
    assert rows[0].uptake > 0
    assert rows[1].uptake == 0


def test_uptake_is_what_the_method_makes_of_the_acts_on_the_message():
    (row,) = ranked([said("true", "quiet"), passed_on("r1", "elder0", "true", 0 + 1)], FACE_VALUE)
    method = load_method()
    strength = method.kinds["endorsed"] * method.voice.prominence_floor * 0.5 ** (1 / method.window.half_life_days)
    assert row.uptake == pytest.approx(math.log2(1 + strength), abs=1e-6)


def test_whoever_nobody_trusts_adds_nothing_however_many_they_are():
    crowd = [passed_on(f"c{n}", f"u{n}", "bait") for n in range(200)]
    rows = ranked([said("bait", "loud"), said("true", "quiet"), passed_on("r1", "elder0", "true"), *crowd])
    assert [row.id for row in rows] == ["true", "bait"]
    assert (rows[1].people, rows[1].people_with_standing, rows[1].uptake) == (200, 0, 0)


def test_circles_are_those_who_took_it_up_and_do_not_otherwise_recognise_one_another():
    takers = [passed_on(f"r{n}", f"u{n}", "true") for n in range(5)]
    between = [said("other", "u0"), passed_on("x1", "u1", "other"), said("more", "u3"), passed_on("x2", "u4", "more")]
    row = next(row for row in ranked([said("true", "quiet"), *takers, *between], FACE_VALUE) if row.id == "true")
    assert (row.people, row.circles) == (5, 3)


def test_an_account_is_small_that_at_most_five_people_recognised():
    known = [said("known", "u0"), *(passed_on(f"k{n}", f"v{n}", "known") for n in range(6))]
    takers = [passed_on("r0", "u0", "true"), passed_on("r1", "u1", "true")]
    row = next(row for row in ranked([said("true", "quiet"), *takers, *known], FACE_VALUE) if row.id == "true")
    assert row.small_share == 0.5


def test_who_asked_not_to_be_indexed_is_nobodys_author():
    declined = Activity(type="account", actor="quiet", published=NOW, consent=False)
    assert ranked([said("true", "quiet"), passed_on("r1", "elder0", "true"), liked("l", "u1", "true"), declined]) == []


def test_the_text_of_what_was_not_public_to_all_is_not_shown():
    hidden = said("true", "quiet", visibility="unlisted")
    (row,) = ranked([hidden, passed_on("r1", "elder0", "true")])
    assert (row.id, row.text) == ("true", None)


def test_evidence_that_was_disputed_with_success_is_left_out():
    records = [said("true", "quiet"), passed_on("r1", "elder0", "true")]
    contested = Contested(account="quiet", topic="rockets", by="elder0")
    assert ranked(records, contested=[contested]) == []


def test_backers_are_those_of_the_root_who_stand_behind():
    one = ranked([said("true", "quiet"), passed_on("r1", "elder0", "true")])[0]
    all_six = ranked([said("true", "quiet"), *(passed_on(f"r{n}", f"elder{n}", "true") for n in range(6))])[0]
    assert 0 < one.backers < all_six.backers < 6
    assert ranked([said("true", "quiet"), passed_on("r1", "elder0", "true")], FACE_VALUE)[0].backers is None


def test_without_a_root_nothing_is_taken_up_by_anybody_who_counts():
    none = TrustRoot(kind="none")
    (row,) = ranked([said("true", "quiet"), passed_on("r1", "elder0", "true")], none)
    assert (row.people, row.uptake) == (1, 0)


def test_an_authors_own_vouches_give_nobody_a_say_about_the_first_messages():
    vouched = [said("old", "quiet"), passed_on("r1", "elder0", "old"), said("theirs", "friend")]
    acts = [passed_on("r2", "quiet", "theirs"), said("true", "quiet"), passed_on("r3", "friend", "true")]
    row = next(row for row in ranked([*vouched, *acts]) if row.id == "true")
    assert (row.standing, row.people, row.people_with_standing, row.uptake) == ("exact", 1, 0, 0)


def test_rows_behind_the_first_are_weighed_by_the_shared_flow():
    many = [said(f"m{n}", f"u{n}") for n in range(130)]
    passed = [passed_on(f"p{n}", "elder0", f"m{n}", days_ago=1 + n // 20) for n in range(130)]
    rows = ranked([*many, *passed])
    assert [row.standing for row in rows] == ["exact"] * 100 + ["shared"] * 30
    assert [row.uptake for row in rows] == sorted((row.uptake for row in rows), reverse=True)


def test_where_everybody_is_trusted_all_rows_are_exact():
    many = [said(f"m{n}", f"u{n}") for n in range(30)]
    rows = ranked([*many, *(passed_on(f"p{n}", "v", f"m{n}") for n in range(30))], FACE_VALUE)
    assert {row.standing for row in rows} == {"exact"}
