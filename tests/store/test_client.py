"""Connections: a server that could lose jobs is refused, and an absent one is noticed soon."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from candor.store import open_store
from candor.store.client import QuickRedis, UnfitServerError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from candor.store import Store


def test_a_server_that_never_evicts_is_accepted(store: Store) -> None:
    store.check_server()


def test_a_server_that_evicts_is_refused(store: Store) -> None:
    store.redis.config_set("maxmemory-policy", "allkeys-lru")
    try:
        with pytest.raises(UnfitServerError, match="allkeys-lru"):
            store.check_server()
    finally:
        store.redis.config_set("maxmemory-policy", "noeviction")


def test_an_old_server_is_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store.redis, "info", lambda _: {"redis_version": "6.0.16"})
    with pytest.raises(UnfitServerError, match=r"6\.0\.16"):
        store.check_server()


def test_the_interface_learns_within_three_seconds_that_redis_is_away(tmp_path: Path) -> None:
    store = open_store(f"unix://{tmp_path}/nobody.sock", tmp_path)
    started_s = time.monotonic()
    with pytest.raises(RedisConnectionError):
        store.jobs.find("job_1")
    assert time.monotonic() - started_s < 3
    store.close()


def test_health_says_that_redis_is_away(tmp_path: Path) -> None:
    store = open_store(f"unix://{tmp_path}/nobody.sock", tmp_path)
    assert not store.health().redis_ok
    store.close()


def test_health_counts_workers(store: Store) -> None:
    store.workers.heartbeat("w1")
    health = store.health()
    assert (health.redis_ok, health.workers_alive) == (True, 1)


@pytest.fixture
def quick(redis_url: str) -> Iterator[QuickRedis]:
    """A client that waits a tenth of a second for a reply."""
    with QuickRedis.from_url(redis_url, socket_timeout=0.1) as client:
        client.set("said", "yes")
        yield client
        client.delete("said")


def test_a_connection_that_the_server_closed_meanwhile_is_replaced(quick: QuickRedis, redis_url: str) -> None:
    with Redis.from_url(redis_url) as other:
        other.client_kill_filter(_id=quick.client_id())
    assert quick.get("said") == b"yes"


def test_a_refused_command_costs_no_connection(quick: QuickRedis) -> None:
    connection = quick.client_id()
    with pytest.raises(ResponseError, match="WRONGTYPE"):
        quick.hget("said", "field")
    assert (quick.get("said"), quick.client_id()) == (b"yes", connection)


def test_a_reply_that_comes_too_late_is_no_other_commands(quick: QuickRedis) -> None:
    with pytest.raises(RedisTimeoutError):
        quick.blpop(["nothing"], timeout=1)
    assert [quick.get("said") for _ in range(3)] == [b"yes"] * 3


def test_two_threads_never_share_a_connection(quick: QuickRedis) -> None:
    def ask(number: int) -> bool:
        return all(quick.echo(f"{number} {time}") == f"{number} {time}".encode() for time in range(200))

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(8)))


def test_another_process_takes_no_connection_of_the_one_it_came_from(
    quick: QuickRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = quick.client_id(), os.getpid() + 1
    monkeypatch.setattr(os, "getpid", lambda: there)
    assert quick.client_id() != here
