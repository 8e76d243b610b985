"""`Idempotency-Key`: a request sent twice is done once, whatever happens in between."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from candor.store.client import unpack
from candor.store.idempotency import LeaseRenewer
from service.app import create_app
from service.context import context_of

KEY = {"Idempotency-Key": "order-1"}
NEW_KEY = {"name": "laptop", "scopes": ["read"]}


def test_the_same_request_again_gets_the_first_answer(client, job):
    first = client.post("/v1/jobs", json=job, headers=KEY)
    again = client.post("/v1/jobs", json=job, headers=KEY)
    assert (again.status_code, again.data) == (first.status_code, first.data)
    assert again.headers["Location"] == first.headers["Location"]
    assert ("Idempotent-Replayed" in first.headers, again.headers["Idempotent-Replayed"]) == (False, "true")
    assert len(client.get("/v1/jobs").json["data"]) == 1


def test_what_is_repeated_still_has_an_id_of_its_own(client, job):
    first = client.post("/v1/jobs", json=job, headers=KEY)
    again = client.post("/v1/jobs", json=job, headers=KEY)
    assert first.headers["X-Request-Id"] != again.headers["X-Request-Id"]


def test_a_key_for_another_body_is_422(client, job):
    client.post("/v1/jobs", json=job, headers=KEY)
    answer = client.post("/v1/jobs", json={**job, "window_days": 7}, headers=KEY)
    assert (answer.status_code, answer.json["code"]) == (422, "other_request")


def test_a_key_for_another_address_is_422(client, job):
    made = client.post("/v1/jobs", json=job, headers=KEY)
    answer = client.post(made.json["urls"]["cancel"], headers=KEY)
    assert (answer.status_code, answer.json["code"]) == (422, "other_request")


def test_while_the_first_is_being_handled_the_second_is_409(app, client, job, store, monkeypatch):
    begun, go_on = threading.Event(), threading.Event()
    create = store.jobs.create

    def slow(*args, **kwargs):
        begun.set()
        assert go_on.wait(10)
        return create(*args, **kwargs)

    monkeypatch.setattr(store.jobs, "create", slow)
    with ThreadPoolExecutor() as pool:
        first = pool.submit(lambda: app.test_client().post("/v1/jobs", json=job, headers=KEY))
        assert begun.wait(10)
        second = client.post("/v1/jobs", json=job, headers=KEY)
        go_on.set()
        assert first.result().status_code == 202
    assert (second.status_code, second.json["code"]) == (409, "still_running")
    assert int(second.headers["Retry-After"]) > 0


def test_a_request_that_takes_longer_than_a_lease_keeps_its_key(app, client, job, store, monkeypatch):
    create, renewed = store.jobs.create, threading.Event()
    renew = store.idempotency.renew

    def slow(*args, **kwargs):
        (place,) = store.redis.keys("candor:idempotency:*")
        store.redis.expire(place, 1)
        for _ in range(2):  # one may have begun before
            renewed.clear()
            assert renewed.wait(10)
        assert store.redis.ttl(place) > 1
        return create(*args, **kwargs)

    def note(*args):
        renew(*args)
        renewed.set()

    monkeypatch.setattr(store.idempotency, "renew", note)
    app.extensions["candor"] = replace(context_of(app), leases=LeaseRenewer(store.idempotency, pause_s=0.01))
    monkeypatch.setattr(store.jobs, "create", slow)
    assert client.post("/v1/jobs", json=job, headers=KEY).status_code == 202
    (place,) = store.redis.keys("candor:idempotency:*")
    assert store.redis.ttl(place) > 80_000


def test_a_crash_while_handling_locks_the_key_for_some_seconds(client, job, store, monkeypatch):
    def crash(*_args, **_kwargs):
        raise SystemExit

    monkeypatch.setattr(store.jobs, "create", crash)
    monkeypatch.setattr(store.idempotency, "forget", lambda _turn: None)  # a killed process tidies nothing up
    with pytest.raises(SystemExit):
        client.post("/v1/jobs", json=job, headers=KEY)
    (place,) = store.redis.keys("candor:idempotency:*")
    assert 0 < store.redis.ttl(place) <= 6


def test_an_answer_is_kept_for_a_day(client, job, store):
    client.post("/v1/jobs", json=job, headers=KEY)
    (place,) = store.redis.keys("candor:idempotency:*")
    assert 86_390 < store.redis.ttl(place) <= 86_400


def test_what_failed_is_tried_again(client, job, store, monkeypatch):
    def away(*_args, **_kwargs):
        raise RedisConnectionError("refused")

    with monkeypatch.context() as patched:
        patched.setattr(store.jobs, "create", away)
        assert client.post("/v1/jobs", json=job, headers=KEY).status_code == 503
    answer = client.post("/v1/jobs", json=job, headers=KEY)
    assert (answer.status_code, "Idempotent-Replayed" in answer.headers) == (202, False)


def test_what_was_refused_may_be_sent_corrected(client, job):
    assert client.post("/v1/jobs", json={**job, "topics": []}, headers=KEY).status_code == 422
    assert client.post("/v1/jobs", json=job, headers=KEY).status_code == 202


def test_two_owners_may_choose_the_same_key(caller, job):
    made = [caller(name)("POST", "/v1/jobs", json=job, headers=KEY).json["id"] for name in ("ada", "bob")]
    assert made[0] != made[1]


def test_a_repeated_answer_shows_no_secret(caller, store):
    ada = caller("ada")
    first = ada("POST", "/v1/keys", json=NEW_KEY, headers=KEY)
    again = ada("POST", "/v1/keys", json=NEW_KEY, headers=KEY)
    assert first.json["secret"].startswith("ck_")
    assert again.json == {**first.json, "secret": None}
    assert len(store.keys.list("ada")) == 2


def test_no_secret_is_kept_for_repeating(caller, store):
    secret = caller("ada")("POST", "/v1/keys", json=NEW_KEY, headers=KEY).json["secret"]
    (place,) = store.redis.keys("candor:idempotency:*")
    kept = unpack(store.redis.hget(place, "answer"))
    assert b"laptop" in kept
    assert secret.encode() not in kept


@pytest.mark.parametrize("key", ["", "two words", "x" * 256, "é"])
def test_a_key_that_is_none_is_400(client, job, key):
    answer = client.post("/v1/jobs", json=job, headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json["code"]) == (400, "bad_request")


def test_many_at_once_do_it_once(app, job):
    def ask(_number: int) -> int:
        return app.test_client().post("/v1/jobs", json=job, headers=KEY).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = set(pool.map(ask, range(16)))
    assert statuses <= {202, 409}
    assert len(app.test_client().get("/v1/jobs").json["data"]) == 1


def test_a_crash_before_the_answer_was_kept_makes_no_second_job(client, job, store):
    first = client.post("/v1/jobs", json=job, headers=KEY)
    forget_all(store)
    again = client.post("/v1/jobs", json=job, headers=KEY)
    assert again.json["id"] == first.json["id"]
    assert len(client.get("/v1/jobs").json["data"]) == 1


def test_the_same_key_on_another_day_is_another_request(settings, client, job, store, now):
    first = client.post("/v1/jobs", json=job, headers=KEY)
    forget_all(store)
    later = create_app(settings, store, lambda: now + timedelta(days=1, seconds=1)).test_client()
    assert later.post("/v1/jobs", json=job, headers=KEY).json["id"] != first.json["id"]


def forget_all(store):
    """Lose what is kept of requests with a key, as after a crash and the end of its lease."""
    for key in store.redis.scan_iter("candor:idempot*"):
        store.redis.delete(key)
