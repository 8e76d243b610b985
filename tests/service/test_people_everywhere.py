"""A name is looked for in all communities of a caller: in their own spelling, without whoever left, and apart."""

from __future__ import annotations

import html
import json
import re

import pytest

from service.api import people
from worker import jobs

NOTE = {"type": "note", "published": "2026-10-01T00:00:00Z", "content": "A rocket."}
CLAIM = {"type": "account", "published": "2026-10-01T00:00:00Z"}


@pytest.fixture
def communities(store):
    """José writes in two communities of one caller, and in one of another's; Ana is only called so."""
    said = {
        ("local", "astro"): [
            *({**NOTE, "id": "1", "actor": "José Álvarez"}, {**NOTE, "id": "2", "actor": "Josefina"}),
            {**NOTE, "type": "reshare", "id": "3", "actor": "Josefina", "object": "1"},
        ],
        ("local", "radio"): [{**NOTE, "id": "1", "actor": "u7"}, {**CLAIM, "actor": "u7", "name": "Jose ALVAREZ"}],
        ("bob", "secret"): [{**NOTE, "id": "1", "actor": "José Álvarez"}],
    }
    for (owner, name), lines in said.items():
        facts = {"network": f"custom:{name}", "profile": "forum", "granted_rights": False}
        store.datasets.put(owner, name, lines=[json.dumps(line).encode() for line in lines], **facts)


def found(client, written, **more):
    answer = client.get("/v1/people", query_string={"q": written, **more})
    assert answer.status_code == 200
    return [(each["dataset"], each["network"], each["member"]["account"]) for each in answer.json["data"]]


@pytest.mark.usefixtures("communities")
def test_a_person_is_found_in_every_community_of_ones_own(client):
    assert found(client, "josé alvarez") == [("astro", "custom:astro", "José Álvarez"), ("radio", "custom:radio", "u7")]
    assert found(client, "jose") == [
        ("astro", "custom:astro", "José Álvarez"),
        ("astro", "custom:astro", "Josefina"),
        ("radio", "custom:radio", "u7"),
    ]
    assert found(client, "nobody") == []


@pytest.mark.usefixtures("communities")
def test_whose_whole_name_it_is_comes_first_and_more_is_said_to_be_there(client):
    assert found(client, "josefina") == [("astro", "custom:astro", "Josefina")]
    assert client.get("/v1/people?q=jose&limit=1").json["has_more"] is True
    assert client.get("/v1/people?q=jose&limit=3").json["has_more"] is False


@pytest.mark.usefixtures("communities")
def test_whoever_left_is_found_nowhere(client, store):
    store.suppression.add("custom:astro", ["José Álvarez"])
    assert found(client, "josé alvarez") == [("radio", "custom:radio", "u7")]


@pytest.mark.usefixtures("communities")
def test_what_is_too_large_is_named_and_searched_once_it_is_at_hand(client, monkeypatch):
    monkeypatch.setattr(people, "MOST_LOOKED_THROUGH", 3)
    answer = client.get("/v1/people?q=jose").json
    assert (len(answer["data"]), answer["unsearched"]) == (1, ["astro"])
    client.get(f"/v1/datasets/{answer['unsearched'][0]}/people")
    answer = client.get("/v1/people?q=jose").json
    assert (len(answer["data"]), answer["unsearched"]) == (3, [])


@pytest.mark.usefixtures("worker")
def test_each_leads_to_their_topics_also_where_there_are_none(client, store):
    lines = [json.dumps({**NOTE, "id": "1", "actor": "Ada Berg", "content": "Good morning."}).encode()]
    store.datasets.put("local", "hill", lines=lines, network="custom:hill", profile="forum", granted_rights=False)
    (row,) = client.get("/v1/people?q=ada").json["data"]
    assert row["topics_url"] == "/v1/accounts/custom:hill/Ada%20Berg/topics?dataset=hill&trust_root=network"
    jobs.score("local", client.get(row["topics_url"]).json["id"])
    answer = client.get(row["topics_url"])
    assert (answer.status_code, answer.json["data"]) == (200, [])
    address = "/topics/custom:hill/Ada%20Berg?dataset=hill&trust_root=network"
    page = client.get(address, headers={"Accept": "text/html"})
    assert (page.status_code, "on a known topic" in page.get_data(as_text=True)) == (200, True)


@pytest.mark.usefixtures("communities")
def test_without_a_name_the_most_recognised_come_first(client):
    rows = client.get("/v1/people").json["data"]
    assert [row["member"]["account"] for row in rows] == ["José Álvarez", "Josefina", "u7"]


@pytest.mark.parametrize("query", ["?q=", "?q=a&limit=101"])
def test_a_question_that_makes_no_sense_is_refused(client, query):
    assert client.get(f"/v1/people{query}").status_code == 422


@pytest.mark.usefixtures("communities")
@pytest.mark.parametrize(("language", "hint"), [("en", "need not be the same person"), ("fr", "pas forcément la même")])
def test_the_page_leads_to_each_person_and_takes_nobody_for_another(client, language, hint):
    form = client.get(f"/people?lang={language}", headers={"Accept": "text/html"}).get_data(as_text=True)
    assert hint not in form
    page = client.get(f"/people?q=JOSE&lang={language}", headers={"Accept": "text/html"}).get_data(as_text=True)
    assert hint in page
    addresses = [html.unescape(each) for each in re.findall(r'href="(/topics/[^"]+)"', page)]
    assert addresses == [
        "/topics/custom%3Aastro/Jos%C3%A9%20%C3%81lvarez?dataset=astro&trust_root=network",
        "/topics/custom%3Aastro/Josefina?dataset=astro&trust_root=network",  # whom nobody recognised may be keen
        "/topics/custom%3Aradio/u7?dataset=radio&trust_root=network",
    ]
    for address in addresses:  # to the job that finds them
        assert client.get(address, headers={"Accept": "text/html"}).status_code == 303
    assert 'href="/?dataset=radio"' in page
    assert 'href="/people"' in client.get("/", headers={"Accept": "text/html"}).get_data(as_text=True)
