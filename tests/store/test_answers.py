"""Answers are kept for their time, within a size, and no longer than wanted."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from redis import Redis
from redis.exceptions import OutOfMemoryError

from candor.store import redis_keys
from candor.store.answers import Answers, KeptAnswer
from candor.store.models import Retention

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    with Redis.from_url(redis_url) as redis:
        yield redis


@pytest.fixture
def answers(redis: Redis) -> Answers:
    return Answers(redis, Retention(), most_bytes=10_000)


def kept(size: int = 10, at: datetime = NOW) -> KeptAnswer:
    """An answer whose body can not be compressed."""
    body = random.Random(size).randbytes(size)
    return KeptAnswer(url="https://example.org/", status=200, headers={"etag": '"1"'}, body=body, fetched_at=at)


def test_an_answer_comes_back_as_it_was(answers: Answers) -> None:
    answers.put("one", kept())
    assert answers.get("one") == kept()
    assert answers.get("two") is None


def test_answers_end_with_their_time(answers: Answers, redis: Redis) -> None:
    answers.put("one", kept())
    assert 86_000 < redis.ttl(redis_keys.ANSWER + "one") <= 86_400


def test_the_oldest_go_first_when_room_is_short(answers: Answers) -> None:
    for number in range(5):
        answers.put(str(number), kept(3000, NOW + timedelta(seconds=number)))
    assert [answers.get(str(number)) is not None for number in range(5)] == [False, False, True, True, True]


def test_an_answer_put_again_takes_room_once(answers: Answers, redis: Redis) -> None:
    for _ in range(5):
        answers.put("one", kept(3000))
    assert 3000 < int(redis.get(redis_keys.ANSWER_BYTES) or 0) < 3300


def test_answers_past_their_time_leave_no_trace(answers: Answers, redis: Redis) -> None:
    answers.put("old", kept(3000, NOW))
    answers.put("new", kept(100, NOW + timedelta(days=2)))
    assert redis.zrange(redis_keys.ANSWERS, 0, -1) == [b"new"]
    assert redis.hkeys(redis_keys.ANSWER_SIZES) == [b"new"]
    assert int(redis.get(redis_keys.ANSWER_BYTES) or 0) < 400


def test_what_is_larger_than_all_room_is_not_kept(answers: Answers) -> None:
    answers.put("small", kept(100))
    answers.put("large", kept(20_000))
    assert answers.get("large") is None
    assert answers.get("small") is not None


def test_what_is_forgotten_frees_its_room(answers: Answers, redis: Redis) -> None:
    answers.put("one", kept(3000))
    answers.put("two", kept(10))
    answers.forget(["one", "unknown"])
    assert answers.get("one") is None
    assert answers.get("two") is not None
    assert int(redis.get(redis_keys.ANSWER_BYTES) or 0) < 300


def test_with_no_days_of_retention_nothing_is_kept(redis: Redis) -> None:
    answers = Answers(redis, Retention(answers_days=0))
    answers.put("one", kept())
    assert redis.keys(redis_keys.ANSWER + "*") == []


def test_a_full_redis_costs_the_cache_and_nothing_else(answers: Answers, redis: Redis) -> None:
    redis.config_set("maxmemory", "1")
    try:
        with pytest.raises(OutOfMemoryError):
            redis.set("other", "value")
        answers.put("one", kept())
    finally:
        redis.config_set("maxmemory", "0")
    assert answers.get("one") is None
