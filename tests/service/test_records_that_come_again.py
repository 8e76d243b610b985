"""Records that come again: what was taken out stays out, and nobody takes somebody else's place without a word."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from redis import Redis

NEW = {"network": "custom:c", "profile": "forum"}
POSTS = [
    {"type": "question", "id": "q", "actor": "ada", "published": "2026-01-01T00:00:00Z", "content": "How?"},
    {"type": "answer", "id": "a", "actor": "bo", "object": "q", "published": "2026-01-02T00:00:00Z", "content": "So."},
]
MAIL = """From {who} Mon Jan  5 10:00:00 2026
From: {who}
Date: Mon, 5 Jan 2026 10:00:0{second} +0000
Message-ID: <{number}@a.example>
Subject: {subject}

{text}

"""


def send(client: FlaskClient, how: str, records: list[dict[str, Any]], **query: str) -> dict[str, Any]:
    body = "\n".join(map(json.dumps, records))
    path, given = ("/v1/datasets/d", NEW) if how == "PUT" else ("/v1/datasets/d/records", {})
    answer = client.open(path, method=how, query_string=given | query, data=body, content_type="application/x-ndjson")
    assert answer.status_code in {200, 201}, answer.json
    return answer.json


def kept(client: FlaskClient) -> dict[str, str]:
    lines = client.get("/v1/datasets/d/records").data.splitlines()
    return {record["id"]: record["actor"] for record in map(json.loads, lines)}


@pytest.mark.parametrize("how", ["PUT", "POST"])
def test_what_was_taken_out_stays_out_until_it_is_asked_for(client: FlaskClient, how: str) -> None:
    send(client, "PUT", POSTS)
    client.delete("/v1/datasets/d/records/a")
    again = send(client, how, POSTS)
    assert (again["records"], again["counts"]["taken_out"]) == (1, 1)
    assert "stay out: 1." in again["note"]
    assert send(client, how, POSTS)["records"] == 1
    restored = send(client, how, POSTS, restore="true")
    assert restored["records"] == 2
    assert send(client, how, POSTS)["records"] == 2


def test_what_was_taken_out_can_be_all_that_is_sent(client: FlaskClient) -> None:
    send(client, "PUT", POSTS)
    client.delete("/v1/datasets/d/records/a")
    again = send(client, "POST", POSTS[1:])
    assert (again["records"], again["counts"]["taken_out"]) == (1, 1)
    assert kept(client) == {"q": "ada"}


def test_the_id_of_what_was_taken_out_is_not_kept(client: FlaskClient, whole_server: Redis) -> None:
    send(client, "PUT", [*POSTS, POSTS[1] | {"id": "of-bo"}])
    client.delete("/v1/datasets/d/records/of-bo")
    assert b"of-bo" not in b"".join(whole_server.dump(key) or b"" for key in whole_server.scan_iter())


@pytest.mark.parametrize("more", [[], [{**POSTS[0], "id": "r", "actor": "cy"}]])
def test_a_record_by_another_author_takes_the_place_of_one_and_is_counted(
    client: FlaskClient, more: list[dict[str, Any]]
) -> None:
    send(client, "PUT", POSTS)
    answer = send(client, "POST", [POSTS[1] | {"actor": "evil"}, *more])
    assert kept(client)["a"] == "evil"
    assert answer["counts"]["other_author"] == 1
    assert "an earlier one by another author: 1. They took its place" in answer["note"]
    assert send(client, "POST", [POSTS[1] | {"actor": "evil", "content": "Or so."}])["counts"]["other_author"] == 1


def post_mails(client: FlaskClient, how: str, mails: list[tuple[str, str]]) -> Any:
    text = "".join(
        MAIL.format(who=who, number=number, second=number, subject="hops?", text=f"Text {number} of {who}")
        for who, number in mails
    )
    path = "/v1/datasets/d" + ("/records" if how == "POST" else "")
    query = {"format": "mbox"} | (NEW if how == "PUT" else {})
    return client.open(path, method=how, query_string=query, data=text, content_type="application/octet-stream").json


def test_whoever_sends_a_mail_with_the_id_of_another_takes_nobodys_place(client: FlaskClient) -> None:
    post_mails(client, "PUT", [("ada@a.example", "1"), ("bo@a.example", "2")])
    before = kept(client)
    forged = post_mails(client, "POST", [("evil@y.example", "2"), ("evil@y.example", "3")])
    assert kept(client) == before | {next(iter(kept(client).keys() - before.keys())): "evil@y.example"}
    assert forged["counts"]["other_author"] == 1
    assert "left out: whoever sends a mail chooses its id" in forged["note"]
    alone = post_mails(client, "POST", [("evil@y.example", "1")])
    assert (alone["records"], alone["counts"]["other_author"]) == (forged["records"], 2)
    own = post_mails(client, "POST", [("bo@a.example", "2")])
    assert own["counts"]["other_author"] == 1
