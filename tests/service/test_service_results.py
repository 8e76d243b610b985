"""Lists that leave whole: a board, and an account's scores, in the form asked for."""

from __future__ import annotations

import csv
import io
from functools import cache

import duckdb
import msgspec
import pytest

from candor.store import redis_keys
from candor.store.jobs import part_id
from lab.speed.community import community
from worker import jobs

EXPERTS = "/v1/topics/tag:topic/experts?dataset=town&trust_root=network&kind=all"
TYPES = {"ndjson": "application/x-ndjson", "csv": "text/csv", "parquet": "application/vnd.apache.parquet"}


@cache
def records_of_town() -> bytes:
    """What a community of forty people did."""
    return b"\n".join(msgspec.json.encode(activity) for activity in community(4_000))


@pytest.fixture
def board(client, worker, saved):
    """Where the board of the community is."""
    return saved("a town with a board", lambda: rank_town(client))


def rank_town(client):
    """Upload the community and have everybody ranked; return where the board is."""
    url = "/v1/datasets/town?network=custom:town&profile=qa"
    client.put(url, data=records_of_town(), content_type="application/x-ndjson")
    job = client.post("/v1/jobs", json={"topics": ["tag:topic"], "dataset": "town", "trust_root": "network"}).json
    for name in (job["id"], part_id(job["id"], 0)):
        jobs.score("local", name)
    return client.get(job["urls"]["self"]).json["results"][0]["board_url"]


@pytest.fixture
def rows(client, board):
    """All rows of it, read page by page."""
    found, url = [], f"{board}?kind=all&limit=7"
    while url:
        answer = client.get(url)
        found += answer.json["data"]
        url = answer.headers["Link"].partition(">")[0].removeprefix("<") if answer.json["has_more"] else ""
    return found


def _flat(row):
    return str(row["rank"] or ""), row["account"], str(row["expertise"]["score"] or ""), row["document_url"]


@pytest.mark.parametrize("url", [EXPERTS, "{board}?kind=all"])
def test_a_board_leaves_whole_as_json(client, board, rows, url):
    answer = client.get(f"{url.format(board=board)}&format=json")
    assert answer.json["data"] == rows
    page = client.get(f"{board}?kind=all").json
    assert {**page, "data": [], "next_cursor": None, "has_more": False} == {**answer.json, "data": []}


@pytest.mark.parametrize("how", ["format", "accept"])
@pytest.mark.parametrize("form", TYPES)
def test_a_board_leaves_whole_in_each_form(client, tmp_path, board, rows, form, how):
    said = {"headers": {"Accept": TYPES[form]}} if how == "accept" else {"query_string": {"format": form}}
    if how == "format":
        said["query_string"]["kind"] = "all"
    answer = client.get(board if how == "format" else f"{board}?kind=all", **said)
    assert (answer.status_code, answer.mimetype) == (200, TYPES[form])
    assert answer.headers["Content-Disposition"].endswith(f'-{board.rpartition("/")[2]}.{form}"')
    if form == "ndjson":
        titled = [msgspec.json.decode(line) for line in answer.data.splitlines()]
        assert [{name: row[name] for name in rows[0]} for row in titled] == rows
    elif form == "csv":
        found = csv.DictReader(io.StringIO(answer.text, newline=""))
        told = [(row["rank"], row["account"], row["expertise_score"], row["document_url"]) for row in found]
        assert told == [_flat(row) for row in rows]
    else:
        (path := tmp_path / "board.parquet").write_bytes(answer.data)
        found = duckdb.sql(f"SELECT rank, account, expertise_score FROM '{path}'").fetchall()
        assert found == [(row["rank"], row["account"], row["expertise"]["score"]) for row in rows]


@pytest.mark.parametrize("form", ["ndjson", "csv"])
def test_each_row_of_a_file_says_what_the_board_is_of(client, board, form):
    answer = client.get(f"{board}?format={form}")
    known = client.get(board).json["board"]
    rows = (
        [msgspec.json.decode(line) for line in answer.data.splitlines()]
        if form == "ndjson"
        else list(csv.DictReader(io.StringIO(answer.text, newline="")))
    )
    titles = {tuple(row[name] for name in ("topic", "network", "trust_root", "as_of", "method")) for row in rows}
    assert titles == {("tag:topic", "custom:town", "network", known["as_of"], known["method"])}
    assert f"-tag-topic-{known['as_of'][:10]}-" in answer.headers["Content-Disposition"]


def test_the_filters_and_the_number_asked_for_hold_in_every_form(client, board, rows):
    few = client.get(f"{board}?kind=all&status=ok&format=ndjson&limit=3").data.splitlines()
    wanted = [row for row in rows if row["expertise"]["status"] == "ok"]
    assert [msgspec.json.decode(line)["row"] for line in few] == [row["row"] for row in wanted[:3]]


def test_whoever_accepts_anything_gets_a_page(client, board, rows):
    for accept in ("*/*", "application/json", "text/html,*/*;q=0.8"):
        answer = client.get(f"{board}?kind=all", headers={"Accept": accept})
        assert (answer.mimetype, len(answer.json["data"])) == ("application/json", 20)


def test_a_form_that_there_is_not_is_refused(client, board):
    answer = client.get(f"{board}?format=docx")
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/format")


def test_a_board_is_nobody_else_s_in_any_form(caller, board):
    for form in TYPES:
        assert caller("stranger")("GET", f"{board}?format={form}").status_code == 404


def test_an_account_s_scores_leave_whole(client, store, board, rows):
    account = rows[0]["account"]
    job = client.post(rows[0]["document_url"]).json
    jobs.score("local", job["id"])
    url = f"/v1/accounts/custom:town/{account}/scores"
    listed = client.get(url).json["data"]
    assert [msgspec.json.decode(line) for line in client.get(f"{url}?format=ndjson").data.splitlines()] == listed
    (row,) = csv.DictReader(io.StringIO(client.get(f"{url}?format=csv").text, newline=""))
    assert (row["topic"], row["trust_root_kind"], row["expertise_score"]) == (
        "tag:topic",
        "network",
        str(listed[0]["expertise"]["score"]),
    )


SCORED = {
    "topics": ["space-technology", {"id": "beer", "label": "Beer", "terms": ["beer"]}],
    "accounts": [{"network": "custom:town", "account": name} for name in ("ada", "=cy", "bob")],
    "trust_root": "network",
    "profile": "qa",
    "activities": [
        {"id": "q", "type": "question", "actor": "bob", "published": "2026-01-01T00:00:00Z", "content": "An orbit?"},
        {
            "id": "a",
            "type": "answer",
            "actor": "ada",
            "object": "q",
            "published": "2026-01-02T00:00:00Z",
            "content": "x",
        },
        {"id": "c", "type": "accept", "actor": "bob", "object": "a", "published": "2026-01-03T00:00:00Z"},
    ],
    "as_of": "2026-02-01T00:00:00Z",
}


@pytest.fixture
def scored(client, worker):
    """Where a job is that scored three accounts on two topics."""
    job = client.post("/v1/jobs", json=SCORED).json
    jobs.score("local", job["id"])
    return job["urls"]["self"]


def test_results_of_a_job_say_the_numbers_of_its_scores(client, scored):
    answer = client.get(f"{scored}/results").json
    listed = client.get(scored).json["results"]
    assert [(row["account"], row["topic"], row["score_id"]) for row in answer["data"]] == [
        (result["account"]["account"], result["topic"], result["score_id"]) for result in listed
    ]
    for row in answer["data"]:
        document = client.get(row["score_url"]).json
        assert row["expertise"]["score"] == document["expertise"]["score"]
        assert row["interest"]["score"] == document["interest"]["score"]


def test_results_of_a_job_come_in_pages_that_together_are_all(client, scored):
    found, url = [], f"{scored}/results?limit=4"
    while url:
        answer = client.get(url)
        found += answer.json["data"]
        url = answer.headers["Link"].partition(">")[0].removeprefix("<") if answer.json["has_more"] else ""
    assert found == client.get(f"{scored}/results?format=json").json["data"]
    assert len(found) == 6


@pytest.mark.parametrize("form", TYPES)
def test_results_of_a_job_leave_whole_in_each_form(client, tmp_path, scored, form):
    answer = client.get(f"{scored}/results", headers={"Accept": TYPES[form]})
    assert (answer.status_code, answer.mimetype) == (200, TYPES[form])
    rows = client.get(f"{scored}/results?format=json").json["data"]
    if form == "ndjson":
        assert [msgspec.json.decode(line) for line in answer.data.splitlines()] == rows
        return
    if form == "csv":
        told = [
            (each["account"].lstrip("'"), each["expertise_score"]) for each in csv.DictReader(io.StringIO(answer.text))
        ]
        assert "'=cy" in answer.text
    else:
        (path := tmp_path / "results.parquet").write_bytes(answer.data)
        told = duckdb.sql(f"SELECT account, coalesce(expertise_score::VARCHAR, '') FROM '{path}'").fetchall()
    assert told == [(row["account"], str(row["expertise"]["score"] or "")) for row in rows]


def test_a_score_that_is_kept_no_longer_is_a_row_without_numbers(client, store, scored):
    first = client.get(scored).json["results"][0]["score_id"]
    store.redis.delete(redis_keys.score("local", first))
    row = client.get(f"{scored}/results").json["data"][0]
    assert (row["score_id"], row["as_of"], row["expertise"], row["interest"]) == (first, None, None, None)


def test_a_job_that_ranks_everybody_leads_to_its_board(client, board):
    (job,) = client.get("/v1/jobs").json["data"]
    (row,) = client.get(f"{job['urls']['self']}/results").json["data"]
    assert (row["account"], row["board_url"], row["expertise"]) == (None, board, None)


def test_results_are_nobody_else_s(caller, worker):
    ada, bob = caller("ada"), caller("bob")
    url = ada("POST", "/v1/jobs", json=SCORED).json["urls"]["self"]
    assert ada("GET", f"{url}/results").status_code == 200
    assert bob("GET", f"{url}/results").status_code == 404
