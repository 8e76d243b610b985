"""API keys: known by their secret alone, and only while they are valid."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from candor.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from candor.store import Store

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def test_a_key_is_known_by_its_secret(store: Store) -> None:
    key, secret = store.keys.create("ana", "laptop", ["read", "write"])
    assert secret.startswith("ck_")
    assert store.keys.authenticate(secret) == key


def test_a_secret_is_nowhere_in_redis(store: Store) -> None:
    _, secret = store.keys.create("ana", "laptop", ["read"])
    kept = [store.redis.dump(key) + key for key in store.redis.keys("*")]
    assert any(b"laptop" in value for value in kept)
    assert not any(secret.encode() in value for value in kept)


def test_an_unknown_secret_is_nobodys(store: Store) -> None:
    assert store.keys.authenticate("ck_wrong") is None
    assert store.keys.authenticate("\ud800") is None


def test_a_revoked_key_is_refused_at_once(store: Store) -> None:
    key, secret = store.keys.create("ana", "laptop", ["read"])
    assert store.keys.revoke(key.id)
    assert store.keys.authenticate(secret) is None
    assert store.keys.list() == []
    assert not store.keys.revoke(key.id)


def test_a_key_is_refused_from_the_second_it_expires(redis_url: str, data_dir: Path) -> None:
    now = [NOW]
    store = open_store(redis_url, data_dir, clock=lambda: now[0])
    key, secret = store.keys.create("ana", "laptop", ["read"], NOW + timedelta(seconds=1))
    assert store.keys.authenticate(secret) == key
    now[0] += timedelta(seconds=1)
    assert store.keys.authenticate(secret) is None
    assert [kept.id for kept in store.keys.list("ana")] == [key.id]
    store.close()


def test_last_use_is_known_to_the_minute_at_one_write_a_minute(redis_url: str, data_dir: Path) -> None:
    now = [NOW]
    store = open_store(redis_url, data_dir, clock=lambda: now[0])
    _, secret = store.keys.create("ana", "laptop", ["read"])
    uses = []
    for _ in range(4):
        store.keys.authenticate(secret)
        uses.append(store.keys.list("ana")[0].last_used_at)
        now[0] += timedelta(seconds=25)
    assert uses == [NOW, NOW, NOW, NOW + timedelta(seconds=75)]
    store.close()


def test_a_key_never_used_says_so(store: Store) -> None:
    store.keys.create("ana", "laptop", ["read"])
    assert store.keys.list()[0].last_used_at is None


def test_a_revoked_key_leaves_nothing_in_redis(store: Store) -> None:
    key, secret = store.keys.create("ana", "laptop", ["read"])
    store.keys.authenticate(secret)
    store.keys.revoke(key.id)
    store.keys.authenticate(secret)
    assert store.redis.keys("*") == []


def test_an_owner_lists_its_own_keys_and_an_admin_all(store: Store) -> None:
    ana, _ = store.keys.create("ana", "laptop", ["read"])
    bob, _ = store.keys.create("bob", "phone", ["admin"])
    assert store.keys.list("ana") == [ana]
    assert store.keys.list() == [ana, bob]
