"""Connections: a server that could lose jobs is refused, and an absent one is noticed soon."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from candor.store import open_store
from candor.store.client import UnfitServerError

if TYPE_CHECKING:
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
