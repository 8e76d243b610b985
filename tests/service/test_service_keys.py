"""Keys over HTTP: made once, scoped, revoked; nobody sees what is another's."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

KEY = {"name": "laptop", "scopes": ["read", "write"]}


@pytest.fixture
def exposed(share_app, settings, store, now):
    """The service as it is when others can reach it."""
    return share_app(replace(settings, host="0.0.0.0"), store, lambda: now).test_client()


def test_on_loopback_nobody_needs_a_key(client):
    assert client.get("/v1/jobs").status_code == 200


def test_a_key_given_on_loopback_is_still_checked(client):
    assert client.get("/v1/jobs", headers={"Authorization": "Bearer ck_unknown"}).status_code == 401


def test_on_loopback_only_local_names_are_answered(client):
    answer = client.get("/v1/jobs", headers={"Host": "evil.example"})
    assert (answer.status_code, answer.json["code"]) == (400, "bad_request")


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ck_unknown", "Bearer nonsense", "Basic Y2s6", "ck_x", "Bearer ck_" + "x" * 5000],
)
def test_elsewhere_a_valid_key_is_needed(exposed, header):
    answer = exposed.get("/v1/jobs", headers={} if header is None else {"Authorization": header})
    assert (answer.status_code, answer.json["code"]) == (401, "unauthorized")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_key_opens_the_service_elsewhere(exposed, store, with_key):
    _, secret = store.keys.create("ada", "test", ("read",))
    assert with_key(exposed, secret)("GET", "/v1/jobs").status_code == 200


def test_an_expired_key_is_401(client, store, with_key, now):
    _, secret = store.keys.create("ada", "old", ("read",), now - timedelta(days=4000))
    assert with_key(client, secret)("GET", "/v1/jobs").status_code == 401


@pytest.mark.parametrize("sign", ["Forwarded", "X-Forwarded-For", "X-Real-IP"])
def test_what_comes_through_a_proxy_to_loopback_needs_a_key(client, sign):
    answer = client.get("/v1/jobs", headers={sign: "203.0.113.7"})
    assert (answer.status_code, answer.json["code"]) == (401, "unauthorized")


def test_a_list_says_when_a_key_was_last_used(caller, now):
    ada = caller("ada", "admin")
    ada("POST", "/v1/keys", json=KEY)
    assert [row["last_used_at"] is None for row in ada("GET", "/v1/keys").json["data"]] == [False, True]


def test_a_secret_is_in_no_log(app, client, store, caplog, monkeypatch, with_key):
    caplog.set_level("DEBUG")
    _, secret = store.keys.create("ada", "test", ("read",))

    def broken(*_args, **_kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr(store.jobs, "list", broken)
    assert with_key(client, secret)("GET", "/v1/jobs").status_code == 500
    assert "ZeroDivisionError" in caplog.text
    assert secret not in caplog.text


@pytest.mark.parametrize(
    ("scopes", "method", "path", "status"),
    [
        (("read",), "GET", "/v1/jobs", 200),
        (("write",), "GET", "/v1/jobs", 403),
        (("read",), "DELETE", "/v1/topics/malt", 403),
        (("write",), "DELETE", "/v1/topics/malt", 404),
        (("read", "write"), "GET", "/v1/keys", 403),
        (("admin",), "GET", "/v1/keys", 200),
        (("admin",), "GET", "/v1/jobs", 403),
        (("erase",), "GET", "/v1/jobs", 403),
    ],
)
def test_a_key_does_what_its_scopes_say(caller, scopes, method, path, status):
    assert caller("ada", *scopes)(method, path).status_code == status


def test_a_new_key_shows_its_secret_once(caller):
    ada = caller("ada")
    made = ada("POST", "/v1/keys", json=KEY)
    assert made.status_code == 201
    assert made.headers["Cache-Control"] == "no-store"
    assert made.json["secret"] not in ada("GET", "/v1/keys").get_data(as_text=True)


def test_a_new_key_belongs_to_whoever_made_it(client, caller, store):
    made = caller("ada")("POST", "/v1/keys", json=KEY).json
    assert store.keys.authenticate(made["secret"]).owner == "ada"


def test_a_revoked_key_opens_nothing(client, caller, with_key):
    ada = caller("ada")
    made = ada("POST", "/v1/keys", json=KEY).json
    assert ada("DELETE", f"/v1/keys/{made['id']}").status_code == 204
    assert with_key(client, made["secret"])("GET", "/v1/jobs").status_code == 401
    assert ada("DELETE", f"/v1/keys/{made['id']}").status_code == 404


def test_keys_of_others_are_neither_seen_nor_revoked(caller, store):
    ada, bob = caller("ada"), caller("bob")
    theirs = store.keys.list("bob")[0].id
    assert theirs not in [row["id"] for row in ada("GET", "/v1/keys").json["data"]]
    assert ada("DELETE", f"/v1/keys/{theirs}").status_code == 404
    assert bob("GET", "/v1/keys").status_code == 200


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"scopes": []}, "/scopes"),
        ({"scopes": ["fly"]}, "/scopes/0"),
        ({"name": ""}, "/name"),
        ({"expires_at": "2026-10-31T00:00:00Z"}, "/expires_at"),
        ({"expires_at": "soon"}, "/expires_at"),
        ({"owner": "bob"}, "/owner"),
    ],
)
def test_a_wrong_key_is_422_with_a_pointer(caller, changes, pointer):
    answer = caller("ada")("POST", "/v1/keys", json={**KEY, **changes})
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]
