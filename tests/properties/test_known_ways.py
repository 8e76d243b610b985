"""Ways to rise alone, or to lower another, that a plainer reading of the method leaves open: each is closed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from candor.scoring.activity import Activity
from candor.scoring.question import Question
from candor.scoring.score import score
from candor.scoring.topics import Topic
from candor.scoring.trust_root import RootAccount, TrustRoot
from properties.asking import METHOD
from properties.worlds import AS_OF

if TYPE_CHECKING:
    from candor.scoring.document import ScoreDocument

ROOT = TrustRoot(kind="accounts", accounts=tuple(RootAccount(account=account) for account in ("u", "v", "w", "z")))
WORDS = "the second stage of every rocket falls back into the wide sea"


def act(identifier: str, actor: str, kind: Any, days: float, **fields: Any) -> Activity:
    """A record so many days old, tagged with the topic unless it says otherwise."""
    fields = {"tags": ("x",)} | fields
    return Activity(id=identifier, actor=actor, type=kind, published=AS_OF - timedelta(days=days), **fields)


def scored(*world: Activity, granted_rights: bool = False) -> ScoreDocument:
    question = Question(
        network="custom:ways",
        accounts=("u",),
        topics=(Topic(id="tag:x", label="x"),),
        trust_root=ROOT,
        as_of=AS_OF,
        profile="forum",
        granted_rights=granted_rights,
    )
    (document,) = score(world, question, METHOD)
    return document


def counts_on_topic(*world: Activity) -> float:
    return scored(*world).expertise.totals.on_topic


def test_a_post_slipped_between_two_acts_of_another_is_no_consultation() -> None:
    world = (
        act("q", "z", "question", 40),
        act("call", "w", "mention", 30, object="q", target_actor="u"),
        act("again", "w", "reply", 10, object="q"),
    )
    assert counts_on_topic(*world, act("slipped in", "u", "answer", 20, object="q")) == 0


def test_a_post_called_for_and_taken_up_is_a_consultation() -> None:
    world = (
        act("q", "z", "question", 40),
        act("call", "w", "mention", 30, object="q", target_actor="u"),
        act("called for", "u", "note", 20, object="q"),
        act("taken up", "w", "reply", 10, object="called for"),
    )
    (voice,) = (v for v in scored(*world).expertise.evidence if v.scope == "on_topic")
    assert [a.kind for a in voice.acts] == ["consulted"]


def test_an_earlier_copy_of_what_one_praised_does_not_unsay_the_praise() -> None:
    world = (
        act("mine", "u", "answer", 40),
        act("for me", "w", "accept", 30, object="mine"),
        act("theirs", "w", "answer", 40, content=WORDS),
        act("for them", "u", "accept", 30, object="theirs"),
    )
    assert counts_on_topic(*world, act("first", "u", "note", 50, content=WORDS)) <= counts_on_topic(*world)


def test_an_earlier_copy_of_another_does_not_make_a_friend_prominent() -> None:
    world = (
        act("list", "w", "list", 30, target_actor="u"),
        act("w's", "w", "answer", 40),
        act("z for w", "z", "accept", 30, object="w's"),
        act("z's", "z", "answer", 40, content=WORDS),
        act("w for z", "w", "accept", 30, object="z's"),
    )
    assert counts_on_topic(*world, act("first", "u", "note", 50, content=WORDS)) <= counts_on_topic(*world)


def test_an_earlier_copy_of_ones_own_text_does_not_hide_help_elsewhere() -> None:
    world = (
        act("here", "u", "answer", 40),
        act("taken here", "w", "accept", 30, object="here"),
        act("elsewhere", "u", "answer", 40, content=WORDS, tags=("y",)),
        act("taken elsewhere", "v", "accept", 30, object="elsewhere", tags=None),
    )
    before, after = (scored(*world, *more) for more in ((), (act("first", "u", "note", 50, content=WORDS, tags=()),)))
    assert after.expertise.totals.all_topics == pytest.approx(before.expertise.totals.all_topics)


def test_a_fresh_reshare_does_not_displace_an_older_thanks() -> None:
    world = (
        act("q", "w", "question", 1700),
        act("a", "u", "answer", 1690, object="q"),
        act("thanks", "w", "reply", 1680, object="a"),
        act("w's", "w", "answer", 40),
        act("u for w", "u", "accept", 30, object="w's"),
    )
    assert counts_on_topic(*world, act("reshare", "w", "reshare", 1, object="a")) >= counts_on_topic(*world)


def test_an_answer_record_of_a_stranger_does_not_take_replies_their_standing_as_answers() -> None:
    world = (
        act("q", "w", "question", 40),
        act("a", "u", "reply", 30, object="q"),
        act("thanks", "w", "reply", 20, object="a"),
    )
    assert counts_on_topic(*world) > 0
    assert counts_on_topic(*world, act("s", "stranger", "answer", 35, object="q")) == counts_on_topic(*world)


def test_a_report_of_ones_own_change_settles_nobody_elses_problem() -> None:
    world = (act("change", "u", "note", 40), act("taking", "w", "accept", 30, object="change"))
    mine = act("report", "u", "report", 30, object="change")
    before, after = (scored(*world, *more, granted_rights=True) for more in ((), (mine,)))
    assert after.expertise.totals.on_topic == before.expertise.totals.on_topic


def test_a_ring_of_references_is_one_thread() -> None:
    ring = (
        act("r1", "z", "note", 60, object="r2"),
        act("r2", "z", "note", 60, object="r3"),
        act("r3", "z", "note", 60, object="r1"),
        act("call", "w", "mention", 30, object="r1", target_actor="u"),
        act("called for", "u", "note", 20, object="r2"),
        act("taken up", "w", "reply", 10, object="called for"),
    )
    assert counts_on_topic(*ring) > 0
