"""Data sets that follow a source, as they are asked for and answered."""

from __future__ import annotations

import pytest

URL = "/v1/datasets/space"
SITE = {"source": {"network": "stackexchange:space", "tag": "orbits", "every": 60, "max_requests": 50}}
LINE = b'{"id":"a1","actor":"u7","type":"question","published":"2026-10-01T12:00:00Z","content":"Which hops?"}\n'
UPLOAD = {"data": LINE, "content_type": "application/x-ndjson"}


def test_a_source_is_followed_and_says_how_far_it_was_read(client, store):
    made = client.put(URL, json=SITE)
    assert (made.status_code, made.json["records"], made.json["network"]) == (201, 0, "stackexchange:space")
    assert made.json["source"] == {
        "network": "stackexchange:space",
        "tag": "orbits",
        **dict.fromkeys(
            ("repository", "organisation", "hashtag", "instance", "list", "starter_pack", "search"),
        ),
        "every": 60,
        "max_requests": 50,
        "window_days": 1825,
        "status": "queued",
        "last_read_at": None,
        "next_read_at": None,
        "complete": False,
        "requests": 0,
        "records": 0,
        "gaps": [],
        "trust_root": None,
        "waits_for": None,
        "error": None,
    }
    assert client.get(URL).json == made.json
    assert made.json in client.get("/v1/datasets").json["data"]
    assert len(store.queue.waiting()) == 1


def test_a_source_is_read_again_on_request(client, store):
    client.put(URL, json=SITE)
    (name,) = store.queue.waiting()
    store.queue.remove("batch", name)
    answer = client.post(f"{URL}/refresh")
    assert (answer.status_code, answer.json["source"]["status"]) == (202, "queued")
    assert store.queue.waiting() == {name}


def test_what_was_uploaded_cannot_be_read_again(client):
    client.put(f"{URL}?network=custom:beer&profile=qa", **UPLOAD)
    assert client.get(URL).json["source"] is None
    answer = client.post(f"{URL}/refresh")
    assert (answer.status_code, answer.json["code"]) == (409, "follows_nothing")
    assert client.post("/v1/datasets/none/refresh").status_code == 404


def test_records_uploaded_under_the_id_end_it(client):
    client.put(URL, json=SITE)
    assert client.put(f"{URL}?network=custom:beer&profile=qa", **UPLOAD).json["source"] is None


def test_a_data_set_that_is_deleted_follows_nothing(client, store):
    client.put(URL, json=SITE)
    assert client.delete(URL).status_code == 204
    assert client.get(URL).status_code == client.delete(URL).status_code == 404
    assert store.sources.get("local", "space") is None


def test_what_was_uploaded_stays_until_something_was_read(client):
    client.put(
        f"{URL}?network=stackexchange:space", data=LINE.replace(b"u7", b"7"), content_type="application/x-ndjson"
    )
    answer = client.put(URL, json=SITE)
    assert (answer.status_code, answer.json["records"]) == (200, 1)


def test_a_source_is_nobody_else_s(caller):
    ada, bob = caller("ada"), caller("bob")
    assert ada("PUT", URL, json=SITE).status_code == 201
    assert [bob(*asked).status_code for asked in (("GET", URL), ("POST", f"{URL}/refresh"), ("DELETE", URL))] == [
        404
    ] * 3
    assert [each["id"] for each in bob("GET", "/v1/datasets").json["data"]] == ["sample"]
    assert ada("GET", URL).json["source"]["status"] == "queued"


@pytest.mark.parametrize(
    ("source", "pointer"),
    [
        ({}, "/source/network"),
        ({"network": "hackernews"}, "/source/network"),
        ({"network": "nowhere"}, "/source/network"),
        ({"network": "discourse:forum.example", "tag": "space"}, "/source/tag"),
        ({"network": "github"}, "/source/network"),
        ({"network": "github", "repository": "orbits"}, "/source/repository"),
        ({"network": "github", "repository": "a/b", "organisation": "a"}, "/source/organisation"),
        ({"network": "mastodon", "hashtag": "space"}, "/source/hashtag"),
        ({"network": "mastodon", "instance": "a b"}, "/source/instance"),
        ({"network": "bluesky", "list": "at://ada/app.bsky.graph.starterpack/3k"}, "/source/list"),
        ({"network": "bluesky", "search": ""}, "/source/search"),
        ({"network": "stackexchange:space", "every": 1}, "/source/every"),
        ({"network": "stackexchange:space", "max_requests": 0}, "/source/max_requests"),
        ({"network": "stackexchange:space", "speed": 9}, "/source/speed"),
    ],
)
def test_a_source_that_cannot_be_followed_is_refused_by_name(client, source, pointer):
    answer = client.put(URL, json={"source": source})
    assert (answer.status_code, [fault["pointer"] for fault in answer.json["errors"]]) == (422, [pointer])
    assert client.get(URL).status_code == 404


def test_an_id_that_is_none_is_refused(client):
    assert client.put("/v1/datasets/No!", json=SITE).status_code == 422


def test_if_match_holds_for_what_is_followed(client):
    made = client.put(URL, json=SITE)
    assert client.put(URL, json=SITE, headers={"If-None-Match": "*"}).status_code == 412
    assert client.put(URL, json=SITE, headers={"If-Match": '"other"'}).status_code == 412
    assert client.put(URL, json=SITE, headers={"If-Match": made.headers["ETag"]}).status_code == 200


def test_records_still_need_their_network(client):
    answer = client.put(URL, **UPLOAD)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/network")


def test_a_record_in_json_is_still_a_record(client):
    answer = client.put(f"{URL}?network=custom:beer&profile=qa", data=LINE, content_type="application/json")
    assert (answer.status_code, answer.json["records"]) == (201, 1)


@pytest.mark.parametrize(
    ("network", "part", "given", "kept"),
    [
        ("github", "repository", "https://github.com/Orbits/Cubesat.git", "orbits/cubesat"),
        ("github", "organisation", "https://github.com/orgs/Orbits", "orbits"),
        ("mastodon", "hashtag", "#Space@Mastodon.example", "mastodon.example/tags/space"),
        ("mastodon", "hashtag", "https://mastodon.example/tags/Raumfahrt", "mastodon.example/tags/raumfahrt"),
        ("mastodon", "list", "https://mastodon.example/lists/7", "mastodon.example/lists/7"),
        ("mastodon", "instance", "https://mastodon.example/public/local", "mastodon.example"),
        ("bluesky", "list", "https://bsky.app/profile/ada.test/lists/3K", "https://bsky.app/profile/ada.test/lists/3K"),
        ("bluesky", "starter_pack", "at://ada.test/app.bsky.graph.starterpack/3k", None),
        ("bluesky", "search", '"cube sat" -toy', None),
    ],
)
def test_a_part_of_a_network_goes_by_one_name_however_it_is_written(client, network, part, given, kept):
    answer = client.put(URL, json={"source": {"network": network, part: given}})
    assert (answer.status_code, answer.json["source"][part]) == (201, kept or given)
    assert answer.json["source"]["tag"] is None
