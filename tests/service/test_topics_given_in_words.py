"""A topic given in words, kept nowhere by itself: whatever its map and its cards lead to knows it as well."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from candor.store.jobs import part_id
from worker import jobs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask.testing import FlaskClient

HTML = {"Accept": "text/html"}
WIND = {"id": "wind-power", "label": "Wind power", "terms": ["wind power"]}
AS_OF = "2026-11-01T00:00:00Z"
ROOT = {"kind": "accounts", "network": "custom:vent", "accounts": [{"account": f"u{number}"} for number in range(5)]}
WHOSE = f"dataset=vent&trust_root=elders&as_of={AS_OF}"


def forum() -> Iterator[dict[str, Any]]:
    """A forum without tags: five people ask about wind power, and take what Théo answers."""
    yield {"type": "account", "actor": "theo", "name": "Théo Roux", "published": "2026-09-01T00:00:00Z"}
    for number in range(20):
        at, asker = f"2026-10-{1 + number:02}T12:00:00Z", f"u{number % 5}"
        said = {"published": at, "object": f"q{number}"}
        asked = f"Which wind power is that of no. {number}?"
        yield {"id": f"q{number}", "type": "question", "actor": asker, "published": at, "content": asked}
        yield {"id": f"a{number}", "type": "answer", "actor": "theo", "content": "Look at the blades.", **said}
        took = {"object": f"a{number}", "target_actor": "theo"}
        yield {"id": f"k{number}", "type": "accept", "actor": asker, "published": at, **took}


def score(client: FlaskClient, **asked: Any) -> dict[str, Any]:
    """Have a job done; return its result."""
    body = {"topics": [WIND], "dataset": "vent", "trust_root": "elders", "as_of": AS_OF, **asked}
    answer = client.post("/v1/jobs", json=body)
    assert answer.status_code == 202, answer.text
    job = answer.json["id"]
    for name in [job] if asked.get("accounts") else [job, part_id(job, 0)]:
        jobs.score("local", name)
    result: dict[str, Any] = client.get(f"/v1/jobs/{job}").json["results"][0]
    return result


@pytest.fixture
def vent(client: FlaskClient, worker: None) -> FlaskClient:
    """A caller with the forum."""
    lines = b"\n".join(map(msgspec.json.encode, forum()))
    url = "/v1/datasets/vent?network=custom:vent&profile=qa"
    assert client.put(url, data=lines, content_type="application/x-ndjson").status_code == 201
    assert client.put("/v1/trust-roots/elders", json=ROOT).status_code == 201
    return client


@pytest.fixture
def read(vent: FlaskClient) -> Callable[..., Any]:
    """Asks for a list, has the job done that makes it, and asks again."""

    def _read(url: str) -> Any:
        accept = {} if url.startswith("/v1/") else HTML
        answer = vent.get(url, headers=accept)
        if answer.status_code in (202, 303):
            jobs.score("local", answer.headers["Location"].partition("?")[0].rpartition("/")[2])
            answer = vent.get(url, headers=accept)
        assert answer.status_code == 200, answer.text[-600:]
        return html.unescape(answer.text) if accept else answer.json

    return _read


def test_a_map_of_ones_own_words_leads_to_the_messages_that_mattered(vent, read):
    page = read(f"/map?board={score(vent)['board_id']}")
    assert f"/messages?dataset=vent&topic=wind-power&trust_root=elders&as_of={AS_OF.replace(':', '%3A')}" in page
    assert "Look at the blades." in read(f"/messages?topic=wind-power&{WHOSE}")
    assert read(f"/v1/topics/wind-power/messages?{WHOSE}")["total"] == 20


def test_what_people_here_know_has_the_topic_that_they_were_ranked_on(vent, read):
    assert read(f"/v1/datasets/vent/topics?{WHOSE.partition('&')[2]}")["total"] == 0
    score(vent)
    (topic,) = read(f"/v1/datasets/vent/topics?{WHOSE.partition('&')[2]}")["data"]
    assert (topic["topic"], topic["people"], topic["holders"][0]["account"]) == ("wind-power", 1, "theo")
    assert "Wind power" in read(f"/topics?{WHOSE}")


@pytest.mark.parametrize("asked", [{}, {"accounts": [{"network": "custom:vent", "account": "theo"}]}])
def test_a_person_is_known_for_the_topic_that_everybody_was_ranked_or_that_one_scored_on(vent, read, asked):
    score(vent, **asked)
    (topic,) = read(f"/v1/accounts/custom:vent/theo/topics?{WHOSE}")["data"]
    assert (topic["topic"], topic["people"], topic["records"]) == ("wind-power", 5, 20)
    assert "Wind power" in read(f"/topics/custom:vent/theo?{WHOSE}")


def test_the_topic_of_a_map_is_chosen_by_its_id_in_the_same_data_set_alone(vent, read):
    score(vent)
    assert score(vent, topics=["wind-power"], accounts=[{"network": "custom:vent", "account": "theo"}])["score_id"]
    followed = {"dataset": "vent", "topic": "wind-power", "trust_root": "elders"}
    assert vent.put("/v1/followed-boards/wind", json=followed).status_code == 201
    other = b"\n".join(map(msgspec.json.encode, forum()))
    url = "/v1/datasets/other?network=custom:vent&profile=qa"
    assert vent.put(url, data=other, content_type="application/x-ndjson").status_code == 201
    refused = vent.post("/v1/jobs", json={"topics": ["wind-power"], "dataset": "other", "trust_root": "elders"})
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/topics/0")


def test_of_two_meanings_of_one_id_the_newest_map_has_the_last_word(vent, read):
    score(vent)
    score(vent, topics=[{**WIND, "terms": ["solar power"]}], as_of="2026-11-01T01:00:00Z")
    assert read(f"/v1/datasets/vent/topics?{WHOSE.partition('&')[2]}")["total"] == 0


@pytest.mark.parametrize("page", ["/topics?", "/topics/custom:vent/theo?"])
def test_a_topic_of_ones_own_is_called_so_until_somebody_is_ranked_on_it_in_this_community(vent, read, page):
    vent.put("/v1/topics/wind-power", json={"label": "Wind power", "terms": ["wind power", "no."]})
    said = "One of your own topics, found by these words: wind power, no.. Nobody has been ranked on it"
    assert said in read(page + WHOSE)
    score(vent, topics=["wind-power"])
    assert "Wind power" in read(page + WHOSE)
    assert said not in read(page + WHOSE)


def test_topics_of_ones_own_are_offered_apart_until_somebody_is_ranked_on_them(vent, read):
    vent.put("/v1/topics/honey", json={"label": "Honey", "terms": ["honey"]})
    vent.put("/v1/topics/wind-power", json={"label": "Wind power", "terms": ["wind power"]})
    score(vent, topics=["wind-power"])
    here, apart, elsewhere = read("/?dataset=vent").partition("on which nobody has been ranked here yet")
    assert ("Wind power" in here, bool(apart), "Honey" in elsewhere) == (True, True, True)
    vent.delete("/v1/topics/honey")
    assert "on which nobody has been ranked here yet" not in read("/?dataset=vent")


def test_topics_of_ones_own_are_offered_where_nothing_else_is_known_of_a_community(client, store):
    client.put("/v1/topics/honey", json={"label": "Honey", "terms": ["honey"]})
    line = b'{"type":"note","id":"1","actor":"a","published":"2026-10-01T00:00:00Z","content":"Kompost."}'
    store.datasets.put("local", "garden", network="custom:g", profile="forum", granted_rights=False, lines=[line])
    answer = client.get("/?dataset=garden", headers={"Accept": "text/html"})
    page = answer.get_data(as_text=True)
    assert (answer.status_code, "Honey" in page, "speak of no topic that is known here" in page) == (200, True, True)


def test_a_topic_of_ones_own_is_called_in_the_readers_language_where_topics_are_listed(vent, read):
    named = {"label": "Wind power", "terms": ["wind power"], "labels": {"fr": "Énergie éolienne"}}
    vent.put("/v1/topics/wind-power", json=named)
    score(vent, topics=["wind-power"])
    vent.get("/v1/datasets/vent/topics?trust_root=network")
    page = read("/topics?dataset=vent&trust_root=network&lang=fr")
    assert ("Énergie éolienne" in page, "Wind power" in page) == (True, False)
