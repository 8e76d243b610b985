"""Whose acts vouch for whom: an answer for who asked, a review for whose change it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from candor.scoring.activity import Activity
from candor.scoring.method import load_method
from candor.scoring.question import Question
from candor.scoring.topics import Topic
from candor.scoring.trust_root import RootAccount, TrustRoot
from candor.scoring.vouches import vouches_in

AS_OF = datetime(2026, 1, 1, tzinfo=UTC)
QUESTION = Question(
    network="custom:ways",
    accounts=("u",),
    topics=(Topic(id="tag:x", label="x"),),
    trust_root=TrustRoot(kind="accounts", accounts=(RootAccount(account="w"),)),
    as_of=AS_OF,
    profile="forum",
)


def act(identifier: str, actor: str, kind: Any, days: float, **fields: Any) -> Activity:
    """A record so many days old, on the topic."""
    return Activity(
        id=identifier, actor=actor, type=kind, published=AS_OF - timedelta(days=days), **{"tags": ("x",)} | fields
    )


def pairs(*records: Activity) -> set[tuple[str, str]]:
    return {(vouch.voucher, vouch.vouched) for vouch in vouches_in(records, QUESTION, load_method())}


def test_who_answers_a_question_vouches_for_who_asked() -> None:
    asked, answered = act("q", "ann", "question", 9), act("a", "bo", "answer", 8, object="q")
    assert pairs(asked, answered) == {("bo", "ann")}


def test_who_reviews_a_change_vouches_for_its_author() -> None:
    assert pairs(act("c", "ann", "note", 9), act("r", "bo", "review", 8, object="c")) == {("bo", "ann")}


def test_a_reply_vouches_for_who_asked_and_not_for_who_wrote_a_note() -> None:
    replies = (act("r1", "bo", "reply", 8, object="q"), act("r2", "bo", "reply", 8, object="n"))
    assert pairs(act("q", "ann", "question", 9), act("n", "cy", "note", 9), *replies) == {("bo", "ann")}
