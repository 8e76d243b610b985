"""Trust roots over HTTP."""

from __future__ import annotations

import json

import pytest

ROOT = {"kind": "accounts", "network": "custom:beer", "accounts": [{"account": "p1"}, {"account": "p2", "weight": 0.5}]}
URL = "/v1/trust-roots/brewers"


def test_a_root_is_made_then_replaced(client):
    made = client.put(URL, json=ROOT)
    assert (made.status_code, made.json["size"], made.json["accounts"][0]["weight"]) == (201, 2, 1.0)
    assert client.put(URL, json={"kind": "network"}).status_code == 200
    assert client.get(URL).json["kind"] == "network"


def test_whoever_keeps_a_root_is_told_how_many_of_its_accounts_each_data_set_of_the_network_has(client):
    note = b'{"id": "n1", "actor": "p1", "type": "note", "published": "2026-10-01T00:00:00Z", "content": "hops"}'
    for name, network in (("town", "custom:beer"), ("elsewhere", "custom:wine")):
        url = f"/v1/datasets/{name}?network={network}&profile=qa"
        assert client.put(url, data=note, content_type="application/x-ndjson").status_code == 201
    made = client.put(URL, json=ROOT)
    assert made.json["seen"] == {"town": 1}
    again = client.put(URL, json=ROOT, headers={"If-Match": client.get(URL).headers["ETag"]})
    assert (again.status_code, again.headers["ETag"]) == (200, made.headers["ETag"])
    assert client.put(URL, json={"kind": "network"}).json["seen"] is None


def test_whoever_keeps_a_root_is_told_which_accounts_are_missing_and_what_is_written_like_them(client):
    lines = [
        {"id": name, "actor": name, "type": "note", "published": "2026-10-01T00:00:00Z"}
        for name in ("gardener1", "rosie_t", "Gwen P.", "ada")
    ]
    body = "\n".join(map(json.dumps, lines))
    client.put("/v1/datasets/town?network=custom:beer&profile=qa", data=body, content_type="application/x-ndjson")
    names = ["gardner1", "Rosie_T", "Gwen P", "qqqq", "ada"]
    made = client.put(URL, json=ROOT | {"accounts": [{"account": name} for name in names]})
    assert made.json["seen"] == {"town": 1}
    first, *others = made.json["note"].split(", ")
    assert first == 'Not in the records of \'town\': 4 of 5 accounts: "gardner1" (written much like it: "gardener1")'
    assert others == [
        '"Rosie_T" (written much like it: "rosie_t")',
        '"Gwen P" (written much like it: "Gwen P.")',
        '"qqqq".',
    ]
    assert client.put(URL, json=ROOT | {"accounts": [{"account": "ada"}]}).json["note"] is None


def test_nobody_is_counted_in_a_root_who_left(client, store):
    note = b'{"id": "n1", "actor": "p1", "type": "note", "published": "2026-10-01T00:00:00Z", "content": "hops"}'
    client.put("/v1/datasets/town?network=custom:beer&profile=qa", data=note, content_type="application/x-ndjson")
    store.suppression.add("custom:beer", ["p1"])
    assert store.datasets.people_among("local", "town", ["p1"]) == set()
    assert client.put(URL, json=ROOT).status_code == 403


def test_roots_are_listed(client):
    client.put(URL, json=ROOT)
    assert [row["id"] for row in client.get("/v1/trust-roots").json["data"]] == ["brewers", "sample"]


def test_a_deleted_root_is_gone(client):
    client.put(URL, json=ROOT)
    assert client.delete(URL).status_code == 204
    assert client.get(URL).status_code == client.delete(URL).status_code == 404


def test_a_list_is_kept_by_its_address_and_read_when_a_job_runs(client):
    said = {"kind": "list", "network": "mastodon", "list": "example.social/collections/3"}
    assert client.put(URL, json=said).status_code == 201
    kept = client.get(URL).json
    assert (kept["list"], kept["accounts"], kept["size"]) == ("example.social/collections/3", [], 0)


@pytest.mark.parametrize(
    ("root", "pointer"),
    [
        ({}, "/kind"),
        ({"kind": "everybody"}, "/kind"),
        ({**ROOT, "accounts": []}, "/accounts"),
        ({**ROOT, "accounts": [{"account": "p"}, {"account": "p", "weight": 0.5}]}, "/accounts/1"),
        ({**ROOT, "accounts": [{"account": "p", "weight": 0}]}, "/accounts/0/weight"),
        ({**ROOT, "accounts": [{"account": "p", "weight": 1.1}]}, "/accounts/0/weight"),
        ({**ROOT, "accounts": [{"account": ""}]}, "/accounts/0/account"),
        ({**ROOT, "network": None}, "/network"),
        ({**ROOT, "network": "myspace"}, "/network"),
        ({**ROOT, "kind": "network"}, "/accounts"),
        ({**ROOT, "colour": "red"}, "/colour"),
    ],
)
def test_a_wrong_root_is_422_with_a_pointer(client, root, pointer):
    answer = client.put(URL, json=root)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]


@pytest.mark.parametrize("root_id", ["network", "none", "Brewers", "a b", "b" * 201])
def test_an_id_that_a_job_could_not_name_is_422(client, root_id):
    assert client.put(f"/v1/trust-roots/{root_id}", json=ROOT).status_code == 422


def test_a_root_that_changed_meanwhile_is_not_overwritten(client):
    stale = client.put(URL, json=ROOT).headers["ETag"]
    client.put(URL, json={"kind": "network"})
    assert client.put(URL, json=ROOT, headers={"If-Match": stale}).status_code == 412


def test_who_has_the_root_already_gets_304(client):
    etag = client.put(URL, json=ROOT).headers["ETag"]
    assert client.get(URL, headers={"If-None-Match": etag}).status_code == 304


def test_a_bare_name_is_refused_with_how_an_account_is_written(client, job):
    root = client.put(URL, json={**ROOT, "accounts": ["p1"]}).json["errors"]
    asked = client.post("/v1/jobs", json={**job, "accounts": ["p1"]}).json["errors"]
    assert [(error["pointer"], error["detail"]) for error in (*root, *asked)] == [
        ("/accounts/0", 'write an account as an object, such as {"account": "p1"}'),
        ("/accounts/0", 'write an account as an object, such as {"network": "custom:beer", "account": "p1"}'),
    ]


def test_a_list_of_roots_says_how_large_each_is_and_decodes_nobody(client, store, monkeypatch):
    client.put(URL, json=ROOT)
    whole = client.get(URL).json
    (kept, _) = client.get("/v1/trust-roots").json["data"]
    assert kept == {name: whole[name] for name in ("id", "kind", "network", "list", "size", "digest")}
    monkeypatch.setattr(store.trust_roots, "list", None)
    store.redis.hset("candor:trust-roots:local", "brewers", b"not read")
    assert client.get("/v1/trust-roots").json["data"][0] == kept
    assert "brewers" in client.get("/?network=custom&site=beer&account=p1&topic=space-technology").text
    post = {"id": "a", "actor": "p1", "type": "question", "published": "2026-10-01T12:00:00Z"}
    client.put("/v1/datasets/beer?network=custom:beer&profile=qa", json=[post])
    assert "brewers" in client.get("/questions?dataset=beer").text


def test_a_root_that_was_deleted_or_lost_a_member_is_listed_as_it_is(client, store):
    client.put(URL, json=ROOT)
    store.eraser.run(store.erasures.start(client.delete("/v1/accounts/custom:beer/p1").json["id"]))
    (kept, _) = client.get("/v1/trust-roots").json["data"]
    assert (kept["size"], kept["digest"]) == (1, client.get(URL).json["digest"])
    client.delete(URL)
    assert [row["id"] for row in client.get("/v1/trust-roots").json["data"]] == ["sample"]
