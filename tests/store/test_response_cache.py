"""Responses are kept for their time, within a size, and no longer than wanted."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from redis import Redis
from redis.exceptions import OutOfMemoryError

from candor.store import redis_keys
from candor.store.models import Retention
from candor.store.response_cache import CachedResponse, ResponseCache

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    with Redis.from_url(redis_url) as redis:
        yield redis


@pytest.fixture
def cache(redis: Redis) -> ResponseCache:
    return ResponseCache(redis, Retention(), most_bytes=10_000)


def kept(size: int = 10, at: datetime = NOW) -> CachedResponse:
    """An response whose body cannot be compressed."""
    body = random.Random(size).randbytes(size)
    return CachedResponse(url="https://example.org/", status=200, headers={"etag": '"1"'}, body=body, fetched_at=at)


def test_an_response_comes_back_as_it_was(cache: ResponseCache) -> None:
    cache.put("one", kept(), cache.fence())
    assert cache.get("one") == kept()
    assert cache.get("two") is None


def test_responses_end_with_their_time(cache: ResponseCache, redis: Redis) -> None:
    cache.put("one", kept(), cache.fence())
    assert 86_000 < redis.ttl(redis_keys.CACHED_RESPONSE + "one") <= 86_400


def test_the_oldest_go_first_when_room_is_short(cache: ResponseCache) -> None:
    for number in range(5):
        cache.put(str(number), kept(3000, NOW + timedelta(seconds=number)), cache.fence())
    assert [cache.get(str(number)) is not None for number in range(5)] == [False, False, True, True, True]


def test_an_response_put_again_takes_room_once(cache: ResponseCache, redis: Redis) -> None:
    for _ in range(5):
        cache.put("one", kept(3000), cache.fence())
    assert 3000 < int(redis.get(redis_keys.CACHED_RESPONSE_BYTES) or 0) < 3300


def test_responses_past_their_time_leave_no_trace(cache: ResponseCache, redis: Redis) -> None:
    cache.put("old", kept(3000, NOW), cache.fence())
    cache.put("new", kept(100, NOW + timedelta(days=2)), cache.fence())
    assert redis.zrange(redis_keys.CACHED_RESPONSES, 0, -1) == [b"new"]
    assert redis.hkeys(redis_keys.CACHED_RESPONSE_SIZES) == [b"new"]
    assert int(redis.get(redis_keys.CACHED_RESPONSE_BYTES) or 0) < 400


def test_what_is_larger_than_all_room_is_not_kept(cache: ResponseCache) -> None:
    cache.put("small", kept(100), cache.fence())
    cache.put("large", kept(20_000), cache.fence())
    assert cache.get("large") is None
    assert cache.get("small") is not None


def test_what_is_forgotten_frees_its_room(cache: ResponseCache, redis: Redis) -> None:
    cache.put("one", kept(3000), cache.fence())
    cache.put("two", kept(10), cache.fence())
    cache.forget(["one", "unknown"])
    assert cache.get("one") is None
    assert cache.get("two") is not None
    assert int(redis.get(redis_keys.CACHED_RESPONSE_BYTES) or 0) < 300


def test_with_no_days_of_retention_nothing_is_kept(redis: Redis) -> None:
    cache = ResponseCache(redis, Retention(response_cache_days=0))
    cache.put("one", kept(), cache.fence())
    assert redis.keys(redis_keys.CACHED_RESPONSE + "*") == []


def test_a_full_redis_costs_the_cache_and_nothing_else(cache: ResponseCache, redis: Redis) -> None:
    redis.config_set("maxmemory", "1")
    try:
        with pytest.raises(OutOfMemoryError):
            redis.set("other", "value")
        cache.put("one", kept(), cache.fence())
    finally:
        redis.config_set("maxmemory", "0")
    assert cache.get("one") is None


def test_an_response_that_was_asked_for_before_somebody_was_suppressed_is_not_kept(
    cache: ResponseCache, redis: Redis
) -> None:
    before = cache.fence()
    redis.incr(redis_keys.SUPPRESSIONS)
    cache.put("one", kept(), before)
    assert (cache.get("one"), redis.exists(redis_keys.CACHED_RESPONSE_BYTES)) == (None, 0)
    cache.put("one", kept(), cache.fence())
    assert cache.get("one") == kept()
