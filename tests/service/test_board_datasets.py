"""Boards of one topic in several data sets, side by side: each under its own people, compared with no other."""

from __future__ import annotations

import html
import re
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
    ("language", "said", "asking"),
    [
        ("en", "they cannot be compared from one community to another", "Ask other communities about this topic"),
        ("fr", "ne se comparent pas d'une communauté à l'autre", "Interroger d'autres communautés sur ce sujet"),
    ],
)
def test_the_page_of_a_map_leads_to_those_of_other_communities(client, boards, language, said, asking):
    whole = html.unescape(client.get(f"/map?board={boards['town']}", headers={"Accept": "text/html"}).text)
    assert f"/map/communities?board={boards['town']}" in whole
    shown = page(client, f"/map/communities?board={boards['town']}", language)
    found = client.get(f"/v1/boards/{boards['town']}/datasets").json["boards"]
    assert said in shown
    assert asking in shown  # of those that have no map of it
    assert [who for board in found for who in board["first"] if who["account"] not in shown] == []
    assert asking in page(client, f"/map/communities?board={boards['hamlet']}", language)


def test_the_map_of_the_only_community_leads_to_no_other(client, boards):
    for name in ("village", "hamlet"):
        client.delete(f"/v1/datasets/{name}")
    assert "/map/communities" not in client.get(f"/map?board={boards['town']}", headers={"Accept": "text/html"}).text


def form_of(client: FlaskClient, board: str) -> str:
    """The page as it is sent."""
    return client.get(f"/map/communities?board={board}", headers={"Accept": "text/html"}).text


def ask(client: FlaskClient, board: str, **roots: str) -> Any:
    """Send the form of the page."""
    token = re.search(r'name="csrf" value="([\w-]+)"', form_of(client, board))
    assert token is not None
    chosen = {f"root:{name}": root for name, root in roots.items()}
    return client.post("/map/communities", data={"csrf": token[1], "board": board, **chosen})


def test_one_form_asks_every_community_chosen_about_the_topic_and_shows_them_beside_each_other(client, boards):
    records = b"\n".join(map(msgspec.json.encode, community(2_000)))
    client.put("/v1/datasets/port?network=custom:port&profile=qa", data=records, content_type="application/x-ndjson")
    pilots = {"kind": "accounts", "network": "custom:port", "accounts": [{"account": "u1"}]}
    client.put("/v1/trust-roots/pilots", json=pilots)
    form = form_of(client, boards["town"])
    assert [f"root:{name}" in form for name in ("port", "hamlet", "village")] == [True, True, False]
    assert '<option value="pilots">' in form

    before = {job["id"] for job in client.get("/v1/jobs").json["data"]}
    answer = ask(client, boards["town"], port="pilots", hamlet="network", village="")
    assert (answer.status_code, answer.location) == (303, f"/map/communities?board={boards['town']}")
    made = [job for job in client.get("/v1/jobs").json["data"] if job["id"] not in before]
    assert len(made) == 2
    waiting = form_of(client, boards["town"])
    assert "Now being ranked" in waiting
    assert "root:port" not in waiting
    for job in made:
        for name in (job["id"], part_id(job["id"], 0)):
            jobs.score("local", name)
    found = client.get(f"/v1/boards/{boards['town']}/datasets").json["boards"]
    assert {board["dataset"]: board["trust_root"]["id"] or board["trust_root"]["kind"] for board in found} == {
        "town": "network",
        "village": "network",
        "port": "pilots",
        "hamlet": "network",
    }
    assert {board["topic"] for board in found} == {"tag:topic", "tag:Topic"}
    assert "Now being ranked" not in page(client, answer.location, "en")


def test_one_community_alone_leads_to_its_progress_and_back_and_none_to_the_page(client, boards):
    back = f"/map/communities?board={boards['town']}"
    assert ask(client, boards["town"], hamlet="").location == back
    assert ask(client, boards["town"], hamlet="network").location.startswith("/progress/job_")


def test_where_one_of_several_cannot_be_asked_none_is(client, boards):
    before = len(client.get("/v1/jobs").json["data"])
    assert ask(client, boards["town"], hamlet="network", nowhere="network").status_code == 422
    assert ask(client, boards["town"], hamlet="network", village="nobodys").status_code == 422
    assert len(client.get("/v1/jobs").json["data"]) == before


def test_communities_with_most_on_the_topic_come_first_and_those_without_are_folded_away(client, boards):
    records = list(community(2_000))
    said = {"few": records[:40], "silent": [record for record in records if record.tags == ("other-1",)]}
    for name, some in said.items():
        lines = b"\n".join(map(msgspec.json.encode, some))
        address = f"/v1/datasets/{name}?network=custom:{name}&profile=qa"
        assert client.put(address, data=lines, content_type="application/x-ndjson").status_code == 201
    form = form_of(client, boards["town"])
    shown, _, folded = form.partition('<details class="more">')
    assert re.findall(r'name="root:(\w+)"', shown) == ["hamlet", "few"]
    assert re.findall(r'name="root:(\w+)"', folded) == ["silent"]
    spoken = sum(record.tags == ("topic",) for record in records)
    assert f"about {spoken} posts mention it" in shown
