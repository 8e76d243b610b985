"""Posts that repeat earlier texts earn nothing, and the score of who wrote them says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from candor.scoring.activity import Activity
from candor.scoring.method import load_method
from candor.scoring.question import Question
from candor.scoring.score import score
from candor.scoring.topics import Topic
from candor.scoring.trust_root import FACE_VALUE, RootAccount, TrustRoot
from service.words import words

AT = datetime(2026, 10, 1, tzinfo=UTC)
ADVICE = (
    "a rye bread rises slowly: feed the starter twice, keep it warm over night, and fold the dough three times before "
    "it goes into the oven, which has to be as hot as it gets"
)
ASKER = TrustRoot(kind="accounts", accounts=(RootAccount(account="sven"), RootAccount(account="ada")))


def records(second: str) -> list[Activity]:
    """Two people answer, one after the other, and both answers are accepted."""
    said = [("q1", "question", "sven", None, "how does bread rise?"), ("q2", "question", "sven", None, "and bread?")]
    said += [("a1", "answer", "ada", "q1", ADVICE), ("a2", "answer", "omar", "q2", second)]
    said += [("c1", "accept", "sven", "a1", None), ("c2", "accept", "sven", "a2", None)]
    return [
        Activity(id=record_id, type=kind, actor=by, object=on, content=text, published=AT + timedelta(hours=hour))
        for hour, (record_id, kind, by, on, text) in enumerate(said)
    ]


@pytest.mark.parametrize(
    ("account", "second", "posts"), [("omar", ADVICE, 1), ("omar", "bread needs time", 0), ("ada", ADVICE, 0)]
)
@pytest.mark.parametrize("root", [ASKER, FACE_VALUE])
def test_posts_that_repeat_earlier_ones_are_counted_on_the_score(
    account: str, second: str, posts: int, root: TrustRoot
) -> None:
    question = Question(
        network="custom:demo",
        profile="qa",
        accounts=(account,),
        topics=(Topic(id="bread", label="Bread", terms=("bread",)),),
        as_of=AT + timedelta(days=1),
        trust_root=root,
    )
    (document,) = score(records(second), question, load_method())
    told = (
        f"posts that others took up and that earn nothing, as they repeat earlier texts nearly word for word: {posts}"
    )
    assert document.inputs.gaps == ((told,) if posts else ())
    assert document.expertise.people == (0 if posts else 1)
    if posts:
        (reason,) = document.expertise.reasons.down
        assert reason.endswith(f"as its posts there repeat earlier texts nearly word for word: {posts}")
        assert words("fr").translate(reason).startswith("aucune utilisation de l'aide de ce compte")
    assert words("fr").translate(told).endswith(f"des textes antérieurs\xa0: {posts}")


def test_a_repeated_post_that_nobody_took_up_is_not_counted() -> None:
    said = records(ADVICE)
    again = Activity(
        id="a3", type="answer", actor="omar", object="q2", content=ADVICE, published=AT + timedelta(hours=9)
    )
    question = Question(
        network="custom:demo",
        profile="qa",
        accounts=("omar",),
        topics=(Topic(id="bread", label="Bread", terms=("bread",)),),
        as_of=AT + timedelta(days=1),
        trust_root=FACE_VALUE,
    )
    (document,) = score([*said, again], question, load_method())
    (told,) = document.inputs.gaps
    assert told.endswith("nearly word for word: 1")


def test_under_everyone_equally_nobody_is_called_trusted() -> None:
    question = Question(
        network="custom:demo",
        profile="qa",
        accounts=("lena",),
        topics=(Topic(id="bread", label="Bread", terms=("bread",)),),
        as_of=AT + timedelta(days=1),
        trust_root=FACE_VALUE,
    )
    (document,) = score(records(ADVICE), question, load_method())
    assert document.expertise.reasons.down == ("nobody used this account's help on this topic",)
