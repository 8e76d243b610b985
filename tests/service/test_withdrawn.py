"""Accepts, likes and follows that somebody takes back later, as logs of events say it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from candor.formats.rows import records_in
from candor.scoring.records import RecordReader

POSTS = [
    {"type": "question", "id": "q", "actor": "ada", "published": "2026-01-01T00:00:00Z"},
    {"type": "answer", "id": "a", "actor": "bo", "object": "q", "published": "2026-01-02T00:00:00Z"},
    {"type": "accept", "id": "x", "actor": "ada", "object": "a", "published": "2026-01-03T00:00:00Z"},
]
TAKEN_BACK = {"type": "unaccepted", "id": "y", "actor": "ada", "object": "a", "published": "2026-01-04T00:00:00Z"}
AGAIN = {"type": "accept", "id": "z", "actor": "ada", "object": "a", "published": "2026-01-05T00:00:00Z"}


def put(client, records: list[dict[str, Any]], *, add: bool = False, **query: str) -> Any:
    body = "\n".join(map(json.dumps, records))
    send, path = (client.post, "/v1/datasets/d/records") if add else (client.put, "/v1/datasets/d")
    asked = query if add else {"network": "custom:c", "profile": "forum", **query}
    return send(path, query_string=asked, data=body, content_type="application/x-ndjson")


def kept(client) -> list[str]:
    return [json.loads(line)["id"] for line in client.get("/v1/datasets/d/records").data.splitlines()]


@pytest.mark.parametrize(
    ("records", "ids", "withdrawn"),
    [
        ([*POSTS, TAKEN_BACK], ["q", "a"], 1),
        ([TAKEN_BACK, *POSTS], ["q", "a"], 1),
        ([*POSTS, TAKEN_BACK, AGAIN], ["q", "a", "z"], 1),
        ([*POSTS, {**TAKEN_BACK, "published": "2026-01-02T12:00:00Z"}], ["q", "a", "x"], 0),
        ([*POSTS, {**TAKEN_BACK, "actor": "cy"}], ["q", "a", "x"], 0),
        ([*POSTS, {**TAKEN_BACK, "actor": None, "type": "Solution removed"}], ["q", "a"], 1),
        ([*POSTS, {**TAKEN_BACK, "object": "q"}], ["q", "a", "x"], 0),
        (
            [*POSTS, {**AGAIN, "type": "like", "id": "l", "actor": "cy"}, {**AGAIN, "type": "unlike", "actor": "cy"}],
            ["q", "a", "x"],
            1,
        ),
    ],
)
def test_what_is_taken_back_later_goes(client, records, ids, withdrawn):
    made = put(client, records)
    assert (made.status_code, made.json["counts"]["withdrawn"], made.json["counts"]["bad"]) == (201, withdrawn, 0)
    assert kept(client) == ids
    reader = RecordReader("custom:c", loose=True)
    reader.feed(records_in([b"\n".join(json.dumps(each).encode() for each in records)], 10**6, {}))
    assert (sorted(str(each.id) for each in reader.activities), reader.counts.withdrawn) == (sorted(ids), withdrawn)


def test_a_follow_that_ends_goes_by_whom_it_was_of(client):
    follow = {"type": "follow", "id": "f", "actor": "ada", "target_actor": "bo", "published": "2026-01-01T00:00:00Z"}
    other = {**follow, "id": "g", "target_actor": "cy"}
    made = put(client, [follow, other, {**follow, "type": "unfollow", "published": "2026-01-02T00:00:00Z"}])
    assert (made.json["counts"]["withdrawn"], kept(client)) == (1, ["g"])


def test_what_is_added_takes_back_what_was_kept_before(client):
    put(client, POSTS)
    more = {**POSTS[1], "id": "b", "actor": "cy", "published": "2026-01-04T00:00:00Z"}
    added = put(client, [more, TAKEN_BACK], add=True)
    assert (added.status_code, added.json["records"], added.json["counts"]["withdrawn"]) == (200, 3, 1)
    assert kept(client) == ["q", "a", "b"]


def test_a_withdrawal_can_be_added_alone_and_is_no_upload_by_itself(client):
    assert put(client, [TAKEN_BACK]).status_code == 422
    put(client, POSTS)
    assert put(client, [TAKEN_BACK], add=True).status_code == 200
    assert kept(client) == ["q", "a"]


def test_an_answer_that_is_added_with_a_no_is_accepted_no_more(client):
    names, question = "id,actor,published,object,content,accepted", "q,ada,2026-01-01T00:00:00Z,,How?,"
    table = f"{names}\n{question}\na,bo,2026-01-02T00:00:00Z,q,so,{{}}\n"
    query = {"network": "custom:c", "profile": "forum"}
    client.put("/v1/datasets/d", query_string=query, data=table.format("yes"), content_type="text/csv")
    assert kept(client) == ["q", "a", "a:accepted"]
    client.post("/v1/datasets/d/records", data=table.format("no"), content_type="text/csv")
    assert kept(client) == ["q", "a"]
