"""`If-Match` and `If-None-Match`: nobody overwrites what they have not read, and creating only creates."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

LINES = [b'{"id":"a%d","actor":"u7","type":"note","published":"2026-10-01T12:00:00Z"}' % number for number in range(3)]
THINGS = {
    "/v1/topics/malt": [{"json": {"label": label, "terms": ["malt"]}} for label in ("Malt", "Malz", "Mout")],
    "/v1/trust-roots/brewers": [
        {"json": {"kind": "accounts", "network": "custom:beer", "accounts": [{"account": name}]}} for name in "abc"
    ],
    "/v1/datasets/beer?network=custom:beer&profile=qa": [
        {"data": line, "content_type": "application/x-ndjson"} for line in LINES
    ],
}


@pytest.fixture(params=THINGS, ids=["topic", "trust root", "data set"])
def path(request):
    """Where something is put."""
    return request.param


@pytest.fixture
def versions(path):
    """Three versions of it, as arguments of a request."""
    return THINGS[path]


def test_what_was_read_may_be_replaced(client, path, versions):
    etag = client.put(path, **versions[0]).headers["ETag"]
    assert client.get(path.partition("?")[0]).headers["ETag"] == etag
    assert client.put(path, **versions[1], headers={"If-Match": etag}).status_code == 200


def test_what_has_changed_since_it_was_read_is_not_replaced(client, path, versions):
    etag = client.put(path, **versions[0]).headers["ETag"]
    newer = client.put(path, **versions[1]).headers["ETag"]
    answer = client.put(path, **versions[2], headers={"If-Match": etag})
    assert (answer.status_code, answer.json["code"]) == (412, "precondition_failed")
    assert client.get(path.partition("?")[0]).headers["ETag"] == newer


def test_what_is_not_there_can_not_be_replaced(client, path, versions):
    assert client.put(path, **versions[0], headers={"If-Match": "*"}).status_code == 412


def test_creating_only_creates(client, path, versions):
    once = {"If-None-Match": "*"}
    assert client.put(path, **versions[0], headers=once).status_code == 201
    assert client.put(path, **versions[1], headers=once).status_code == 412


def test_of_many_who_replace_the_same_version_one_does(app, client, path, versions):
    etag = client.put(path, **versions[0]).headers["ETag"]

    def replace(number: int) -> int:
        return app.test_client().put(path, **versions[1 + number % 2], headers={"If-Match": etag}).status_code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(replace, range(4))) == [200, 412, 412, 412]


def test_what_has_changed_since_it_was_read_is_not_deleted(client, path, versions):
    etag = client.put(path, **versions[0]).headers["ETag"]
    newer = client.put(path, **versions[1]).headers["ETag"]
    place = path.partition("?")[0]
    assert client.delete(place, headers={"If-Match": etag}).status_code == 412
    assert client.delete(place, headers={"If-Match": newer}).status_code == 204


def test_what_one_has_already_is_304_and_free(client, path, versions):
    etag = client.put(path, **versions[0]).headers["ETag"]
    answer = client.get(path.partition("?")[0], headers={"If-None-Match": etag})
    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", etag)


def test_what_belongs_to_a_caller_is_kept_by_nobody_else(client, path, versions):
    client.put(path, **versions[0])
    assert client.get(path.partition("?")[0]).headers["Cache-Control"] == "private, no-cache"
