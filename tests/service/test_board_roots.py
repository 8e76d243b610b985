"""Boards of one question under several trust roots, side by side: who keeps a place whoever is trusted."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from candor.store.jobs import part_id
from lab.speed.community import community
from worker import jobs

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

TOWN = "/v1/datasets/town?network=custom:town&profile=qa"
AT = "2026-11-01T00:00:00Z"


def ranked(client: FlaskClient, root: str, topic: str = "tag:topic", days: int = 1825) -> str:
    """Rank the town under a root; return the board's id."""
    body = {"topics": [topic], "dataset": "town", "trust_root": root, "as_of": AT, "window_days": days}
    job = client.post("/v1/jobs", json=body).json["id"]
    for name in (job, part_id(job, 0)):
        jobs.score("local", name)
    board: str = client.get(f"/v1/jobs/{job}").json["results"][0]["board_id"]
    return board


def keep_boards(client: FlaskClient) -> dict[str, str]:
    """Upload a town and rank it under four roots, and on another topic."""
    records = b"\n".join(map(msgspec.json.encode, community(4_000)))
    assert client.put(TOWN, data=records, content_type="application/x-ndjson").status_code == 201
    for name, people in (("elders", range(10)), ("newer", range(20, 26))):
        root = {"kind": "accounts", "network": "custom:town", "accounts": [{"account": f"u{n}"} for n in people]}
        assert client.put(f"/v1/trust-roots/{name}", json=root).status_code == 201
    boards = {root: ranked(client, root) for root in ("elders", "network", "none")}
    return {
        **boards,
        "newer": ranked(client, "newer", days=100),
        "other topic": ranked(client, "newer", "space-technology"),
    }


@pytest.fixture
def boards(client: FlaskClient, worker: None, saved: Callable[..., Any]) -> dict[str, str]:
    """The boards by root."""
    kept: dict[str, str] = saved("a town under four roots", lambda: keep_boards(client))
    return kept


def test_places_are_those_of_each_board_and_the_board_asked_for_comes_first(client, boards):
    for root in ("elders", "newer"):
        found = client.get(f"/v1/boards/{boards[root]}/trust-roots?places=5").json
        asked = [board["board_id"] for board in found["boards"]]
        assert asked[0] == boards[root]
        assert set(asked) == {boards["elders"], boards["network"], boards["newer"]}
        rows = [client.get(f"/v1/boards/{board}?limit=100").json["data"] for board in asked]
        by_board = [{row["account"]: row for row in some if row["rank"]} for some in rows]
        for who in found["accounts"]:
            kept = [some.get(who["account"]) for some in by_board]
            assert who["ranks"] == [row and row["rank"] for row in kept]
            assert who["scores"] == [row and row["expertise"]["score"] for row in kept]
        first = [{name for name, row in some.items() if row["rank"] <= 5} for some in by_board]
        assert {who["account"] for who in found["accounts"]} == set.union(*first)
        assert set(found["on_all"]) == set.intersection(*first)


def test_a_board_says_what_else_it_was_made_from_otherwise(client, boards):
    found = client.get(f"/v1/boards/{boards['elders']}/trust-roots").json["boards"]
    assert {board["board_id"]: board["differs"] for board in found} == {
        boards["elders"]: [],
        boards["network"]: [],
        boards["newer"]: ["window"],
    }


def test_the_newest_board_of_another_root_is_taken(client, boards):
    newer = ranked(client, "newer", days=1825)
    found = client.get(f"/v1/boards/{boards['elders']}/trust-roots").json["boards"]
    assert newer in {board["board_id"] for board in found}
    assert boards["newer"] not in {board["board_id"] for board in found}


def test_somebody_suppressed_is_on_none_of_them(client, boards, store):
    first = client.get(f"/v1/boards/{boards['elders']}/trust-roots").json["accounts"][0]["account"]
    store.suppression.add("custom:town", [first])
    again = client.get(f"/v1/boards/{boards['elders']}/trust-roots").json
    assert first not in {who["account"] for who in again["accounts"]}
    assert first not in again["on_all"]


@pytest.mark.parametrize("query", ["places=0", "places=51", "kind=cat"])
def test_what_cannot_be_asked_is_said(client, boards, query):
    answer = client.get(f"/v1/boards/{boards['elders']}/trust-roots?{query}")
    assert answer.status_code == 422
    assert client.get("/v1/boards/bd_none/trust-roots").status_code == 404


def page(client: FlaskClient, address: str, language: str) -> str:
    """A page as it is read, without its tags."""
    answer = client.get(address, headers={"Accept": "text/html", "Accept-Language": language})
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", html.unescape(re.sub("<[^>]+>", " ", answer.text)))


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            [
                "How places change with whom you trust",
                "elders · 10 people",
                "also different: days read or type of community",
            ],
        ),
        (
            "fr",
            [
                "Les places, selon les personnes de confiance",
                "elders · 10 personnes",
                "nombre de jours lus ou type de communauté",
            ],
        ),
    ],
)
def test_the_page_shows_them_side_by_side(client, boards, language, said):
    shown = page(client, f"/map/trust?board={boards['elders']}", language)
    found = client.get(f"/v1/boards/{boards['elders']}/trust-roots").json
    assert [words for words in said if words not in shown] == []
    assert [who["account"] for who in found["accounts"] if who["account"] not in shown] == []
    whole = client.get(f"/map?board={boards['elders']}", headers={"Accept": "text/html"}).text
    assert f"/map/trust?board={boards['elders']}" in html.unescape(whole)


def test_the_page_of_the_only_board_says_how_to_get_another(client, boards):
    only = page(client, f"/map/trust?board={boards['other topic']}", "en")
    assert "for one group of trusted people only" in only
    assert "Ask again, trusting other people" in only
