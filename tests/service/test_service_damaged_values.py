"""What is kept and no longer as it was written: told, left out of lists, and put right by whoever owns it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from candor.store import redis_keys

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from candor.store import Store

DATASET = "/v1/datasets/beer?network=custom:beer&profile=forum"
LINE = b'{"id": "r1", "type": "note", "actor": "u1", "published": "2026-10-01T12:00:00Z", "content": "hops"}\n'
TOPIC = {"label": "Hops", "terms": ["hops"]}


def flipped(value: bytes) -> bytes:
    return value[:-3] + bytes([value[-3] ^ 1]) + value[-2:]


@pytest.fixture
def beer(client: FlaskClient, store: Store) -> str:
    """The address of a data set of which a bit was flipped."""
    assert client.put(DATASET, data=LINE, content_type="application/x-ndjson").status_code == 201
    key = redis_keys.dataset("local", "beer")
    store.redis.set(key, flipped(store.redis.get(key)), keepttl=True)
    assert client.get("/v1/datasets/beer").json["code"] == "stored_damaged"
    return DATASET


def test_a_damaged_data_set_can_be_sent_again(client: FlaskClient, beer: str):
    assert client.put(beer, data=LINE, content_type="application/x-ndjson").status_code == 200
    assert client.get("/v1/datasets/beer").json["records"] == 1


def test_a_damaged_data_set_can_be_deleted(client: FlaskClient, beer: str):
    assert client.delete("/v1/datasets/beer").status_code == 204
    assert client.get("/v1/datasets/beer").status_code == 404


def test_a_damaged_topic_is_left_out_of_the_list_and_can_be_sent_again(client: FlaskClient, store: Store, caplog):
    for name in ("mine", "other"):
        client.put(f"/v1/topics/{name}", json=TOPIC)
    key = redis_keys.topics("local")
    store.redis.hset(key, "mine", flipped(store.redis.hget(key, "mine")))
    listed = {each["id"] for each in client.get("/v1/topics?limit=100").json["data"]}
    assert ("mine" in listed, "other" in listed) == (False, True)
    assert "mine of" in caplog.text
    assert client.get("/", headers={"Accept": "text/html"}).status_code == 200
    assert client.put("/v1/topics/mine", json=TOPIC).status_code == 200
    assert client.get("/v1/topics/mine").status_code == 200
