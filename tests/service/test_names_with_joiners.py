"""Names with joined emoji, or in Persian, are shown as they are written, and are found and erased without joiners."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from worker import jobs

if TYPE_CHECKING:
    from flask.testing import FlaskClient

ASTRONAUT, ALIREZA = "\U0001f469\U0001f3fd\u200d\U0001f680 Ana", "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627"
BARE = {name: name.replace("\u200d", "").replace("\u200c", "") for name in (ASTRONAUT, ALIREZA)}
URL = "/v1/datasets/crew?network=custom:crew&profile=qa"


def records() -> list[dict[str, Any]]:
    at = "2026-10-01T0{}:00:00Z"
    question = {"id": "q1", "actor": ALIREZA, "type": "question", "published": at.format(1), "tags": ["hops"]}
    answer = {"id": "a1", "actor": ASTRONAUT, "type": "answer", "object": "q1", "published": at.format(2)}
    accept = {"id": "c1", "actor": BARE[ALIREZA], "type": "accept", "object": "a1", "published": at.format(3)}
    return [question, answer, accept]


def lines(some: list[dict[str, Any]]) -> bytes:
    return b"\n".join(map(msgspec.json.encode, some))


@pytest.fixture
def crew(client: FlaskClient, worker: None) -> None:
    made = client.put(URL, data=lines(records()), content_type="application/x-ndjson")
    assert (made.status_code, made.json["counts"]["records"]) == (201, 3)


def people(client: FlaskClient, query: str = "") -> dict[str, str]:
    found = client.get(f"/v1/datasets/crew/people{query}").json["data"]
    return {each["account"]: each["name"] for each in found}


def test_people_are_shown_as_they_write_themselves_and_are_one_account_however_it_is_written(client, crew):
    assert people(client) == {bare: name for name, bare in BARE.items()}
    for written in (ASTRONAUT, BARE[ASTRONAUT]):
        assert people(client, f"?q={written}") == {BARE[ASTRONAUT]: ASTRONAUT}


def test_a_document_and_a_board_show_the_name(client, crew):
    root = {"kind": "accounts", "network": "custom:crew", "accounts": [{"account": ALIREZA}]}
    asked = {"topics": ["tag:hops"], "trust_root": root, "dataset": "crew"}
    one = client.post("/v1/jobs", json={**asked, "accounts": [{"network": "custom:crew", "account": ASTRONAUT}]}).json
    jobs.score("local", one["id"])
    (result,) = client.get(one["urls"]["self"]).json["results"]
    assert client.get(result["score_url"]).json["account"]["name"] == ASTRONAUT


def test_records_in_a_request_show_the_name_too(client, worker):
    root = {"kind": "accounts", "network": "custom:crew", "accounts": [{"account": ALIREZA}]}
    accounts = [{"network": "custom:crew", "account": BARE[ASTRONAUT]}]
    asked = {"topics": ["tag:hops"], "trust_root": root, "profile": "qa", "activities": records(), "accounts": accounts}
    job = client.post("/v1/jobs", json=asked).json
    jobs.score("local", job["id"])
    (result,) = client.get(job["urls"]["self"]).json["results"]
    assert client.get(result["score_url"]).json["account"]["name"] == ASTRONAUT


def test_what_an_account_says_of_itself_is_shown_instead(client, crew):
    said = {"type": "account", "actor": BARE[ASTRONAUT], "name": "Ana", "published": "2020-01-01T00:00:00Z"}
    added = client.post("/v1/datasets/crew/records", data=lines([said]), content_type="application/x-ndjson")
    assert added.status_code == 200
    assert people(client)[BARE[ASTRONAUT]] == "Ana"


def test_the_same_records_once_more_change_nothing(client, crew):
    before = client.get("/v1/datasets/crew").json["digest"]
    added = client.post("/v1/datasets/crew/records", data=lines(records()), content_type="application/x-ndjson")
    assert added.status_code == 200
    assert added.json["digest"] == before


@pytest.mark.parametrize("written", [ALIREZA, BARE[ALIREZA]])
def test_whoever_is_erased_is_so_with_the_name_as_it_was_written(client, store, crew, written):
    asked = store.erasures.create("local", "custom:crew", written)
    assert store.eraser.run(store.erasures.start(asked.id)).status == "succeeded"
    assert people(client) == {BARE[ASTRONAUT]: ASTRONAUT}
    assert not list(store.eraser.kept_of("custom:crew", BARE[ALIREZA]))
