"""Cursors: they work for the list and the owner they were made for, and nothing else is one."""

from __future__ import annotations

import base64

import pytest


@pytest.fixture
def cursor(client):
    """A cursor into the list of topics."""
    return client.get("/v1/topics?limit=1").json["next_cursor"]


def refused(answer) -> bool:
    return (answer.status_code, [error["pointer"] for error in answer.json["errors"]]) == (422, ["/cursor"])


def test_a_cursor_leads_to_the_next_page(client, cursor):
    first, second = (client.get(f"/v1/topics?limit=1{rest}").json["data"] for rest in ("", f"&cursor={cursor}"))
    assert first[0]["id"] < second[0]["id"]


@pytest.mark.parametrize("place", [0, 5, 11, 12, -1])
def test_a_cursor_that_was_changed_is_422(client, cursor, place):
    letters = list(cursor)
    letters[place] = "A" if letters[place] != "A" else "B"
    assert refused(client.get("/v1/topics", query_string={"cursor": "".join(letters)}))


def test_a_cursor_made_up_is_422(client):
    made_up = base64.urlsafe_b64encode(b"x" * 9 + b"zzz").decode()
    assert refused(client.get("/v1/topics", query_string={"cursor": made_up}))


def test_a_cursor_of_another_list_is_422(client, cursor):
    assert refused(client.get("/v1/keys", query_string={"cursor": cursor}))


def test_a_cursor_of_another_owner_is_422(caller):
    cursor = caller("ada")("GET", "/v1/topics?limit=1").json["next_cursor"]
    assert refused(caller("bob")("GET", f"/v1/topics?cursor={cursor}"))
