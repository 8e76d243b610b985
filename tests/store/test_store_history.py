"""History as it is kept: a step for each score, nobody's steps among another's, what changed from one to the next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from candor.scoring.redaction import DataSubject
from candor.scoring.trust_root import TrustRoot
from candor.store import Store, open_store
from candor.store.history import MOST_STEPS, change
from tests.store.test_store_scores import scored

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from candor.scoring.document import ScoreDocument

JUNE, JULY = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
KEY = "candor:history:local:custom%3Ademo:expert:rockets"


@pytest.fixture(scope="module")
def june() -> ScoreDocument:
    """The expert as of June, whom five people thanked."""
    return scored(JUNE, thanks=5)


@pytest.fixture(scope="module")
def july() -> ScoreDocument:
    """The expert as of July, whom thirty people thanked."""
    return scored(JULY)


@pytest.fixture
def steps(store: Store) -> Callable[..., list]:
    """Keeps documents; returns the expert's steps."""

    def keep(*documents: ScoreDocument) -> list:
        for document in documents:
            store.scores.put("local", document)
        return store.history.steps("local", "custom:demo", "expert", "rockets")

    return keep


def test_each_score_is_a_step_by_the_time_it_speaks_of(steps, june, july) -> None:
    assert [step.score_id for step in steps(july, june)] == [june.id, july.id]


def test_a_step_carries_both_numbers_with_their_parts(steps, july) -> None:
    (step,) = steps(july)
    assert step.expertise.score == july.expertise.score
    assert step.interest.score == july.interest.score
    assert step.expertise.contributions == {f.id: f.contribution for f in july.expertise.features}


def test_the_same_score_again_is_the_same_step(steps, june) -> None:
    assert len(steps(june, june)) == 1


def test_of_two_scores_of_one_time_the_later_made_comes_last(steps, june, store) -> None:
    other = scored(JUNE, thanks=6)
    assert [step.score_id for step in steps(other, june)] == [other.id, june.id]
    store.redis.flushall()
    assert [step.score_id for step in steps(june, other)] == [june.id, other.id]


def test_nothing_of_another_owner_network_account_or_topic_is_among_them(store, steps, june) -> None:
    steps(june)
    for place in (
        ("bob", "custom:demo", "expert", "rockets"),
        ("local", "custom:other", "expert", "rockets"),
        ("local", "custom:demo", "u1", "rockets"),
        ("local", "custom:demo", "expert", "hops"),
    ):
        assert store.history.steps(*place) == []


def with_digest(document: ScoreDocument, name: str) -> ScoreDocument:
    """The document as if that part of it were another."""
    part = "trust_root" if name == "root" else name
    return replace(document, id=f"sc_{name}", **{part: replace(getattr(document, part), digest="sha256:0")})


@pytest.mark.parametrize("name", ["inputs", "method", "root", "topic"])
def test_it_is_seen_which_digest_changed(steps, june, name) -> None:
    assert change(*steps(june, with_digest(june, name))).changed == (name,)


def test_more_records_are_other_inputs(steps, june, july) -> None:
    assert change(*steps(june, july)).changed == ("inputs", "acts", "time")


def test_time_alone_changes_no_digest(steps, july) -> None:
    assert change(*steps(scored(JULY - timedelta(days=1)), july)).changed == ("time",)


def test_what_a_step_gained_is_the_sum_of_what_its_features_gained(steps, june, july) -> None:
    gained = change(*steps(june, july)).expertise
    assert gained.score == pytest.approx(july.expertise.score - june.expertise.score, abs=1e-6)
    assert sum(gained.contributions.values()) == pytest.approx(gained.score, abs=1e-6)


def test_without_two_numbers_there_is_no_difference_of_scores(steps, june) -> None:
    nobody = replace(june, id="sc_none", expertise=replace(june.expertise, score=None, features=()))
    gained = change(*steps(june, nobody)).expertise
    assert gained.score is None
    assert gained.contributions == {f.id: -f.contribution for f in june.expertise.features}


def test_another_trust_root_shows_with_its_id(steps, june) -> None:
    root = TrustRoot(kind="accounts", network="custom:demo", id="friends")
    named = replace(june, id="sc_root", trust_root=replace(june.trust_root, id="friends", digest=root.digest))
    assert [step.trust_root.id for step in steps(june, named)] == [None, "friends"]


def test_a_step_ends_with_its_document(redis_url: str, data_dir: Path, june: ScoreDocument) -> None:
    now = datetime(2026, 11, 1, tzinfo=UTC)
    early, late = (open_store(redis_url, data_dir, clock=lambda at=at: at) for at in (now, now + timedelta(days=91)))
    early.scores.put("local", june)
    place = ("local", "custom:demo", "expert", "rockets")
    assert len(early.history.steps(*place)) == 1
    assert late.history.steps(*place) == []
    late.scores.put("local", scored(JULY))
    assert early.redis.zcard(KEY) == 1
    assert 0 < early.redis.ttl(KEY) <= 90 * 86_400


def test_the_newest_five_hundred_are_kept(store, steps, june) -> None:
    store.redis.zadd(KEY, {f"{number}": number + 2_000_000_000 for number in range(MOST_STEPS)})
    store.scores.put("local", june)
    assert store.redis.zcard(KEY) == MOST_STEPS


def test_an_accounts_history_is_erased_with_one_owner_or_with_all(store, june) -> None:
    for owner in ("ada", "bob", "eve"):
        store.scores.put(owner, june)
    expert, u1 = (DataSubject(network="custom:demo", names=(name,)) for name in ("expert", "u1"))
    assert store.history.erase(expert, "ada") == {"histories": 1}
    assert store.history.erase(u1, None) == {"histories": 0}
    assert store.history.erase(expert, None) == {"histories": 2}
    assert store.redis.keys("candor:history:*") == []
