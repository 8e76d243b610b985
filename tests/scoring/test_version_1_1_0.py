"""What 1.1.0 changes: answers vouch, and trust takes time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from candor.scoring.activity import Activity
from candor.scoring.method import load_method
from candor.scoring.question import Question
from candor.scoring.score import score
from candor.scoring.topics import Topic
from candor.scoring.trust_root import RootAccount, TrustRoot
from candor.scoring.vouches import vouches_in

if TYPE_CHECKING:
    from candor.scoring.document import ScoreDocument

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


def pairs(*records: Activity, version: str = "1.1.0") -> set[tuple[str, str]]:
    return {(vouch.voucher, vouch.vouched) for vouch in vouches_in(records, QUESTION, load_method(version))}


def accepted(count: int, days: float, prefix: str = "a") -> list[Activity]:
    """So many answers of u that w accepts, on one day."""
    answers = [act(f"{prefix}{i}", "u", "answer", days + 1) for i in range(count)]
    return [*answers, *(act(f"accept {prefix}{i}", "w", "accept", days, object=f"{prefix}{i}") for i in range(count))]


def scored(*records: Activity, version: str = "1.1.0") -> ScoreDocument:
    (document,) = score(records, QUESTION, load_method(version))
    return document


def voice(*records: Activity) -> float:
    (only,) = (each for each in scored(*records).expertise.evidence if each.scope == "on_topic")
    return only.voice


def test_who_answers_a_question_vouches_for_who_asked() -> None:
    asked, answered = act("q", "ann", "question", 9), act("a", "bo", "answer", 8, object="q")
    assert pairs(asked, answered) == {("bo", "ann")}
    assert pairs(asked, answered, version="1.0.0") == set()


def test_who_reviews_a_change_vouches_for_its_author() -> None:
    assert pairs(act("c", "ann", "note", 9), act("r", "bo", "review", 8, object="c")) == {("bo", "ann")}


def test_a_reply_vouches_for_who_asked_and_not_for_who_wrote_a_note() -> None:
    replies = (act("r1", "bo", "reply", 8, object="q"), act("r2", "bo", "reply", 8, object="n"))
    assert pairs(act("q", "ann", "question", 9), act("n", "cy", "note", 9), *replies) == {("bo", "ann")}


def test_many_favours_in_a_rush_count_as_one_and_a_half() -> None:
    assert voice(*accepted(20, 3)) == pytest.approx(3 * 1.5 / (1.5 + 2))


def test_many_favours_count_in_full_once_there_was_one_half_a_year_before() -> None:
    assert voice(*accepted(20, 3), *accepted(1, 183, "old")) > 2.7


def test_a_single_fresh_accept_is_worth_what_it_was() -> None:
    assert voice(*accepted(1, 0.001)) == pytest.approx(1.0, abs=1e-5)


def test_a_score_says_what_corrupt_people_could_add_in_a_rush() -> None:
    unknown = act("n", "u", "note", 3)
    robustness = scored(unknown).robustness
    assert robustness.points_in_a_rush is not None
    assert robustness.points_in_a_rush["5"] <= 30 < robustness.points_per_corrupt_standing["5"]
    assert scored(unknown, version="1.0.0").robustness.points_in_a_rush is None
