"""Webhooks over HTTP: registered with a secret shown once, named by jobs, pinged, and deleted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from candor.store.deliveries import PING
from candor.store.webhooks import EVENTS, MOST_WEBHOOKS
from service.api.webhooks import MEANINGS
from service.app import create_app
from service.description import describe

if TYPE_CHECKING:
    from collections.abc import Callable

BODY = {"url": "https://hooks.example.org/candor?token=t", "events": ["job.succeeded", "job.failed"]}


@pytest.fixture
def make(client) -> Callable[..., dict]:
    """Registers an address."""
    return lambda **changes: client.post("/v1/webhooks", json={**BODY, **changes}).json


def test_a_new_webhook_shows_its_secret_once(client):
    made = client.post("/v1/webhooks", json=BODY)
    assert made.status_code == 201
    assert made.headers["Cache-Control"] == "no-store"
    assert made.json["secret"].startswith("whsec_")
    for path in ("/v1/webhooks", made.json["urls"]["self"], made.json["urls"]["deliveries"]):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "whsec_" not in answer.get_data(as_text=True)


def test_a_webhook_is_read_as_it_was_registered(client, make):
    made = make()
    del made["secret"]
    assert client.get(made["urls"]["self"]).json == made
    assert {name: made[name] for name in BODY} == BODY
    assert (made["status"], made["disabled_because"]) == ("enabled", None)


def test_all_that_is_wrong_with_a_webhook_is_said_at_once(client):
    said = {
        each["pointer"]: each["detail"]
        for each in client.post("/v1/webhooks", json={"url": "http://127.0.0.1/"}).json["errors"]
    }
    assert said.keys() == {"/url", "/events"}
    assert "job.succeeded" in said["/events"]


def test_a_new_secret_is_another_one(client, make):
    made = make()
    rotated = client.post(made["urls"]["secret"])
    assert (rotated.status_code, rotated.json["id"]) == (200, made["id"])
    assert rotated.json["secret"] != made["secret"]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/hook", "http://localhost:8421/hook", "http://10.0.0.1/", "http://169.254.169.254/latest",
        "http://[::1]/", "http://2130706433/", "http://0x7f.1/", "http://user:pass@example.org/", "ftp://example.org/",
        "file:///etc/passwd", "http://intranet/", "http://example.org:22/", "example.org/hook", "http://[::ffff:7f00:1]/",
        "http://a b/", "javascript:alert(1)", "http://metadata.internal/", "http://127.0.0.1\\@example.org/", "",
        "https://example.org/" + "x" * 2000,
    ],
)  # fmt: skip
def test_an_address_that_is_not_public_is_422(client, store, url):
    answer = client.post("/v1/webhooks", json={**BODY, "url": url})
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json["errors"]] == ["/url"]
    assert "pass" not in answer.json["errors"][0]["detail"]
    assert store.webhooks.list("local") == []


def test_a_test_host_is_taken_by_setting_only(client, settings, store, now):
    body = {**BODY, "url": "http://127.0.0.1:9999/hook"}
    other = create_app(replace(settings, test_hosts=("127.0.0.1:9999",)), store, lambda: now).test_client()
    assert client.post("/v1/webhooks", json=body).status_code == 422
    assert other.post("/v1/webhooks", json=body).status_code == 201


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"events": []}, "/events"),
        ({"events": ["job.begun"]}, "/events/0"),
        ({"events": [PING]}, "/events/0"),
        ({"url": 5}, "/url"),
        ({"secret": "whsec_mine"}, "/secret"),
    ],
)
def test_a_wrong_webhook_is_422_with_a_pointer(client, changes, pointer):
    answer = client.post("/v1/webhooks", json={**BODY, **changes})
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]


def test_there_are_twenty_at_most(client, make):
    for _ in range(MOST_WEBHOOKS):
        make()
    answer = client.post("/v1/webhooks", json=BODY)
    assert (answer.status_code, answer.json["code"]) == (409, "too_many_webhooks")


def test_webhooks_are_listed_page_by_page(client, make):
    made = [make()["id"] for _ in range(3)]
    first = client.get("/v1/webhooks?limit=2").json
    rest = client.get(f"/v1/webhooks?limit=2&cursor={first['next_cursor']}").json
    assert sorted(row["id"] for row in first["data"] + rest["data"]) == sorted(made)
    assert not rest["has_more"]


def test_a_deleted_webhook_is_gone_with_its_log(client, make, store):
    made = make()
    client.post(made["urls"]["ping"])
    assert client.delete(made["urls"]["self"]).status_code == 204
    assert client.get(made["urls"]["deliveries"]).status_code == 404
    assert store.deliveries.claim() is None


def test_a_ping_is_on_its_way_at_once(client, make, store):
    made = make(events=["job.failed"])
    ping = client.post(made["urls"]["ping"])
    assert ping.status_code == 202
    assert ping.json["notification"]["type"] == PING
    assert ping.json["notification"]["data"] == {"id": made["id"], "url": made["urls"]["self"]}
    assert store.deliveries.claim().delivery.id == ping.json["id"]
    assert client.get(made["urls"]["deliveries"]).json["data"] == [ping.json]


def test_the_log_comes_in_pages(client, make):
    made = make()
    pings = [client.post(made["urls"]["ping"]).json["id"]]
    first = client.get(made["urls"]["deliveries"] + "?limit=1").json
    assert ([row["id"] for row in first["data"]], first["has_more"]) == (pings, False)
    assert client.get(made["urls"]["deliveries"] + "?cursor=bm93aGVyZQ").status_code == 422


def test_a_disabled_webhook_says_why_and_is_not_pinged(client, make, store):
    made = make()
    store.webhooks.disable("local", made["id"], "its receiver answered 410 Gone")
    shown = client.get(made["urls"]["self"]).json
    assert (shown["status"], shown["disabled_because"]) == ("disabled", "its receiver answered 410 Gone")
    answer = client.post(made["urls"]["ping"])
    assert (answer.status_code, answer.json["code"]) == (409, "webhook_disabled")


def test_a_job_names_the_webhook_that_is_told(client, job, make, store):
    made = make()
    posted = client.post("/v1/jobs", json={**job, "webhook": made["id"]})
    assert posted.status_code == 202
    assert posted.json["request"]["webhook"] == made["id"]
    client.post(posted.json["urls"]["cancel"])
    store.deliveries.drain_outbox()
    assert client.get(made["urls"]["deliveries"]).json["data"] == [], "it did not ask for job.canceled"


def test_an_unknown_anothers_or_disabled_webhook_is_422(caller, job, store):
    ada = caller("ada")
    bobs, disabled = (store.webhooks.create(owner, BODY["url"], EVENTS) for owner in ("bob", "ada"))
    store.webhooks.disable("ada", disabled.id, "its receiver answered 410 Gone")
    for named in ("wh_nowhere", bobs.id, disabled.id):
        answer = ada("POST", "/v1/jobs", json={**job, "webhook": named})
        assert answer.status_code == 422
        assert [error["pointer"] for error in answer.json["errors"]] == ["/webhook"]


def test_whoever_may_only_read_registers_nothing(caller):
    ada = caller("ada", "read")
    assert ada("GET", "/v1/webhooks").status_code == 200
    assert ada("POST", "/v1/webhooks", json=BODY).status_code == 403


def test_every_event_is_described():
    described = describe()["webhooks"]
    assert set(described) == set(MEANINGS) == {*EVENTS, PING}
