"""Boards of one topic in several data sets, side by side: each under its own people, compared with no other."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from candor.store.jobs import part_id
from lab.speed.community import community
from tests.service.test_board_roots import page
from worker import jobs

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

COMMUNITIES = {"town": "tag:topic", "village": "tag:Topic", "hamlet": "tag:other"}


def ranked(client: FlaskClient, dataset: str, topic: str, root: str = "network", at: str = "2026-10-28") -> str:
    """Rank a data set on a topic; return the board's id."""
    body = {"topics": [topic], "dataset": dataset, "trust_root": root, "as_of": f"{at}T00:00:00Z"}
    job = client.post("/v1/jobs", json=body).json["id"]
    for name in (job, part_id(job, 0)):
        jobs.score("local", name)
    board: str = client.get(f"/v1/jobs/{job}").json["results"][0]["board_id"]
    return board


def keep_boards(client: FlaskClient) -> dict[str, str]:
    """Upload three communities and rank each on its topic."""
    records = b"\n".join(map(msgspec.json.encode, community(2_000)))
    for name in COMMUNITIES:
        address = f"/v1/datasets/{name}?network=custom:{name}&profile=qa"
        assert client.put(address, data=records, content_type="application/x-ndjson").status_code == 201
    return {name: ranked(client, name, topic) for name, topic in COMMUNITIES.items()}


@pytest.fixture
def boards(client: FlaskClient, worker: None, saved: Callable[..., Any]) -> dict[str, str]:
    """The boards by data set."""
    kept: dict[str, str] = saved("three communities on two topics", lambda: keep_boards(client))
    return kept


def test_a_tag_in_another_case_is_the_same_topic_and_another_tag_is_not(client, boards):
    found = client.get(f"/v1/boards/{boards['town']}/datasets?places=3").json["boards"]
    assert [(board["dataset"], board["topic"]) for board in found] == [("town", "tag:topic"), ("village", "tag:Topic")]
    for board in found:
        rows = client.get(f"{board['board_url']}?limit=3").json["data"]
        assert [(who["account"], who["rank"], who["score"]) for who in board["first"]] == [
            (row["account"], row["rank"], row["expertise"]["score"]) for row in rows
        ]
        assert len(board["first"]) == 3


def test_the_newest_board_that_trusts_anybody_is_taken(client, boards):
    newer = ranked(client, "village", "tag:topic", at="2026-10-29")
    ranked(client, "village", "tag:topic", root="none", at="2026-10-30")
    found = client.get(f"/v1/boards/{boards['town']}/datasets").json["boards"]
    assert [board["board_id"] for board in found] == [boards["town"], newer]


def test_somebody_suppressed_in_another_data_set_is_not_listed(client, boards, store):
    (_, other) = client.get(f"/v1/boards/{boards['town']}/datasets").json["boards"]
    store.suppression.add("custom:village", [other["first"][0]["account"]])
    (_, again) = client.get(f"/v1/boards/{boards['town']}/datasets").json["boards"]
    assert other["first"][0]["account"] not in {who["account"] for who in again["first"]}


@pytest.mark.parametrize("query", ["places=0", "places=51", "kind=cat"])
def test_what_cannot_be_asked_is_refused(client, boards, query):
    assert client.get(f"/v1/boards/{boards['town']}/datasets?{query}").status_code == 422
    assert client.get("/v1/boards/bd_none/datasets").status_code == 404


@pytest.mark.parametrize(
    ("language", "said", "alone"),
    [
        ("en", "they cannot be compared from one community to another", "no other community of yours has a map"),
        ("fr", "ne se comparent pas d'une communauté à l'autre", "aucune autre de vos communautés n'a de carte"),
    ],
)
def test_the_page_of_a_map_leads_to_those_of_other_communities(client, boards, language, said, alone):
    whole = html.unescape(client.get(f"/map?board={boards['town']}", headers={"Accept": "text/html"}).text)
    assert f"/map/communities?board={boards['town']}" in whole
    shown = page(client, f"/map/communities?board={boards['town']}", language)
    found = client.get(f"/v1/boards/{boards['town']}/datasets").json["boards"]
    assert said in shown
    assert alone not in shown
    assert [who for board in found for who in board["first"] if who["account"] not in shown] == []
    assert alone in page(client, f"/map/communities?board={boards['hamlet']}", language)


def test_the_map_of_the_only_community_leads_to_no_other(client, boards):
    for name in ("village", "hamlet"):
        client.delete(f"/v1/datasets/{name}")
    assert "/map/communities" not in client.get(f"/map?board={boards['town']}", headers={"Accept": "text/html"}).text
