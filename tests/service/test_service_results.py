"""Lists that leave whole: a board, and an account's scores, in the form asked for."""

from __future__ import annotations

import csv
import io
from functools import cache

import duckdb
import msgspec
import pytest

from candor.scoring.method import load_method
from candor.scoring.score import score
from candor.store.jobs import part_id
from lab.speed.community import community
from worker import jobs
from worker.context import CURRENT, WorkerContext

EXPERTS = "/v1/topics/tag:topic/experts?dataset=town&trust_root=network&kind=all"
TYPES = {"ndjson": "application/x-ndjson", "csv": "text/csv", "parquet": "application/vnd.apache.parquet"}


@cache
def records_of_town() -> bytes:
    """What a community of forty people did."""
    return b"\n".join(msgspec.json.encode(activity) for activity in community(4_000))


@pytest.fixture
def board(client, store):
    """Where the board of the community is."""
    token = CURRENT.set(WorkerContext(store, load_method(), score))
    url = "/v1/datasets/town?network=custom:town&profile=qa"
    client.put(url, data=records_of_town(), content_type="application/x-ndjson")
    job = client.post("/v1/jobs", json={"topics": ["tag:topic"], "dataset": "town", "trust_root": "network"}).json
    for name in (job["id"], part_id(job["id"], 0)):
        jobs.score("local", name)
    yield client.get(job["urls"]["self"]).json["results"][0]["board_url"]
    CURRENT.reset(token)


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
    return str(row["rank"]), row["account"], str(row["expertise"]["score"] or ""), row["document_url"]


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
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{board.rpartition("/")[2]}.{form}"'
    if form == "ndjson":
        assert [msgspec.json.decode(line) for line in answer.data.splitlines()] == rows
    elif form == "csv":
        found = csv.DictReader(io.StringIO(answer.text, newline=""))
        told = [(row["rank"], row["account"], row["expertise_score"], row["document_url"]) for row in found]
        assert told == [_flat(row) for row in rows]
    else:
        (path := tmp_path / "board.parquet").write_bytes(answer.data)
        found = duckdb.sql(f"SELECT rank, account, expertise_score FROM '{path}'").fetchall()
        assert found == [(row["rank"], row["account"], row["expertise"]["score"]) for row in rows]


def test_the_filters_and_the_number_asked_for_hold_in_every_form(client, board, rows):
    few = client.get(f"{board}?kind=all&status=ok&format=ndjson&limit=3").data.splitlines()
    wanted = [row for row in rows if row["expertise"]["status"] == "ok"]
    assert [msgspec.json.decode(line)["rank"] for line in few] == [row["rank"] for row in wanted[:3]]


def test_whoever_accepts_anything_gets_a_page(client, board, rows):
    for accept in ("*/*", "application/json", "text/html,*/*;q=0.8"):
        answer = client.get(f"{board}?kind=all", headers={"Accept": accept})
        assert (answer.mimetype, len(answer.json["data"])) == ("application/json", 20)


def test_a_form_that_there_is_not_is_refused(client, board):
    answer = client.get(f"{board}?format=xlsx")
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
