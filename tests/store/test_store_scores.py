"""Stored scores: the bytes that are served, kept once, and the newest of each account."""

from __future__ import annotations

import contextlib
import random
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
import pytest

from candor.scoring.activity import Activity
from candor.scoring.document import ScoreDocument, encode
from candor.scoring.method import load_method
from candor.scoring.question import Question
from candor.scoring.redaction import DataSubject
from candor.scoring.score import score
from candor.scoring.seals import brief
from candor.scoring.topics import Topic
from candor.scoring.trust_root import FACE_VALUE
from candor.store import redis_keys
from candor.store.client import DamagedValueError

if TYPE_CHECKING:
    from candor.store import Store

KEPT_S = {"documents": 90 * 86_400, "evidence": 30 * 86_400}


def scored(as_of: datetime, account: str = "expert", thanks: int = 30) -> ScoreDocument:
    """A document of an account whom `thanks` people thanked."""
    activities = [activity for number in range(thanks) for activity in thread(number)]
    question = Question(
        network="custom:demo",
        accounts=(account,),
        topics=(Topic(id="rockets", label="Rockets", terms=("rocket",)),),
        trust_root=FACE_VALUE,
        as_of=as_of,
        profile="forum",
    )
    return next(score(activities, question, load_method()))


def thread(number: int) -> list[Activity]:
    """A question about rockets, the expert's answer, and thanks for it."""
    at, asker = datetime(2026, 5, 1, number % 24, tzinfo=UTC), f"u{number}"
    return [
        Activity(type="question", id=f"q{number}", actor=asker, published=at, content=f"A rocket {number}?"),
        Activity(
            type="answer", id=f"a{number}", actor="expert", published=at, object=f"q{number}", content="A rocket."
        ),
        Activity(type="accept", id=f"t{number}", actor=asker, published=at, object=f"a{number}"),
    ]


@pytest.fixture(scope="module")
def document() -> ScoreDocument:
    """The expert, as of June."""
    return scored(datetime(2026, 6, 1, tzinfo=UTC))


def test_the_brief_document_is_served_byte_for_byte(store: Store, document: ScoreDocument) -> None:
    store.scores.put("local", document)
    assert store.scores.get("local", document.id).body == encode(brief(document))


def test_the_evidence_is_the_whole_document(store: Store, document: ScoreDocument) -> None:
    store.scores.put("local", document)
    assert store.scores.evidence("local", document.id).body == encode(document)


def test_the_brief_document_is_the_shorter_one(store: Store, document: ScoreDocument) -> None:
    store.scores.put("local", document)
    stored, whole = store.scores.get("local", document.id), store.scores.evidence("local", document.id)
    assert len(stored.body) < len(whole.body)
    assert stored.etag != whole.etag


def test_another_owners_score_is_not_there(store: Store, document: ScoreDocument) -> None:
    store.scores.put("a", document)
    assert store.scores.get("b", document.id) is None
    assert store.scores.evidence("b", document.id) is None
    assert store.scores.newest("b", "custom:demo", "expert") == []


def test_writing_a_document_twice_changes_nothing(store: Store, document: ScoreDocument) -> None:
    store.scores.put("local", document)
    before = store.scores.get("local", document.id)
    store.scores.put("local", msgspec.structs.replace(document, intended_use="something else"))
    assert store.scores.get("local", document.id) == before


def test_evidence_lives_shorter_than_the_document(store: Store, document: ScoreDocument) -> None:
    store.scores.put("local", document)
    lives = {
        kind: store.redis.ttl(f"candor:{key}:local:{document.id}")
        for kind, key in (("documents", "score"), ("evidence", "evidence"))
    }
    assert lives == pytest.approx(KEPT_S, abs=60)


def test_the_newest_score_of_an_account_is_listed_with_its_contributions(store: Store, document: ScoreDocument) -> None:
    store.scores.put("local", document)
    (row,) = store.scores.newest("local", "custom:demo", "expert")
    assert (row.score_id, row.topic, row.expertise.score) == (document.id, "rockets", document.expertise.score)
    assert sum(row.interest.contributions.values()) == pytest.approx(document.interest.score or 0)


@pytest.mark.parametrize("turn", [1, -1])
def test_an_older_score_never_displaces_a_newer_one(store: Store, turn: int) -> None:
    times = [datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 6, 1, 0, 0, 0, 500_000, tzinfo=UTC)]
    older, newer = (scored(time, thanks=1) for time in times)
    for made in (older, newer)[::turn]:
        store.scores.put("local", made)
    assert [row.score_id for row in store.scores.newest("local", "custom:demo", "expert")] == [newer.id]


def test_a_score_whose_document_is_gone_is_not_listed(store: Store, document: ScoreDocument) -> None:
    store.scores.put("local", document)
    store.redis.delete(f"candor:score:local:{document.id}")
    assert store.scores.newest("local", "custom:demo", "expert") == []


def flip(store: Store, key: str, bit: int) -> None:
    body = bytearray(store.redis.hget(key, "body"))
    body[bit // 8] ^= 1 << bit % 8
    store.redis.hset(key, "body", bytes(body))


def test_of_two_hundred_flipped_bits_none_makes_another_document(store: Store, document: ScoreDocument) -> None:
    store.scores.put("o", document)
    key, whole = redis_keys.score("o", document.id), encode(brief(document))
    size = 8 * len(store.redis.hget(key, "body"))
    for bit in random.Random(15).sample(range(size), 200):
        flip(store, key, bit)
        with contextlib.suppress(DamagedValueError):
            assert store.scores.get("o", document.id).body == whole
        flip(store, key, bit)
    assert store.scores.get("o", document.id).body == whole


def test_a_damaged_document_goes_with_whoever_is_erased_next(store: Store, document: ScoreDocument) -> None:
    store.scores.put("o", document)
    flip(store, redis_keys.score("o", document.id), 99)
    somebody = DataSubject(network=document.account.network, names=("somebody else",))
    assert list(store.scores.kept_of(somebody, None)) == []
    store.scores.erase(somebody, None)
    assert store.scores.get("o", document.id) is None
