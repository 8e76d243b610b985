"""Small worlds in which a reader saw that the number was wrong, each with what it says now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from candor.scoring.activity import Activity
from candor.scoring.board import make_board
from candor.scoring.explain import REPLIES_ONLY
from candor.scoring.method import load_method
from candor.scoring.question import Question
from candor.scoring.score import score
from candor.scoring.topics import Topic
from candor.scoring.trust_root import FACE_VALUE, RootAccount, TrustRoot
from candor.scoring.world import build_world
from service.words import words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from candor.scoring.document import ScoreDocument

METHOD = load_method()
AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
RADIOS = Topic(id="radios", label="Radios", terms=("antenna", "transmitter"), hashtags=("radio",))
TRUSTED = tuple(f"trusted{i}" for i in range(8))
ROOT = TrustRoot(kind="accounts", accounts=tuple(RootAccount(account=name) for name in TRUSTED))


class Days:
    """Writes records, each some days before the score."""

    def __init__(self) -> None:
        self.records: list[Activity] = []

    def write(self, kind: Any, actor: str, days: float, of: str | None = None, **more: Any) -> str:
        name = f"r{len(self.records)}"
        at = AS_OF - timedelta(days=days)
        self.records.append(Activity(id=name, type=kind, actor=actor, object=of, published=at, **more))
        return name

    def helped(self, asker: str, helper: str, days: float, tags: tuple[str, ...] = ("radio",)) -> None:
        """Somebody asks, is answered and accepts."""
        answer = self.write("answer", helper, days - 0.1, self.write("question", asker, days, tags=tags))
        self.write("accept", asker, days - 0.2, answer)


def asked(*accounts: str, **more: Any) -> Question:
    given = {"network": "custom:club", "profile": "forum", "trust_root": ROOT, "as_of": AS_OF} | more
    return Question(accounts=accounts, topics=(RADIOS,), **given)


def scored(days: Days, *accounts: str, **more: Any) -> dict[str, ScoreDocument]:
    documents = score(days.records, asked(*accounts, **more), METHOD)
    return {document.account.account: document for document in documents}


def ranked(days: Days, **more: Any) -> list[tuple[str, float | None]]:
    board = make_board(build_world(days.records, asked(**more), METHOD), 0)
    return [(row.account, row.expertise.score) for row in board.rows(0, len(board))]


def reviewed_alone(days: Days, author: str, reviewers: Iterable[str], day: float, value: float | None = 1.0) -> None:
    """Somebody commits a change of their own; that others reviewed it is written down with it."""
    change = days.write("note", author, day, tags=("radio",))
    for reviewer in reviewers:
        days.write("review", reviewer, day, change, tags=("radio",), value=value)


def test_who_commits_alone_is_recognised_by_those_who_approved_the_changes() -> None:
    days = Days()
    for day in range(6):
        reviewed_alone(days, "maintainer", TRUSTED, 10 + day)
    expertise = scored(days, "maintainer", granted_rights=True)["maintainer"].expertise
    assert expertise.status == "ok"
    assert {act.kind for voice in expertise.evidence for act in voice.acts} == {"approved"}
    assert (expertise.score or 0.0) > 20


def test_who_reviews_what_others_commit_alone_is_recognised_by_them() -> None:
    days = Days()
    for day, author in enumerate(TRUSTED):
        reviewed_alone(days, author, ["reviewer"], 10 + day)
    expertise = scored(days, "reviewer", granted_rights=True)["reviewer"].expertise
    assert expertise.status == "ok"
    assert {act.kind for voice in expertise.evidence for act in voice.acts} == {"reviewed"}


@pytest.mark.parametrize("value", [None, 0.0, -1.0])
def test_a_review_that_approves_nothing_recognises_no_author(value: float | None) -> None:
    days = Days()
    reviewed_alone(days, "maintainer", TRUSTED, 10, value=value)
    assert scored(days, "maintainer", granted_rights=True)["maintainer"].expertise.people == 0


def test_a_review_written_down_later_says_nothing_of_a_change_taken_before() -> None:
    days = Days()
    change = days.write("note", "maintainer", 10, tags=("radio",))
    days.write("review", TRUSTED[0], 9, change, value=1.0)
    assert scored(days, "maintainer", granted_rights=True)["maintainer"].expertise.people == 0


def test_where_nobody_says_who_may_merge_an_approval_recognises_nobody() -> None:
    days = Days()
    reviewed_alone(days, "maintainer", TRUSTED, 10)
    assert scored(days, "maintainer")["maintainer"].expertise.people == 0


def test_a_topic_is_inherited_by_what_answers_it_and_not_by_what_comes_after_in_the_thread() -> None:
    days = Days()
    question = days.write("question", "asker", 30, content="which antenna for a balcony")
    aside = days.write("reply", "wit", 29, question, content="a rusty one")
    recipe = days.write("reply", "cook", 28, aside, content="my bread needs no knife")
    dough = days.write("question", "hungry", 27, recipe, content="how long does the dough rest")
    baked = days.write("reply", "baker", 26, dough, content="a night long")
    for name in TRUSTED:
        days.write("accept", name, 25, baked)
        days.write("accept", name, 25, aside)
    found = scored(days, "baker", "wit")
    assert (found["baker"].expertise.status, found["baker"].expertise.people) == ("not_enough_evidence", 0)
    assert {*TRUSTED} < {voice.by for voice in found["wit"].expertise.evidence}


def test_who_states_other_tags_answers_off_the_topic() -> None:
    days = Days()
    question = days.write("question", "asker", 30, tags=("radio",))
    elsewhere = days.write("answer", "helper", 29, question, tags=("bread",))
    days.write("accept", TRUSTED[0], 28, elsewhere)
    assert scored(days, "helper")["helper"].expertise.people == 0


def test_an_accept_has_its_topic_from_the_answer_and_that_from_the_question() -> None:
    days = Days()
    days.helped(TRUSTED[0], "helper", 30)
    assert scored(days, "helper")["helper"].expertise.people == 1


@pytest.mark.parametrize("people", [1, 3])
def test_little_evidence_gives_a_rough_number_and_not_silence(people: int) -> None:
    days = Days()
    for name in TRUSTED[:people]:
        days.helped(name, "helper", 30)
    for root in (ROOT, FACE_VALUE):
        expertise = scored(days, "helper", trust_root=root)["helper"].expertise
        assert expertise.score is not None
        assert expertise.interval is not None
        assert expertise.little_evidence
        assert expertise.interval.high - expertise.interval.low > expertise.score


def test_only_no_evidence_gives_no_number() -> None:
    days = Days()
    days.write("answer", "helper", 29, days.write("question", TRUSTED[0], 30, tags=("radio",)))
    expertise = scored(days, "helper")["helper"].expertise
    assert (expertise.status, expertise.score) == ("not_enough_evidence", None)


def test_help_of_people_whom_nobody_trusted_is_unverified_and_says_what_a_number_takes() -> None:
    days = Days()
    days.helped("stranger", "helper", 30)
    expertise = scored(days, "helper")["helper"].expertise
    assert (expertise.status, expertise.score) == ("unverified", None)
    assert "somebody you trust" in str(expertise.needs)


def test_a_specialist_stands_above_a_generalist_who_helped_somewhat_more_here_and_much_more_elsewhere() -> None:
    days = Days()
    for number, name in enumerate(TRUSTED):
        for _ in range(3):
            days.helped(name, "generalist", 40 + number)
            for elsewhere in ("bread", "chess", "birds", "boats"):
                days.helped(name, "generalist", 40 + number, tags=(elsewhere,))
        for _ in range(2):
            days.helped(name, "specialist", 40 + number)
    found = scored(days, "generalist", "specialist")
    assert found["generalist"].expertise.totals.on_topic > found["specialist"].expertise.totals.on_topic
    assert (found["specialist"].expertise.score or 0) > (found["generalist"].expertise.score or 0)


def test_people_stand_in_the_order_of_the_numbers_shown() -> None:
    days = Days()
    for number, name in enumerate(TRUSTED):
        days.helped(name, "steady", 30 + number)
    for number in range(40):
        days.helped(TRUSTED[0], "favourite", 30 + number)
    days.helped("stranger", "unknown", 9)
    rows = ranked(days)
    numbers = [score for _, score in rows if score is not None]
    assert numbers == sorted(numbers, reverse=True)
    assert [score for _, score in rows[len(numbers) :]] == [None] * (len(rows) - len(numbers))


def test_a_root_of_one_gives_numbers_on_the_same_scale_marked_as_resting_on_so_few() -> None:
    days = Days()
    for number in range(8):
        for asker in range(10):
            days.helped(f"asker{number}", "expert", 30 + asker)
        days.helped(f"asker{number}", TRUSTED[0], 200 + number)
    for asker in range(8):
        days.write("answer", TRUSTED[0], 100, days.write("question", f"asker{asker}", 101))
    one = TrustRoot(kind="accounts", accounts=(RootAccount(account=TRUSTED[0]),))
    alone, everybody = (scored(days, "expert", trust_root=root)["expert"].expertise for root in (one, FACE_VALUE))
    assert alone.little_evidence
    assert (alone.score or 0) > 0.5 * (everybody.score or 0)


@pytest.mark.parametrize(("accepts", "says"), [(0, True), (4, False)])
def test_a_score_that_rests_on_replies_says_so_and_a_board_of_replies_does(accepts: int, says: bool) -> None:
    days = Days()
    answers = [
        days.write("answer", "troll", 29 - n, days.write("question", f"asker{n}", 30 - n, tags=("radio",)))
        for n in range(20)
    ]
    for n, answer in enumerate(answers):
        days.write("reply", TRUSTED[n % len(TRUSTED)], 5, answer)
    for n in range(accepts):
        days.write("accept", f"asker{n}", 4, answers[n])
    made = scored(days, "troll", trust_root=FACE_VALUE)["troll"]
    assert made.expertise.score is not None
    assert (REPLIES_ONLY in made.inputs.gaps) is says
    assert make_board(build_world(days.records, asked(), METHOD), 0).on_replies is says
    assert words("fr").translate(REPLIES_ONLY) != REPLIES_ONLY
