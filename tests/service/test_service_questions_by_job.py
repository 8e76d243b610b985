"""Questions to a data set that was not read for them yet: a job reads it, and words stay no longer than they may."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from candor.scoring.redaction import DataSubject
from candor.store import question_indexes, question_words
from service.context import make_context
from tests.questions.town import NOW, TOWN
from worker import findings, jobs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient

    from candor.settings import Settings
    from candor.store import Store

NETWORK = "custom:town"
UPLOAD: dict[str, Any] = {
    "data": msgspec.json.Encoder().encode_lines(list(TOWN)),
    "content_type": "application/x-ndjson",
}
PUT = f"/v1/datasets/town?network={NETWORK}&profile=qa"
ASKED = {"text": "my sourdough starter smells", "tags": ["law"], "dataset": "town", "as_of": NOW.isoformat()}
OPENINGS = f"/v1/datasets/town/questions?as_of={NOW:%Y-%m-%dT%H:%M:%SZ}"
OF_BAKER = f"/v1/accounts/{NETWORK}/baker/questions?dataset=town&as_of={NOW:%Y-%m-%dT%H:%M:%SZ}"


pytestmark = pytest.mark.usefixtures("worker")


@pytest.fixture(autouse=True)
def no_small_data_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(question_indexes, "READ_AT_ONCE", 0)


@pytest.fixture
def town(client: FlaskClient, saved: Callable[..., Any]) -> None:
    assert saved("a town that asks", lambda: client.put(PUT, **UPLOAD).status_code) == 201


@pytest.fixture
def ask(client: FlaskClient, town: None) -> Callable[[], Any]:
    return lambda: client.post("/v1/questions", json=ASKED)


@pytest.fixture
def files(data_dir: Path) -> Callable[[], list[str]]:
    return lambda: sorted(path.name for path in (data_dir / "questions").glob("*"))


def test_a_question_to_a_data_set_that_nobody_read_is_a_job_whose_result_is_the_answer(ask, client: FlaskClient):
    first, again = ask(), ask()
    assert (first.status_code, again.json["id"]) == (202, first.json["id"])
    jobs.score("local", first.json["id"])
    ended = client.get(first.headers["Location"]).json
    assert ended["status"] == "succeeded"
    by_job, at_once = client.get(ended["result_url"]), ask()
    assert (by_job.status_code, at_once.status_code) == (200, 200)
    assert by_job.json == at_once.json


def test_a_question_without_a_time_is_asked_once_while_its_job_runs(client: FlaskClient, town: None):
    undated = {**ASKED, "as_of": None}
    first, again = (client.post("/v1/questions", json=undated) for _ in range(2))
    assert first.json["id"] == again.json["id"]


def test_after_an_upload_a_worker_reads_the_questions_so_that_the_first_is_answered_at_once(ask, store: Store, files):
    assert store.queue.first("batch") == question_words.job_id(store.datasets.get("local", "town"))
    findings.keep_words("local", "town")
    assert len(files()) == 1
    assert ask().status_code == 200


def test_the_words_that_a_worker_kept_give_the_same_answer_as_reading_the_texts(
    ask, app: Flask, settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
):
    findings.keep_words("local", "town")
    from_words = ask().json
    store.question_words.delete(store.datasets.get("local", "town"))
    monkeypatch.setattr(question_indexes, "READ_AT_ONCE", 1_000)
    app.extensions["candor"] = make_context(settings, store, lambda: NOW)
    assert ask().json == from_words


@pytest.mark.parametrize("address", [OPENINGS, OF_BAKER])
def test_what_waits_is_found_by_a_job_too(client: FlaskClient, town: None, store: Store, address):
    first = client.get(address)
    jobs.score("local", first.json["id"])
    by_job = client.get(client.get(first.headers["Location"]).json["result_url"])
    assert (first.status_code, by_job.status_code) == (202, 200)
    assert client.get(address).json == by_job.json


def test_an_answer_made_before_somebody_was_suppressed_is_gone(ask, client: FlaskClient, store: Store):
    job = ask().json
    jobs.score("local", job["id"])
    store.suppression.add(NETWORK, ["lawyer"])
    assert client.get(job["result_url"]).status_code == 404
    assert ask().status_code == 202


def test_an_erasure_deletes_the_words_and_answers_of_its_network_at_once(ask, store: Store, files):
    job = ask().json
    jobs.score("local", job["id"])
    assert len(files()) == 1
    for target in (store.question_words, store.findings):
        target.erase(DataSubject(network=NETWORK, names=("baker",)), None)
    assert files() == []
    assert store.findings.get("local", job["result_url"].rpartition("/")[2]) is None


def test_words_go_with_their_data_set_and_with_a_change_of_it(ask, client: FlaskClient, files):
    findings.keep_words("local", "town")
    before = files()
    line = msgspec.json.encode({"id": "n", "actor": "x", "type": "question", "published": "2026-10-30T12:00:00Z"})
    client.post("/v1/datasets/town/records", data=line, content_type="application/x-ndjson")
    assert ask().status_code == 202
    findings.keep_words("local", "town")
    assert len(files()) == 1
    assert files() != before
    client.delete("/v1/datasets/town")
    assert files() == []


@pytest.mark.parametrize("part", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_a_damaged_file_of_words_is_not_read(
    ask, app: Flask, settings: Settings, store: Store, data_dir: Path, files, part: float
):
    findings.keep_words("local", "town")
    right = ask().json
    app.extensions["candor"] = make_context(settings, store, lambda: NOW)
    path = data_dir / "questions" / files()[0]
    body = bytearray(path.read_bytes())
    body[int(len(body) * part)] ^= 0xFF
    path.write_bytes(body)
    assert ask().json == right


def test_old_words_are_swept(store: Store, town: None, files, data_dir: Path, monkeypatch: pytest.MonkeyPatch):
    findings.keep_words("local", "town")
    store.question_words.delete_expired()
    assert len(files()) == 1
    born = (data_dir / "questions" / files()[0]).stat().st_mtime
    monkeypatch.setattr(question_words.time, "time", lambda: born + 31 * 86_400)
    store.question_words.delete_expired()
    assert files() == []


def test_another_owner_cannot_read_an_answer(caller: Callable[..., Any]):
    ours, theirs = caller("us"), caller("them")
    ours("PUT", PUT, **UPLOAD)
    job = ours("POST", "/v1/questions", json=ASKED).json
    jobs.score("us", job["id"])
    assert ours("GET", job["result_url"]).status_code == 200
    assert theirs("GET", job["result_url"]).status_code == 404


def test_the_page_leads_to_the_progress_of_the_job_and_back(client: FlaskClient, town: None):
    query = {"text": "sourdough starter", "tags": "", "dataset": "town", "as_of": "2026-11-01"}
    led = client.get("/questions", query_string=query)
    assert led.status_code == 303
    job = led.headers["Location"].partition("?")[0].rpartition("/")[2]
    assert client.get(led.headers["Location"]).status_code == 200
    jobs.score("local", job)
    back = client.get(led.headers["Location"])
    assert back.status_code == 303
    assert back.headers["Location"].startswith("/questions?text=sourdough")
    assert "baker" in client.get(back.headers["Location"]).text


def test_progress_leads_nowhere_but_to_our_own_pages(ask, client: FlaskClient):
    job = ask().json["id"]
    jobs.score("local", job)
    assert client.get(f"/progress/{job}?next=//elsewhere.example/").status_code == 200
