"""A store that takes no writes for a time, as after a failover or on a full disk: every door says to come back."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redis import Redis

LINE = b'{"id":"a1","actor":"u8","type":"note","published":"2026-10-01T13:00:00Z"}\n'
ROOT = {"kind": "accounts", "network": "custom:beer", "accounts": [{"account": "u8"}]}
DOORS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "data set": ("PUT", "/v1/datasets/b?network=custom:beer&profile=qa", {"data": LINE}),
    "append": ("POST", "/v1/datasets/there/records", {"data": LINE.replace(b"a1", b"a2")}),
    "topic": ("PUT", "/v1/topics/malt", {"json": {"label": "Malt", "terms": ["malt"]}}),
    "trust root": ("PUT", "/v1/trust-roots/r", {"json": ROOT}),
    "webhook": ("POST", "/v1/webhooks", {"json": {"url": "https://hooks.example/1", "events": ["job.succeeded"]}}),
    "key": ("POST", "/v1/keys", {"json": {"name": "laptop", "scopes": ["read"]}}),
    "claim": ("POST", "/v1/about-me", {"json": {"network": "custom:beer", "account": "u8"}}),
    "erasure": ("DELETE", "/v1/accounts/custom:beer/u8", {}),
    "kind": ("PUT", "/v1/accounts/custom:beer/u8/kind", {"json": {"kind": "person", "why": "I asked."}}),
    "list": ("GET", "/v1/accounts/custom:beer/u8/topics?dataset=there&trust_root=network", {}),
}


@contextmanager
def without_replicas(redis: Redis) -> Iterator[None]:
    """As a primary that has lost the replicas that it must have."""
    redis.config_set("min-replicas-to-write", 1)
    try:
        yield
    finally:
        redis.config_set("min-replicas-to-write", 0)


@contextmanager
def as_replica(redis: Redis) -> Iterator[None]:
    """As what was the primary before a failover."""
    redis.replicaof("127.0.0.1", "1")
    try:
        yield
    finally:
        redis.replicaof("NO", "ONE")


@contextmanager
def out_of_memory(redis: Redis) -> Iterator[None]:
    """With no memory left."""
    redis.config_set("maxmemory", 1)
    try:
        yield
    finally:
        redis.config_set("maxmemory", 0)


@pytest.fixture
def there(client):
    """A data set that is there before."""
    put = {"data": LINE, "content_type": "application/x-ndjson"}
    assert client.put("/v1/datasets/there?network=custom:beer&profile=qa", **put).status_code == 201


@pytest.mark.usefixtures("there")
@pytest.mark.parametrize("state", [without_replicas, as_replica, out_of_memory])
@pytest.mark.parametrize("door", [*DOORS, "job"])
def test_a_store_that_takes_no_writes_is_told_as_such_at_every_door_and_all_is_well_again(
    client, store, job, state, door
):
    method, path, sent = DOORS.get(door, ("POST", "/v1/jobs", {"json": job}))
    more = {"content_type": "application/x-ndjson"} if "data" in sent else {}
    with state(store.redis):
        refused = client.open(path, method=method, **sent, **more)
    assert (refused.status_code, refused.json["code"]) == (503, "store_full"), refused.json
    assert "Retry-After" in refused.headers
    assert client.open(path, method=method, **sent, **more).status_code < 300
