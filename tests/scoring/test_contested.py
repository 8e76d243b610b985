"""Evidence left out after a dispute: as if it had never been seen, in that one score, and the document says so."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
import pytest
from msgspec.structs import replace

from candor.scoring.activity import Activity
from candor.scoring.document import ScoreDocument, encode
from candor.scoring.method import load_method
from candor.scoring.question import Contested, Question
from candor.scoring.score import score
from candor.scoring.seals import brief
from candor.scoring.topics import Topic
from candor.scoring.trust_root import FACE_VALUE, RootAccount, TrustRoot
from candor.scoring.verify import examine

if TYPE_CHECKING:
    from collections.abc import Callable

AT = datetime(2026, 5, 1, tzinfo=UTC)
ROOT = TrustRoot(kind="accounts", network="custom:demo", accounts=tuple(RootAccount(account=f"u{n}") for n in range(8)))
TOPICS = (Topic(id="rockets", label="Rockets", terms=("rocket",)), Topic(id="moons", label="Moons", terms=("moon",)))
OURS = Contested(account="expert", topic="rockets", by="u3")


def thread(number: int, answerer: str = "expert") -> list[Activity]:
    """A question on both topics, an answer, and its acceptance."""
    asker, key = f"u{number}", f"{number}{answerer}"
    text = "A rocket to the moon?"
    return [
        Activity(type="question", id=f"q{key}", actor=asker, published=AT, content=text),
        Activity(type="answer", id=f"a{key}", actor=answerer, published=AT, object=f"q{key}", content=f"Yes, {key}."),
        Activity(type="accept", id=f"c{key}", actor=asker, published=AT, object=f"a{key}"),
    ]


RECORDS = [record for n in range(8) for record in (*thread(n), *thread(n, "other"))]
WITHOUT_U3 = [record for record in RECORDS if record.id != "c3expert"]


@pytest.fixture
def documents() -> Callable[..., dict[tuple[str, str], ScoreDocument]]:
    """Scores two people on two topics; documents by account and topic."""

    def make(*contested: Contested, records: list[Activity] = RECORDS, **more: object) -> dict:
        question = Question(
            network="custom:demo",
            accounts=("expert", "other"),
            topics=TOPICS,
            trust_root=more.pop("root", ROOT),
            as_of=datetime(2026, 6, 1, tzinfo=UTC),
            profile="qa",
            contested=contested,
            **more,
        )
        return {(d.account.account, d.topic.id): d for d in score(records, question, load_method())}

    return make


def numbers(document: ScoreDocument) -> object:
    return replace(document.expertise, reasons=None), document.robustness


@pytest.mark.parametrize("root", [ROOT, FACE_VALUE], ids=["declared", "face value"])
def test_the_score_is_as_if_it_had_never_been_seen(documents, root) -> None:
    left_out = documents(OURS, root=root)["expert", "rockets"]
    assert numbers(left_out) == numbers(documents(records=WITHOUT_U3, root=root)["expert", "rockets"])
    assert "u3" not in {voice.by for voice in left_out.expertise.evidence}


def test_every_other_document_stays_byte_for_byte(documents) -> None:
    before, after = documents(), documents(OURS)
    changed = {key for key in before if encode(before[key]) != encode(after[key])}
    assert changed == {("expert", "rockets")}


def test_the_document_says_so_and_has_other_inputs(documents) -> None:
    before, after = documents()["expert", "rockets"], documents(OURS)["expert", "rockets"]
    assert after.inputs.gaps == ("left out after a dispute: 1 act by 1 person",)
    assert after.inputs.digest != before.inputs.digest
    assert after.id != before.id


def test_one_person_who_did_several_things_is_counted_as_one(documents) -> None:
    twice = [
        *RECORDS,
        Activity(type="answer", id="more", actor="expert", published=AT, object="q3expert", content="And no."),
        Activity(type="accept", id="cmore", actor="u3", published=AT, object="more"),
    ]
    after = documents(OURS, records=twice)["expert", "rockets"]
    assert after.inputs.gaps == ("left out after a dispute: 2 acts by 1 person",)


def test_what_is_left_still_verifies(documents) -> None:
    document = documents(OURS)["expert", "rockets"]
    for shown in (document, brief(document)):
        assert examine(msgspec.json.decode(encode(shown))).faults == []


def test_a_single_contribution_can_be_meant(documents) -> None:
    twice = [
        *RECORDS,
        Activity(type="answer", id="more", actor="expert", published=AT, object="q3expert", content="And no."),
        Activity(type="accept", id="cmore", actor="u3", published=AT, object="more"),
    ]
    (voice,) = (
        voice
        for voice in documents(replace(OURS, of="more"), records=twice)["expert", "rockets"].expertise.evidence
        if voice.by == "u3" and voice.scope == "on_topic"
    )
    assert {act.of for act in voice.acts} == {"a3expert"}


def test_several_are_counted(documents) -> None:
    document = documents(OURS, replace(OURS, by="u4"), OURS)["expert", "rockets"]
    assert document.inputs.gaps == ("left out after a dispute: 2 acts by 2 people",)


@pytest.mark.parametrize(
    "contested", [replace(OURS, by="nobody"), replace(OURS, of="nothing"), replace(OURS, by="other")]
)
def test_what_is_not_there_changes_nothing(documents, contested) -> None:
    before, after = documents(), documents(contested)
    assert {key: encode(each) for key, each in after.items()} == {key: encode(each) for key, each in before.items()}


def test_gaps_of_the_source_stay(documents) -> None:
    document = documents(OURS, gaps=("a list could not be read",))["expert", "rockets"]
    assert document.inputs.gaps[0] == "a list could not be read"
    assert len(document.inputs.gaps) == 2
