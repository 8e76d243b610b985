"""Boards: ranked, in pages, filtered, with a document for anyone there; comparisons in words and figures."""

from __future__ import annotations

import csv
import dataclasses
import html
import io
import re
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import msgspec
import pytest
from msgspec.structs import replace

from candor.scoring.document import ScoreDocument
from candor.scoring.ranking import ranking_of
from candor.settings import Settings
from candor.store import redis_keys
from candor.store.jobs import part_id
from lab.speed.community import community
from service.words import words
from tests.store.test_store_disputes import dispute
from worker import jobs

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from flask.testing import FlaskClient

    from candor.store import Store

ROOT = {"kind": "accounts", "network": "custom:town", "accounts": [{"account": f"u{number}"} for number in range(10)]}
EXPERTS = "/v1/topics/tag:topic/experts?dataset=town&trust_root=elders"
WHOLE = {"topics": ["tag:topic"], "dataset": "town", "trust_root": "elders"}


@cache
def records_of_town() -> bytes:
    """What a community of forty people did, three of them with something to say of themselves."""
    lines = [msgspec.json.encode(activity) for activity in community(4_000)]
    seen = {"type": "account", "published": "2026-10-01T00:00:00Z"}
    lines += [
        msgspec.json.encode(seen | more)
        for more in (
            {"actor": "u0", "kind": "bot"},
            {"actor": "u1", "kind": "person"},
            {"actor": "u2", "consent": False},
        )
    ]
    return b"\n".join(lines)


@pytest.fixture
def town(client: FlaskClient, worker: None, saved: Callable[..., Any]) -> None:
    """The community, kept."""
    saved("the town", lambda: keep_town(client))


def keep_town(client: FlaskClient) -> None:
    """Upload the community and whom to trust in it."""
    url = "/v1/datasets/town?network=custom:town&profile=qa"
    assert client.put(url, data=records_of_town(), content_type="application/x-ndjson").status_code == 201
    assert client.put("/v1/trust-roots/elders", json=ROOT).status_code == 201


@pytest.fixture
def board(client: FlaskClient, town: None, saved: Callable[..., Any]) -> dict[str, Any]:
    """The job that made the board, ended."""
    ended: dict[str, Any] = saved("the town with a board", lambda: rank(client))
    return ended


def rank(client: FlaskClient) -> dict[str, Any]:
    """Have everybody ranked; return the job."""
    job = client.post("/v1/jobs", json=WHOLE).json
    for name in (job["id"], part_id(job["id"], 0)):
        jobs.score("local", name)
    ended: dict[str, Any] = client.get(job["urls"]["self"]).json
    return ended


def test_a_document_for_a_row_does_not_wait_behind_communities(client, store, board):
    url = f"/v1/boards/{board['results'][0]['board_id']}/documents/u3"
    job = client.post(url).json
    assert (store.jobs.find(job["id"]).request.queue, job["status"]) == ("interactive", "queued")


def everybody(client: FlaskClient, more: str = "&kind=all") -> list[dict[str, Any]]:
    """Every row, page by page."""
    rows, url = [], f"{EXPERTS}&limit=7{more}"
    while url:
        answer = client.get(url)
        rows += answer.json["data"]
        url = answer.headers["Link"].partition(">")[0].removeprefix("<") if answer.json["has_more"] else ""
    return rows


def document(client: FlaskClient, row: dict[str, Any]) -> ScoreDocument:
    """The document of somebody on the board."""
    job = client.post(row["document_url"]).json
    jobs.score("local", job["id"])
    (result,) = client.get(job["urls"]["self"]).json["results"]
    return msgspec.json.decode(client.get(result["score_url"]).data, type=ScoreDocument)


def test_the_job_leads_to_its_board(client: FlaskClient, board: dict[str, Any]) -> None:
    (result,) = board["results"]
    assert (board["status"], result["account"]) == ("succeeded", None)
    answer = client.get(result["board_url"])
    assert (answer.status_code, answer.json["board"]["id"]) == (200, result["board_id"])


@pytest.mark.parametrize(
    ("topic", "said"), [("tag:bear", "Nobody in this data set did anything"), ("tag:topic", "Nobody passes")]
)
def test_a_map_without_anybody_says_whether_it_is_the_topic_or_the_filter(client, town, topic, said):
    job = client.post("/v1/jobs", json={**WHOLE, "topics": [topic]}).json
    for name in (job["id"], part_id(job["id"], 0)):
        jobs.score("local", name)
    page = client.get(f"/map?topic={topic}&dataset=town&trust_root=elders&lang=en&kind=organisation")
    assert said in page.get_data(as_text=True)


def test_a_map_of_words_that_nobody_wrote_says_which_words(client, town):
    client.put("/v1/topics/nothing", json={"label": "Nothing", "terms": ["nothingsuch"], "hashtags": ["nosuchtag"]})
    job = client.post("/v1/jobs", json={**WHOLE, "topics": ["nothing"]}).json
    for name in (job["id"], part_id(job["id"], 0)):
        jobs.score("local", name)
    page = client.get("/map?topic=nothing&dataset=town&trust_root=elders&lang=en").get_data(as_text=True)
    assert "holds what this topic is looked for by: nothingsuch, nosuchtag." in page
    page = client.get("/map?topic=nothing&dataset=town&trust_root=elders&lang=fr").get_data(as_text=True)
    assert "nothingsuch, nosuchtag" in page


@pytest.mark.parametrize("root", ["elders", "network"])
@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, None),
        ({"as_of": "2020-01-01T00:00:00Z"}, "All records of this data set are of 20"),
        ({"topics": ["tag:topics"]}, "No record has the tag 'topics': did you mean 'topic'?"),
        ({"topics": ["tag:elsewhere"]}, "No record has the tag 'elsewhere'."),
        ({"topics": ["space-technology"]}, "Nobody did anything on this topic in the 1825 days before 20"),
    ],
)
def test_a_board_and_its_job_say_why_nobody_is_on_it(client, town, asked, said, root):
    job = client.post("/v1/jobs", json={**WHOLE, "trust_root": root, **asked}).json
    for name in (job["id"], part_id(job["id"], 0)):
        jobs.score("local", name)
    ended = client.get(job["urls"]["self"]).json
    board = client.get(ended["results"][0]["board_url"]).json["board"]
    assert (board["people"] == 0) == (said is not None)
    for note in (board["note"], ended["note"]):
        assert note is None if said is None else note.startswith(said)


def test_a_board_stays_at_its_address_when_a_later_job_makes_another(
    client: FlaskClient, board: dict[str, Any]
) -> None:
    (first,) = board["results"]
    before = client.get(first["board_url"]).json
    job = client.post("/v1/jobs", json={**WHOLE, "as_of": "2026-10-01T00:00:00Z"}).json
    for name in (job["id"], part_id(job["id"], 0)):
        jobs.score("local", name)
    (second,) = client.get(job["urls"]["self"]).json["results"]
    assert client.get(EXPERTS).json["board"]["id"] == second["board_id"] != first["board_id"]
    assert client.get(first["board_url"]).json == before
    assert client.get(second["board_url"]).json["board"]["as_of"] == "2026-10-01T00:00:00Z"


def test_a_board_that_is_not_there_is_404(client: FlaskClient) -> None:
    assert client.get("/v1/boards/bd_0").status_code == 404


def test_the_page_of_a_board_shows_that_board(client: FlaskClient, board: dict[str, Any], board_id: str) -> None:
    page = client.get(f"/map?board={board_id}&kind=all").get_data(as_text=True)
    assert f'value="{board_id}"' in page
    assert client.get("/map?board=bd_0").status_code == 404


def test_progress_of_the_whole_counts_people(client: FlaskClient, board: dict[str, Any]) -> None:
    people = client.get(EXPERTS).json["board"]["people"]
    counted = {name: board["progress"][name] for name in ("done", "total", "stage", "people")}
    assert counted == {"done": 1, "total": 1, "stage": "done", "people": people}


def test_pages_hold_everybody_once_in_the_order_of_rows_and_only_who_has_a_score_has_a_rank(
    client: FlaskClient, board: dict[str, Any]
) -> None:
    rows = everybody(client)
    assert [row["row"] for row in rows] == list(range(1, client.get(EXPERTS).json["board"]["people"] + 1))
    assert all(row["rank"] == row["position"]["rank"] for row in rows)
    assert [row["rank"] is None for row in rows] == [row["expertise"]["score"] is None for row in rows]
    assert {row["rank"] is None for row in rows} == {True, False}
    assert len({row["account"] for row in rows}) == len(rows)


def test_where_somebody_was_erased_a_rank_is_missing_and_everybody_else_keeps_theirs(
    client: FlaskClient, board: dict[str, Any], store: Store
) -> None:
    before, network = everybody(client), client.get("/v1/datasets/town").json["network"]
    asked = store.erasures.create(None, network, before[2]["account"])
    assert store.eraser.run(store.erasures.start(asked.id)).status == "succeeded"
    facts = store.boards.get("local", board["results"][0]["board_id"])
    assert facts is not None
    rows = [(row.row, row.rank, row.account) for row in store.boards.rows(facts)]
    assert rows == [(row["row"], row["rank"], row["account"]) for row in before if row["row"] != 3]
    shown = client.get(f"/v1/boards/{facts.id}?kind=all").json["board"]["people"]
    assert shown == facts.listed == sum(facts.kinds.values()) == len(before) - 1
    assert f"<td>{shown}</td>" in client.get("/map", headers={"Accept": "text/html"}).text


def test_rows_are_ranked_by_the_score_shown(client: FlaskClient, board: dict[str, Any]) -> None:
    scores = [row["expertise"]["score"] for row in everybody(client)]
    given = [score for score in scores if score is not None]
    assert scores[: len(given)] == sorted(given, reverse=True)
    assert len(given) > 2


@pytest.mark.parametrize(
    ("query", "field", "wanted"),
    [
        ("&kind=bot", lambda row: row["kind"], "bot"),
        ("&kind=all&status=ok", lambda row: row["expertise"]["status"], "ok"),
    ],
)
def test_filters_keep_the_ranks(
    client: FlaskClient, board: dict[str, Any], query: str, field: Any, wanted: str
) -> None:
    kept = everybody(client, query)
    assert kept
    assert kept == [row for row in everybody(client) if field(row) == wanted]


def test_who_was_never_addressed_is_not_reachable(client: FlaskClient, board: dict[str, Any]) -> None:
    assert everybody(client, "&kind=all&reachability=0") == []


def test_only_those_lately_active_on_the_topic_are_shown_where_that_is_asked_for(
    client: FlaskClient, board: dict[str, Any]
) -> None:
    rows = everybody(client)
    days = sorted(row["last_active"]["on_topic"] for row in rows if row["last_active"]["on_topic"])
    since = days[len(days) // 2]
    kept = everybody(client, f"&kind=all&active_since={since}")
    assert kept == [row for row in rows if (row["last_active"]["on_topic"] or "") >= since]
    assert 0 < len(kept) < len(rows)
    assert all(row["last_active"]["on_topic"] <= row["last_active"]["anywhere"] for row in kept)
    assert everybody(client, "&kind=all&active_since=2027-01-01") == []
    assert "active_since" in str(client.get(f"{EXPERTS}&active_since=lately").json["errors"])


def test_the_page_of_a_board_says_who_answered_when_and_shows_only_those_active_of_late(client, board, board_id):
    rows = everybody(client, "&kind=people")
    answered = next(row["last_active"] for row in rows if row["last_active"]["answered"])
    silent = next(row["last_active"] for row in rows if not row["last_active"]["answered"])
    page = client.get(f"/map?board={board_id}&lang=en").get_data(as_text=True)
    assert f"last answered {words('en').date(answered['answered'])}" in page
    assert f"no answers here, last active {words('en').date(silent['on_topic'])}" in page
    (year,) = re.findall(r'<option value="([^"]+)">in the last 12 months', page)
    assert datetime.fromisoformat(year) == datetime.fromisoformat(board_as_of(client)) - timedelta(days=365)
    assert "Nobody passes" in client.get(f"/map?board={board_id}&lang=en&active_since=2027-01-01").get_data(
        as_text=True
    )


def board_as_of(client: FlaskClient) -> str:
    """As of when the board was made."""
    as_of: str = client.get(EXPERTS).json["board"]["as_of"]
    return as_of


def test_who_asked_not_to_be_indexed_is_not_there(client: FlaskClient, board: dict[str, Any]) -> None:
    assert "u2" not in {row["account"] for row in everybody(client)}


def test_a_place_from_the_board_that_is_kept_is_the_one_found_anew(client, board, monkeypatch):
    rows = [row for row in everybody(client) if row["position"]["rank"]]
    some, ranked, places_anew = (rows[0], rows[len(rows) // 2], rows[-1]), [], ranking_of

    def noted(world, topic, contested):
        ranked.append(world.root.kind)
        return places_anew(world, topic, contested)

    monkeypatch.setattr("candor.scoring.score.ranking_of", noted)
    accounts = [{"network": "custom:town", "account": row["account"]} for row in some]
    job = client.post("/v1/jobs", json={**WHOLE, "accounts": accounts, "as_of": board_as_of(client)}).json
    jobs.score("local", job["id"])
    results = client.get(job["urls"]["self"]).json["results"]
    kept = [msgspec.json.decode(client.get(each["score_url"]).data, type=ScoreDocument) for each in results]
    assert set(ranked) <= {"network"}
    assert [msgspec.to_builtins(each.expertise.position) for each in kept] == [row["position"] for row in some]
    monkeypatch.setattr("worker.inputs.kept_places", lambda *_: {})
    assert [document(client, row) for row in some] == kept
    assert "accounts" in ranked


def test_a_board_made_before_somebody_was_left_out_gives_no_place(client, board, store, monkeypatch):
    first, second, *_ = everybody(client)
    asked = []
    monkeypatch.setattr("worker.places._read", lambda *given: asked.append(given[1].id))
    document(client, first)
    assert asked == [board["results"][0]["board_id"]]
    store.suppression.add("custom:elsewhere", ["somebody"])
    document(client, second)
    assert len(asked) == 1


def test_contributions_add_up_on_every_row(client: FlaskClient, board: dict[str, Any]) -> None:
    sides = [row[side] for row in everybody(client) for side in ("expertise", "interest")]
    scored = [side for side in sides if side["score"] is not None]
    assert len(scored) > 2
    assert [side["score"] for side in scored] == [
        pytest.approx(sum(side["contributions"].values()), abs=1e-6) for side in scored
    ]


def test_a_document_says_exactly_what_its_row_says(client: FlaskClient, board: dict[str, Any]) -> None:
    rows = everybody(client)
    for row in (rows[0], rows[3], rows[-1]):
        found = document(client, row)
        assert row["standing"] == "exact"
        for side, part in ((row["expertise"], found.expertise), (row["interest"], found.interest)):
            assert side["contributions"] == {feature.id: feature.contribution for feature in part.features}
            assert (side["status"], side["score"]) == (part.status, part.score)
            assert side["interval"] == (part.interval and msgspec.to_builtins(part.interval))
        assert (row["people"], row["people_with_standing"]) == (
            found.expertise.people,
            found.expertise.people_with_standing,
        )


def test_a_cursor_of_another_board_is_refused(client: FlaskClient, board: dict[str, Any]) -> None:
    cursor = client.get(f"{EXPERTS}&limit=1").json["next_cursor"]
    job = client.post("/v1/jobs", json=WHOLE | {"window_days": 900}).json
    for name in (job["id"], part_id(job["id"], 0)):
        jobs.score("local", name)
    answer = client.get(f"{EXPERTS}&cursor={cursor}")
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/cursor")


def test_without_a_board_there_is_nothing(client: FlaskClient, town: None) -> None:
    assert client.get(EXPERTS).status_code == 404


def test_a_deleted_data_set_takes_its_boards_along(client: FlaskClient, board: dict[str, Any]) -> None:
    client.delete("/v1/datasets/town")
    assert client.get(EXPERTS).status_code == 404


def test_nobody_and_no_data_set_is_refused(client: FlaskClient, job: dict[str, Any]) -> None:
    answer = client.post("/v1/jobs", json=job | {"accounts": []})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/accounts")


def test_a_comparison_names_the_features_that_make_the_difference(client: FlaskClient, board: dict[str, Any]) -> None:
    rows = everybody(client)
    a, b = document(client, rows[0]), document(client, rows[1])
    found = client.get(f"/v1/comparisons?score={a.id}&score={b.id}").json
    side = found["expertise"]
    assert side["difference"] == pytest.approx(a.expertise.score - b.expertise.score, abs=1e-6)
    assert sum(row["difference"] for row in side["by_feature"]) == pytest.approx(side["difference"], abs=1e-5)
    assert sum(row["difference"] for row in side["by_kind"]) == pytest.approx(side["difference"], abs=1e-5)
    assert side["words"][0].startswith(f"{a.account.account} stands")
    for how, rows in (("by feature", side["by_feature"]), ("by what others did", side["by_kind"])):
        told = [line for line in side["words"] if line.startswith(f"{how}: ")]
        assert len(told) == sum(abs(row["difference"]) >= 0.05 for row in rows) > 0


def test_a_comparison_says_in_plain_words_why_there_is_no_number(client: FlaskClient, board: dict[str, Any]) -> None:
    without = everybody(client, "&kind=all&status=not_enough_evidence")[0]
    a, b = document(client, everybody(client)[0]), document(client, without)
    words = client.get(f"/v1/comparisons?score={a.id}&score={b.id}").json["expertise"]["words"]
    assert words == [f"{b.account.account} has no number for expertise: not enough evidence"]


def test_scores_under_different_roots_are_not_compared(client: FlaskClient, board: dict[str, Any]) -> None:
    row = everybody(client)[0]
    a = document(client, row)
    asked = {"accounts": [{"network": "custom:town", "account": row["account"]}], "as_of": a.as_of}
    job = client.post("/v1/jobs", json=WHOLE | asked | {"trust_root": "network"}).json
    jobs.score("local", job["id"])
    (result,) = client.get(job["urls"]["self"]).json["results"]
    answer = client.get(f"/v1/comparisons?score={a.id}&score={result['score_id']}")
    assert (answer.status_code, "trust root" in answer.json["errors"][0]["detail"]) == (422, True)


def test_a_comparison_needs_two_scores(client: FlaskClient) -> None:
    for few in ("", "?score=sc_1"):
        answer = client.get(f"/v1/comparisons{few}")
        said = [fault["detail"] for fault in answer.json["errors"]]
        assert (answer.status_code, said) == (422, ["name two scores: ?score=A&score=B"])
    assert client.get("/v1/comparisons?score=sc_1&score=sc_2").status_code == 404


MAP = EXPERTS.replace("/experts", "/map")


def test_a_map_holds_the_same_people_as_the_list_in_one_answer(client: FlaskClient, board: dict[str, Any]) -> None:
    answer = client.get(f"{MAP}&kind=all").json
    assert (answer["data"], answer["has_more"]) == (everybody(client), False)


def test_a_map_comes_in_pages_where_there_are_many(client: FlaskClient, board: dict[str, Any]) -> None:
    first = client.get(f"{MAP}&kind=all&limit=9")
    after = first.headers["Link"].partition(">")[0].removeprefix("<")
    assert client.get(after).json["data"] == everybody(client)[9:18]


def test_a_map_has_the_filters_of_the_list(client: FlaskClient, board: dict[str, Any]) -> None:
    assert client.get(f"{MAP}&status=ok").json["data"] == everybody(client, "&status=ok")


def test_a_map_by_interest_comes_in_pages_that_hold_everybody_once_the_keenest_first(
    client: FlaskClient, board: dict[str, Any]
) -> None:
    rows, address = [], f"{MAP}&kind=all&order=interest&limit=9"
    while address:
        answer = client.get(address)
        rows += answer.json["data"]
        address = answer.headers.get("Link", "").partition(">")[0].removeprefix("<")
    scores = [row["interest"]["score"] for row in rows if row["interest"]["score"] is not None]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) > 5
    assert sorted(rows, key=lambda row: row["row"]) == everybody(client)


def test_a_cursor_of_one_order_is_refused_in_the_other(client: FlaskClient, board: dict[str, Any]) -> None:
    for order, other in (("expertise", "interest"), ("interest", "expertise")):
        cursor = client.get(f"{MAP}&order={order}&limit=1").json["next_cursor"]
        refused = client.get(f"{MAP}&order={other}&cursor={cursor}")
        assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/cursor")


def test_a_map_is_drawn_with_a_mark_for_everybody(client: FlaskClient, board: dict[str, Any]) -> None:
    answer = client.get(MAP.replace("/map", "/map.svg"))
    marks = [
        group
        for group in ET.fromstring(answer.data).iter("{http://www.w3.org/2000/svg}g")
        if group.find("{*}title") is not None
    ]
    assert (answer.mimetype, len(marks)) == ("image/svg+xml", len(everybody(client, "")))


def test_who_has_a_map_is_told_so(client: FlaskClient, board: dict[str, Any]) -> None:
    address = MAP.replace("/map", "/map.svg")
    etag = client.get(address).headers["ETag"]
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 304
    assert client.get(f"{address}&width=360", headers={"If-None-Match": etag}).status_code == 200


@pytest.fixture
def board_id(client: FlaskClient, board: dict[str, Any]) -> str:
    return str(client.get(EXPERTS).json["board"]["id"])


@pytest.fixture
def stranger(share_app: Callable[..., Flask], store: Store) -> FlaskClient:
    """A caller from elsewhere, without a key."""
    return share_app(Settings(host="0.0.0.0"), store).test_client()


def test_a_board_is_drawn_by_its_id_as_by_its_topic(client: FlaskClient, board_id: str) -> None:
    drawn = client.get(f"/v1/boards/{board_id}/map.svg")
    assert drawn.data == client.get(MAP.replace("/map", "/map.svg")).data


def test_a_link_shows_the_map_to_who_has_no_key_until_it_is_revoked(
    client: FlaskClient, stranger: FlaskClient, board_id: str
) -> None:
    address = f"/v1/boards/{board_id}/link"
    shared = client.post(address).json["map_url"]
    assert stranger.get(f"/v1/boards/{board_id}/map.svg").status_code == 401
    assert stranger.get(shared).data == client.get(f"/v1/boards/{board_id}/map.svg").data
    assert client.post(address).json["map_url"] == shared
    assert client.delete(address).status_code == 204
    assert stranger.get(shared).status_code == 404


def test_a_link_to_a_board_opens_nothing_else(client: FlaskClient, stranger: FlaskClient, board_id: str) -> None:
    token = client.post(f"/v1/boards/{board_id}/link").json["map_url"].partition("?")[2]
    assert stranger.get(f"/v1/boards/bd_other/map.svg?{token}").status_code == 404
    assert stranger.get(f"/v1/scores/{board_id}/chart?{token}").status_code == 404
    assert stranger.get(f"{MAP}&{token}").status_code == 401


def test_a_link_to_a_board_ends_with_it(client: FlaskClient, store: Store, board_id: str) -> None:
    client.post(f"/v1/boards/{board_id}/link")
    left = store.boards.life_s("local", board_id)
    assert [abs(store.redis.ttl(key) - left) <= 2 for key in store.redis.scan_iter("candor:link*")] == [True, True]


def test_a_board_that_is_not_there_has_no_map_and_no_link(client: FlaskClient) -> None:
    assert client.get("/v1/boards/bd_none/map.svg").status_code == 404
    assert [client.open("/v1/boards/bd_none/link", method=method).status_code for method in ("POST", "DELETE")] == [
        404,
        404,
    ]


def test_without_a_board_there_is_no_map(client: FlaskClient, town: None) -> None:
    assert [client.get(MAP.replace("/map", path)).status_code for path in ("/map", "/map.svg")] == [404, 404]


def test_people_are_shown_and_others_on_request(client: FlaskClient, board: dict[str, Any]) -> None:
    everyone, people = everybody(client), everybody(client, "")
    assert {row["account"] for row in everyone} - {row["account"] for row in people} == {"u0"}
    assert people == [row for row in everyone if row["kind"] in {"person", "unknown"}]


@pytest.mark.parametrize(
    ("more", "left_out"),
    [
        ("", {"bot": 1}),
        ("&kind=all", {}),
        ("&kind=bot", {"person": 1, "unknown": 37}),
        ("&kind=person", {"bot": 1, "unknown": 37}),
        ("&status=ok", {"bot": 1}),
    ],
)
def test_a_board_says_how_many_of_which_kind_it_leaves_out(
    client: FlaskClient, board: dict[str, Any], more: str, left_out: dict[str, int]
) -> None:
    for address in (EXPERTS, MAP):
        assert client.get(f"{address}{more}").json["left_out"] == left_out


def test_a_picture_of_a_board_can_show_other_kinds(client: FlaskClient, board_id: str) -> None:
    drawn = {
        kind: client.get(f"/v1/boards/{board_id}/map.svg?kind={kind}&lang=en").get_data(as_text=True)
        for kind in ("people", "bot")
    }
    assert ["Bots: 1" in picture for picture in drawn.values()] == [False, True]


@pytest.mark.parametrize(
    ("language", "said", "shown"),
    [
        ("en", "Not shown, but counted in the places:", "Bots: 1"),
        ("fr", "Non montrés, mais comptés dans les places :", "Robots : 1"),
    ],
)
def test_the_page_of_a_map_says_whom_it_leaves_out(
    client: FlaskClient, board: dict[str, Any], language: str, said: str, shown: str
) -> None:
    address = f"/map?topic=tag:topic&dataset=town&trust_root=elders&lang={language}"
    page = (
        client.get(address, headers={"Accept": "text/html"})
        .get_data(as_text=True)
        .replace("\u00a0", " ")
        .replace("\u202f", " ")
    )
    assert (said in page, shown in page, "kind=all" in page) == (True, True, True)
    assert said not in client.get(f"{address}&kind=all", headers={"Accept": "text/html"}).get_data(as_text=True)


def test_a_map_says_why_nobody_on_it_has_an_expertise_score(client: FlaskClient, town: None) -> None:
    nobody_here = {**ROOT, "accounts": [{"account": "stranger"}]}
    assert client.put("/v1/trust-roots/strangers", json=nobody_here).status_code == 201
    pages = []
    for root in ("strangers", "elders"):
        job = client.post("/v1/jobs", json=WHOLE | {"trust_root": root}).json
        for name in (job["id"], part_id(job["id"], 0)):
            jobs.score("local", name)
        address = f"/map?topic=tag:topic&dataset=town&trust_root={root}&lang=en"
        pages.append(client.get(address, headers={"Accept": "text/html"}).get_data(as_text=True))
        pages.append(client.get(f"{address}&status=unverified", headers={"Accept": "text/html"}).get_data(as_text=True))
    assert ["Nobody has an expertise score here" in page for page in pages] == [True, False, False, False]
    assert "earn nothing" in pages[0]


def test_who_has_a_page_of_a_board_already_is_told_so(client: FlaskClient, board: dict[str, Any]) -> None:
    address = "/v1/topics/tag:topic/experts?dataset=town&trust_root=elders"
    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get(f"{address}&limit=1", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


TOWN_MAP = "/map?topic=tag:topic&dataset=town&trust_root=elders&lang=en"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("dataset=twon&trust_root=elders", "You have no data set 'twon': did you mean 'town'?"),
        ("dataset=town&trust_root=Elders", "You have no trust root 'Elders': did you mean 'elders'?"),
        ("dataset=town&trust_root=none", "No such board was made"),
        (
            "dataset=town&trust_root=none&topic=space-tech",
            "There is no topic 'space-tech': did you mean 'space-technology'?",
        ),
    ],
)
def test_a_board_that_is_not_there_is_told_by_what_is_missing(
    client: FlaskClient, board: dict[str, Any], asked: str, said: str
) -> None:
    asked, _, topic = asked.partition("&topic=")
    answer = client.get(f"/v1/topics/{topic or 'tag:topic'}/experts?{asked}")
    assert (answer.status_code, said in answer.json["detail"]) == (404, True)


@pytest.mark.parametrize("address", ["/map?topic=tag:topic&dataset=gone&trust_root=none", "/questions?dataset=gone"])
def test_a_data_set_that_is_gone_is_gone_from_the_pages_about_it(client: FlaskClient, address: str) -> None:
    page = client.get(address, headers={"Accept": "text/html"})
    assert (page.status_code, "You have no data set" in page.get_data(as_text=True)) == (404, True)


def test_the_list_beside_a_map_leaves_as_a_file_with_those_that_are_shown(
    client: FlaskClient, board: dict[str, Any]
) -> None:
    page = client.get(f"{TOWN_MAP}&kind=bot", headers={"Accept": "text/html"}).get_data(as_text=True)
    (address,) = re.findall(r'href="(/v1/boards/[^"]+format=csv)"', html.unescape(page))
    table = client.get(address)
    rows = list(csv.DictReader(io.StringIO(table.data.decode())))
    assert table.headers["Content-Disposition"].endswith('.csv"')
    assert [row["kind"] for row in rows] == ["bot"]


@pytest.mark.parametrize(("public_url", "front"), [(None, ""), ("https://c.example/", "https://c.example")])
def test_each_row_of_a_file_says_of_which_board_and_data_set_it_is(
    share_app, settings, store, now, board_id: str, public_url: str | None, front: str
) -> None:
    client = share_app(dataclasses.replace(settings, public_url=public_url), store, lambda: now).test_client()
    facts = store.boards.get("local", board_id)
    row, *_ = csv.DictReader(io.StringIO(client.get(f"/v1/boards/{board_id}?format=csv").text))
    assert (row["board"], row["dataset"], row["dataset_digest"]) == (board_id, "town", facts.request.dataset_digest)
    assert row["board_made_at"].startswith("20")
    assert row["document_url"] == f"{front}/v1/boards/{board_id}/documents/{row['account']}"


@pytest.mark.parametrize("narrowed", ["expertise=none", "status=unverified", "reachability=0.5"])
def test_a_part_of_a_map_says_that_it_is_one_and_leads_to_all(client: FlaskClient, board, narrowed: str) -> None:
    html_only = {"Accept": "text/html", "Accept-Language": "en"}
    said = "Only a part of this map is shown."
    assert said not in client.get(TOWN_MAP, headers=html_only).text
    page = client.get(f"{TOWN_MAP}&{narrowed}", headers=html_only).text
    (address,) = re.findall(rf'{said} <a href="([^"]+)"', page)
    assert narrowed.partition("=")[0] not in address
    assert said not in client.get(html.unescape(address), headers=html_only).text


def map_page(client: FlaskClient, address: str) -> tuple[str, list[list[str]]]:
    """A page of a map, and the texts of the cells of its list, row by row."""
    page = client.get(address.replace("&amp;", "&"), headers={"Accept": "text/html"}).get_data(as_text=True)
    rows = re.findall(r'<tr id="row-.*?</tr>', page, re.DOTALL)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]
    return page, [[" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in row] for row in cells]


def test_the_list_of_a_map_has_heads_and_places_and_the_order_that_it_shows(
    client: FlaskClient, board: dict[str, Any]
) -> None:
    page, rows = map_page(client, TOWN_MAP)
    heads = [re.sub(r"<[^>]+>", "", head) for head in re.findall(r"<th scope=\"col\".*?</th>", page)]
    assert heads == ["No.", "Account", "Expertise", "Interest"]
    scores = [float(row[2].removeprefix("&lt; ").split()[0]) for row in rows if row[2] != "no score"]
    assert len(scores) > 5
    assert scores == sorted(scores, reverse=True)
    assert [row[0] for row in rows][: len(scores)] == sorted((row[0] for row in rows if row[0] != "–"), key=int)
    assert all(row[2] == "no score" for row in rows[len(scores) :])


def test_the_list_of_a_map_is_sorted_by_interest_on_request_and_its_filters_stay(
    client: FlaskClient, board: dict[str, Any]
) -> None:
    page, _ = map_page(client, f"{TOWN_MAP}&kind=all")
    (address,) = re.findall(r'<th scope="col">.*?<a href="([^"#]+)#list"', page)
    page, rows = map_page(client, address)
    scores = [float(row[3].removeprefix("&lt; ").split()[0]) for row in rows if row[3] != "no score"]
    assert scores == sorted(scores, reverse=True)
    assert len(rows) == len(everybody(client))
    assert '<input type="hidden" name="order" value="interest">' in page


def test_a_mark_of_several_opens_a_map_of_these_alone(client: FlaskClient, board: dict[str, Any]) -> None:
    page, everyone = map_page(client, TOWN_MAP)
    clusters = re.findall(r'<a href="([^"]+)" aria-label="Open (\d+) accounts', page)
    assert clusters
    for address, count in clusters:
        if address.startswith("#row-"):
            assert f'id="{address[1:]}"' in page
            continue
        opened, rows = map_page(client, address)
        assert int(count) <= len(rows) < len(everyone)
        (whole,) = re.findall(r'href="(/map[^"]+)">Show the whole map', opened)
        assert map_page(client, whole)[1] == everyone


@pytest.mark.parametrize("area", ["expertise=x-y", "interest=", "expertise=1", "interest=nan-nan"])
def test_a_part_of_a_map_that_is_none_is_still_a_page(client: FlaskClient, board: dict[str, Any], area: str) -> None:
    assert client.get(f"{TOWN_MAP}&{area}").status_code == 200


def test_a_long_list_goes_on_on_the_next_page(
    client: FlaskClient, board: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = map_page(client, TOWN_MAP)[1]
    monkeypatch.setattr("service.web.map.MOST_ROWS", 15)
    found, address = [], TOWN_MAP
    while address:
        page, rows = map_page(client, address)
        found += rows
        address = next(iter(re.findall(r'href="(/map[^"]+)" rel="next"', page)), "")
    assert found == whole


@pytest.mark.parametrize(
    ("language", "first", "rest", "filtered"),
    [
        ("en", "The first 15 of 38 accounts", "The next 8 of 38 accounts", "The first 15 accounts"),
        ("fr", "Les 15 premiers comptes sur 38", "Les 8 comptes suivants sur 38", "Les 15 premiers comptes"),
    ],
)
def test_a_list_that_is_not_the_whole_says_of_how_many_and_offers_the_next_page_at_its_head(
    client: FlaskClient, board: dict[str, Any], monkeypatch: pytest.MonkeyPatch, language, first, rest, filtered
) -> None:
    monkeypatch.setattr("service.web.map.MOST_ROWS", 15)
    at = TOWN_MAP.replace("lang=en", f"lang={language}")
    page, _ = map_page(client, at)
    head = page.partition('id="list">')[2].partition("<table")[0]
    assert head.startswith(f"{first}</h2>")
    (after,) = re.findall(r'href="(/map[^"]+)#list" rel="next"', head)
    page, _ = map_page(client, html.unescape(after) + f"&lang={language}")
    (after,) = set(re.findall(r'href="(/map[^"]+?)(?:#list)?" rel="next"', page))
    assert f'id="list">{rest}</h2>' in map_page(client, html.unescape(after) + f"&lang={language}")[0]
    assert f'id="list">{filtered}</h2>' in map_page(client, f"{at}&active_since=2020-01-01")[0]


@pytest.mark.parametrize(
    ("named", "said"),
    [
        (["stranger"], "None of the trusted accounts (1) is in these records"),
        (["u1", "u2", "stranger"], "Not in these records: 1 of the 3 trusted accounts."),
        (["u1", "u2"], None),
    ],
)
def test_a_job_says_how_many_of_the_trusted_accounts_are_not_in_the_records(
    client: FlaskClient, town: None, named: list[str], said: str | None
) -> None:
    root = {**ROOT, "accounts": [{"account": account} for account in named]}
    job = client.post("/v1/jobs", json=WHOLE | {"trust_root": root}).json
    assert job["note"] is None
    for name in (job["id"], part_id(job["id"], 0)):
        jobs.score("local", name)
    ended = client.get(job["urls"]["self"]).json
    told = client.get(ended["results"][0]["board_url"]).json["board"]["note"]
    assert ended["note"] == (None if said is None else f'{told} Missing: "stranger".')
    assert told is None if said is None else told.startswith(said)
    account = {"accounts": [{"network": "custom:town", "account": "u3"}]}
    job = client.post("/v1/jobs", json=WHOLE | account | {"trust_root": root}).json
    jobs.score("local", job["id"])
    note = client.get(job["urls"]["self"]).json["note"]
    wanted = None if said is None else f"Trusted accounts that no record names, 1 of {len(named)}:"
    assert note is None if wanted is None else note.startswith(wanted)


@pytest.mark.parametrize("trust_root", ["network", "none"])
def test_a_job_says_which_account_no_record_names(client: FlaskClient, town: None, trust_root: str) -> None:
    who = [{"network": "custom:town", "account": account} for account in ("u3", "U 3")]
    asked = WHOLE | {"accounts": who, "trust_root": trust_root}
    job = client.post("/v1/jobs", json=asked).json
    jobs.score("local", job["id"])
    note = client.get(job["urls"]["self"]).json["note"]
    assert note.endswith('"U 3": no record that was read names this account; written much like it: "u3".')
    assert note.startswith("No trust root is named") is (trust_root == "none")


def index(client: FlaskClient, more: str = "") -> tuple[str, list[str]]:
    """The index of maps, and what it says of each."""
    page = client.get(f"/map?lang=en{more}", headers={"Accept": "text/html"}).get_data(as_text=True)
    rows = re.findall(r'<tr><th scope="row">(.*?)</tr>', page, re.DOTALL)
    return page, [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in rows]


def test_the_index_of_maps_says_topic_community_root_date_and_people(
    client: FlaskClient, board: dict[str, Any]
) -> None:
    page, (row,) = index(client)
    facts = client.get(EXPERTS).json["board"]
    day = words("en").date(facts["as_of"])
    assert row == f"topic (tag) town · People trusted: elders · {day} · Method {facts['method']} {facts['people']}"
    (address,) = re.findall(r'href="(/map\?board=[^"]+)"', page)
    assert client.get(address).status_code == 200


def test_the_index_of_maps_is_filtered_by_topic_and_community(client: FlaskClient, board: dict[str, Any]) -> None:
    found = {more: len(index(client, more)[1]) for more in ("&about=TOP", "&about=beer", "&dataset_id=town")}
    assert found == {"&about=TOP": 1, "&about=beer": 0, "&dataset_id=town": 1}
    assert "No map matches." in index(client, "&about=beer")[0]


def test_the_index_of_maps_has_pages_with_the_newest_first(
    client: FlaskClient, board: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    client.put("/v1/trust-roots/few", json={**ROOT, "accounts": ROOT["accounts"][:4]})
    job = client.post("/v1/jobs", json={**WHOLE, "trust_root": "few", "as_of": "2026-09-01T00:00:00Z"}).json
    for name in (job["id"], part_id(job["id"], 0)):
        jobs.score("local", name)
    assert ["few" in row for row in index(client)[1]] == [False, True]
    monkeypatch.setattr("service.web.map.MAPS_SHOWN", 1)
    page, (first,) = index(client)
    (following,) = re.findall(r'href="/map\?([^"]+)" rel="next"', page)
    last, (second,) = index(client, "&" + following.replace("&amp;", "&"))
    assert ("few" in first, "few" in second) == (False, True)
    assert 'rel="prev"' in last
    assert 'rel="next"' not in last


def test_the_index_of_maps_shows_nobody_elses(client: FlaskClient, board: dict[str, Any], store: Store) -> None:
    (facts,) = store.boards.of_dataset("local", "town")
    store.boards.put(msgspec.structs.replace(facts, owner="bob", id="bd_bob"), [])
    assert len(index(client)[1]) == 1
    assert "bd_bob" not in index(client)[0]


def test_a_document_says_why_somebody_is_of_a_kind(client: FlaskClient, board: dict[str, Any]) -> None:
    rows = {row["account"]: row for row in everybody(client)}
    told = {name: document(client, rows[name]).account for name in ("u0", "u1", "u5")}
    assert {name: (found.kind, found.kind_reason) for name, found in told.items()} == {
        "u0": ("bot", "the records say so"),
        "u1": ("person", "the records say so"),
        "u5": ("unknown", "nobody says what it is: it is treated as a person who may be asked"),
    }


KIND = "/v1/accounts/custom:town/u5/kind"
WORD = {"kind": "organisation", "said_by": "operator", "why": "it is a shop of u7"}


def test_the_next_board_and_document_take_it_with_the_reason(client: FlaskClient, board: dict[str, Any]) -> None:
    before = {row["account"] for row in everybody(client, "")}
    client.put(KIND, json=WORD)
    job = client.post("/v1/jobs", json=WHOLE).json
    for name in (job["id"], part_id(job["id"], 0)):
        jobs.score("local", name)
    assert before - {row["account"] for row in everybody(client, "")} == {"u5"}
    assert client.get(EXPERTS).json["left_out"] == {"organisation": 1, "bot": 1}
    (row,) = everybody(client, "&kind=organisation")
    account = document(client, row).account
    assert (account.kind, account.kind_reason) == ("organisation", "the operator says so (it is a shop of u7)")


def test_a_document_from_before_stays_as_it_was(client: FlaskClient, board: dict[str, Any]) -> None:
    row = next(row for row in everybody(client) if row["account"] == "u5")
    before = document(client, row)
    client.put(KIND, json=WORD | {"said_by": "person"})
    after = document(client, row)
    assert (before.account.kind, after.account.kind) == ("unknown", "organisation")
    assert after.account.kind_reason == "the person says so (it is a shop of u7)"
    assert before.id != after.id
    assert client.get(f"/v1/scores/{before.id}").json["account"]["kind"] == "unknown"


def test_a_deleted_board_is_gone_everywhere_and_the_one_before_answers_again(client, stranger, board):
    first = board["results"][0]["board_id"]
    job = client.post("/v1/jobs", json={**WHOLE, "as_of": "2026-10-01T00:00:00Z"}).json
    for name in (job["id"], part_id(job["id"], 0)):
        jobs.score("local", name)
    newest = client.get(EXPERTS).json["board"]["id"]
    link = client.post(f"/v1/boards/{newest}/link").json["map_url"]
    assert client.delete(f"/v1/boards/{newest}", headers={"If-Match": '"another"'}).status_code == 412
    etag = client.get(f"/v1/boards/{newest}").headers["ETag"]
    assert client.delete(f"/v1/boards/{newest}", headers={"If-Match": etag}).status_code == 204
    assert client.delete(f"/v1/boards/{newest}").status_code == 404
    assert client.get(f"/v1/boards/{newest}").status_code == 404
    assert stranger.get(link).status_code in (401, 403, 404)
    assert client.get(EXPERTS).json["board"]["id"] == first
    assert client.delete(f"/v1/boards/{first}").status_code == 204
    assert client.get(EXPERTS).status_code == 404
    assert client.get("/map", headers={"Accept": "text/html"}).text.count("/map?board=") == 0


def test_a_map_is_deleted_on_its_page(client, board, board_id):
    page = client.get(f"/map?board={board_id}", headers={"Accept": "text/html"}).text
    (csrf,) = set(re.findall(r'name="csrf" value="([^"]+)"', page))
    gone = client.post(f"/map/delete/{board_id}", data={"csrf": csrf})
    assert (gone.status_code, gone.headers["Location"]) == (303, "/dataset/town#boards")
    assert client.get(f"/map?board={board_id}", headers={"Accept": "text/html"}).status_code == 404


def test_on_the_map_of_a_data_set_that_is_gone_names_lead_nowhere(client, board, board_id):
    assert client.delete("/v1/datasets/town").status_code == 204
    page = client.get(f"/map?board={board_id}&kind=all", headers={"Accept": "text/html"}).text
    assert "The records of this community were deleted" in page
    assert 'name="account"' not in page


def test_the_page_of_a_data_set_says_which_maps_are_of_earlier_records(client, board):
    said = "made of earlier records"
    assert said not in client.get("/dataset/town", headers={"Accept": "text/html"}).text
    more = b'{"id":"n1","type":"note","actor":"u3","published":"2026-10-20T00:00:00Z","tags":["topic"]}'
    added = client.post("/v1/datasets/town/records", data=more, content_type="application/x-ndjson")
    assert added.status_code == 200
    assert said in client.get("/dataset/town", headers={"Accept": "text/html"}).text


def flip(store: Store, key: str, field: str) -> None:
    """Flip a bit of what is kept in a hash."""
    value = store.redis.hget(key, field)
    store.redis.hset(key, field, value[:-3] + bytes([value[-3] ^ 1]) + value[-2:])


def test_one_damaged_value_leaves_the_lists_that_it_is_in(client, store, board, board_id):
    followed = {"dataset": "town", "topic": "tag:topic", "trust_root": "elders"}
    assert client.put("/v1/followed-boards/f1", json=followed).status_code == 201
    assert client.put("/v1/followed-boards/f2", json=followed | {"trust_root": "network"}).status_code == 201
    assert client.put("/v1/trust-roots/others", json=ROOT).status_code == 201
    flip(store, redis_keys.board("local", board_id), "facts")
    flip(store, redis_keys.followed_boards("local"), "f1")
    flip(store, redis_keys.trust_root_facts("local"), "others")
    pages = ("/v1/jobs", "/v1/followed-boards", "/v1/trust-roots", "/dataset/town", "/map", "/")
    assert {page: client.get(page).status_code for page in pages} == dict.fromkeys(pages, 200)
    assert [each["id"] for each in client.get("/v1/followed-boards").json["data"]] == ["f2"]
    assert "others" not in {each["id"] for each in client.get("/v1/trust-roots").json["data"]}


def test_why_a_board_is_empty_is_told_less_exactly_where_its_data_set_is_damaged(client, store, town):
    job = client.post("/v1/jobs", json={**WHOLE, "topics": ["tag:topics"]}).json["id"]
    for name in (job, part_id(job, 0)):
        jobs.score("local", name)
    key = redis_keys.dataset("local", "town")
    value = store.redis.get(key)
    store.redis.set(key, value[:-3] + bytes([value[-3] ^ 1]) + value[-2:], keepttl=True)
    (listed,) = client.get("/v1/jobs").json["data"]
    assert listed["note"].startswith("Nobody did anything on this topic")


def test_a_damaged_board_is_deleted(client, store, board, board_id):
    flip(store, redis_keys.board("local", board_id), "facts")
    assert client.get(f"/v1/boards/{board_id}").json["code"] == "stored_damaged"
    assert client.delete(f"/v1/boards/{board_id}").status_code == 204
    assert client.get(f"/v1/boards/{board_id}").status_code == 404


def dispute_on(store: Store, topic: str, account: str, *, accept: bool) -> None:
    """Have evidence of somebody's disputed, and decided about."""
    number = len(store.disputes.all("local"))
    made = dispute(account=account, topic=topic, network="custom:town", id=f"dsp_{account}_{number}")
    store.disputes.open(replace(made, created_at=store.now()))
    store.disputes.decide("local", made.id, accept=accept, note=None)


def test_who_was_disputed_with_success_since_is_marked_on_pages_and_in_files(client, store, board, board_id):
    whole = f"/v1/boards/{board_id}?kind=all"
    tag = client.get(whole).headers["ETag"]
    assert not any(row["disputed"] for row in client.get(whole).json["data"])
    dispute_on(store, "tag:topic", "u3", accept=True)
    dispute_on(store, "tag:topic", "u4", accept=False)
    dispute_on(store, "tag:other", "u5", accept=True)
    answer = client.get(whole, headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert [row["account"] for row in answer.json["data"] if row["disputed"]] == ["u3"]
    in_file = csv.DictReader(io.StringIO(client.get(f"{whole}&format=csv").text))
    assert [row["account"] for row in in_file if row["disputed"] == "true"] == ["u3"]
    page = client.get(f"/map?board={board_id}&kind=all", headers={"Accept": "text/html"}).text
    assert page.count(">evidence withdrawn since (dispute accepted)<") == 1
    assert 'data-account="u3"' in page.partition(">evidence withdrawn since (dispute accepted)<")[0]


def test_a_board_made_after_a_decision_leaves_the_evidence_out_and_marks_nobody(client, store, town):
    dispute_on(store, "tag:topic", "u3", accept=True)
    (result,) = rank(client)["results"]
    assert not any(row["disputed"] for row in client.get(f"/v1/boards/{result['board_id']}?kind=all").json["data"])
