"""What a question names and no record does: said among the gaps, and nobody is shown who declined."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from candor.scoring.activity import Activity
from candor.scoring.gaps import add_absent_gaps
from candor.scoring.method import load_method
from candor.scoring.question import Question
from candor.scoring.record_columns import build_columns
from candor.scoring.score import score
from candor.scoring.topics import Topic
from candor.scoring.trust_root import FACE_VALUE, RootAccount, TrustRoot
from service.words import words

AT = datetime(2026, 10, 1, tzinfo=UTC)
BEER, TEA = (Topic(id=name, label=name, terms=(name,)) for name in ("beer", "tea"))
RECORDS = (
    Activity(id="1", type="note", actor="anna", published=AT, content="beer"),
    Activity(id="2", type="note", actor="kim", published=AT, content="beer"),
    Activity(id="a", type="account", actor="annne", published=AT, consent=False, name="Anne Low"),
    Activity(id="b", type="account", actor="u7", published=AT, name="Ned Farrow"),
)


def told(*accounts: str, trusted: tuple[str, ...] = (), topics: tuple[Topic, ...] = (BEER,)) -> Question:
    """Return a question about the records, with what is said of it."""
    root = TrustRoot(kind="accounts", accounts=tuple(RootAccount(account=each) for each in trusted))
    asked: dict[str, Any] = {"network": "custom:demo", "profile": "forum", "as_of": datetime(2026, 11, 1, tzinfo=UTC)}
    question = Question(accounts=accounts, topics=topics, trust_root=root if trusted else FACE_VALUE, **asked)
    return add_absent_gaps(question, build_columns(RECORDS, question))


def test_trusted_accounts_that_no_record_names_are_counted_and_named() -> None:
    (said,) = told("anna", trusted=("kim", "nobody")).gaps
    assert said.startswith('trusted accounts that no record names, 1 of 2: "nobody"; they still count')


def test_a_blank_around_the_name_of_a_trusted_account_is_told() -> None:
    said = told("anna", trusted=("kim ", "anna")).gaps
    assert said[1] == 'names are compared as they are written, and a blank begins or ends these: "kim "'


def test_of_many_missing_trusted_accounts_three_are_named() -> None:
    (said,) = told("anna", trusted=tuple("abcde")).gaps
    assert '5 of 5: "a", "b", "c", …;' in said


def test_an_account_in_no_record_is_told_with_those_written_much_like_it_but_nobody_who_declined() -> None:
    assert told("annna", "kim").gaps_of == {
        "annna": ('no record that was read names this account; written much like it: "anna"',)
    }


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("ned farrow", '; it is the name of "u7"'),
        ("Néd  Farrow", '; it is the name of "u7"'),
        ("ÀNNA", '; written much like it: "anna"'),
        ("Anne Low", ""),
    ],
)
def test_a_name_in_place_of_an_account_is_told_with_whose_it_is_but_nobody_who_declined(asked: str, meant: str) -> None:
    assert told(asked).gaps_of == {asked: (f"no record that was read names this account{meant}",)}


def test_a_topic_that_no_record_is_on_is_told_of_its_score_alone() -> None:
    question = told("anna", topics=(BEER, TEA))
    beer, tea = score(list(RECORDS), question, load_method())
    assert (beer.inputs.gaps, tea.inputs.gaps) == ((), ("no record that was read is on this topic",))


def test_nothing_is_told_where_every_name_is_in_the_records() -> None:
    question = told("anna", "kim", trusted=("kim",))
    assert (question.gaps, question.gaps_of, question.gaps_on) == ((), {}, {})


@pytest.mark.parametrize("trusted", [("kim ", "nobody")])
def test_what_is_told_is_said_in_french(trusted: tuple[str, ...]) -> None:
    question = told("annna", trusted=trusted, topics=(TEA,))
    said = question.gaps_about("annna", "tea")
    assert len(said) == 4
    assert [sentence for sentence in said if words("fr").translate(sentence) == sentence] == []
