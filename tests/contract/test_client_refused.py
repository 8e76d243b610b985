"""candor.client before services that are busy, somewhere else, or no Candor at all: it says so, and waits on."""

from __future__ import annotations

import time
from typing import Any

import pytest
import requests

from candor.client import MOST_FAILED_POLLS, Client, ClientError

HERE = "http://candor.example"
DONE = {
    "id": "job_1",
    "status": "succeeded",
    "note": None,
    "error": None,
    "results": [],
    "progress": {"done": 1, "total": 1, "waits_for": None, "until": None},
    "urls": {"self": "/v1/jobs/job_1"},
}
RUNNING = {**DONE, "status": "running"}
PROBLEM = {"detail": "Too many requests."}


@pytest.fixture
def slept(monkeypatch):
    pauses: list[float] = []
    monkeypatch.setattr("candor.client.time.sleep", pauses.append)
    return pauses


def polls(mock: Any, *answers: dict[str, Any]) -> None:
    mock.get(f"{HERE}/v1/jobs/job_1", list(answers))


@pytest.mark.parametrize(
    ("busy", "pause_s"),
    [
        ({"status_code": 429, "json": PROBLEM, "headers": {"Retry-After": "7"}}, 7.0),
        ({"status_code": 503, "json": PROBLEM, "headers": {"Retry-After": "86400"}}, 60.0),
        ({"status_code": 502, "text": "<html>"}, 1.0),
        ({"status_code": 504, "text": "", "headers": {"Retry-After": "soon"}}, 1.0),
        ({"exc": requests.ConnectionError("reset")}, 1.0),
    ],
)
def test_a_job_is_waited_for_while_the_service_is_busy_or_starts_again(requests_mock, slept, busy, pause_s):
    polls(requests_mock, busy, {"json": RUNNING}, busy, {"json": DONE})
    assert Client(HERE).wait(RUNNING)["status"] == "succeeded"
    assert slept.count(pause_s) == 2


def test_a_service_that_stays_away_ends_the_wait(requests_mock, slept):
    polls(requests_mock, {"exc": requests.ConnectionError("refused")})
    with pytest.raises(ClientError, match="cannot be reached"):
        Client(HERE).wait(RUNNING)
    assert requests_mock.call_count == MOST_FAILED_POLLS + 1


def test_no_wait_is_longer_than_asked_for(requests_mock):
    polls(requests_mock, {"status_code": 429, "json": PROBLEM, "headers": {"Retry-After": "60"}})
    began_s = time.monotonic()
    with pytest.raises(ClientError, match="Too many requests"):
        Client(HERE).wait(RUNNING, timeout_s=2)
    assert time.monotonic() - began_s < 2


@pytest.mark.parametrize("answer", [{"text": "<html>Sign in</html>"}, {"json": []}, {"text": ""}])
def test_what_is_no_candor_is_said_to_be_none(requests_mock, answer):
    requests_mock.put(f"{HERE}/v1/datasets/beer", **answer)
    with pytest.raises(ClientError, match="not as Candor does"):
        Client(HERE).upload("beer", [], network="custom:beer")


def test_an_answer_to_a_question_that_is_none_is_said_to_be_none(requests_mock):
    requests_mock.post(f"{HERE}/v1/questions", text="<html>")
    with pytest.raises(ClientError, match="not as Candor does"):
        Client(HERE).ask_question({})


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_nothing_is_sent_on_to_another_address_which_is_said(requests_mock, status):
    to = {"Location": "https://candor.example/v1/datasets/beer"}
    requests_mock.put(f"{HERE}/v1/datasets/beer", status_code=status, headers=to)
    with pytest.raises(ClientError, match=r"sends to https://candor\.example/v1/datasets/beer: give the address"):
        Client(HERE, "secret").upload("beer", [], network="custom:beer")
    assert requests_mock.call_count == 1


def test_a_question_is_not_asked_again_by_itself(requests_mock):
    requests_mock.post(f"{HERE}/v1/jobs", status_code=503, json={"detail": "The store does not answer."})
    with pytest.raises(ClientError, match=r"does not answer\. \(503\)"):
        Client(HERE).ask(topics=["brewing"])
    assert requests_mock.call_count == 1


def test_an_error_has_the_problem_document_for_programs(requests_mock):
    fault = {"pointer": "/topics", "detail": "Name a topic."}
    problem = {"detail": "Please correct topics.", "code": "invalid", "errors": [fault], "request_id": "req_1"}
    requests_mock.post(f"{HERE}/v1/jobs", status_code=422, json=problem)
    with pytest.raises(ClientError, match=r"^Please correct topics\.; /topics: Name a topic\.$") as refused:
        Client(HERE).ask(topics=[])
    assert (refused.value.status, refused.value.problem) == (422, problem)


def test_an_error_of_a_failed_job_has_its_problem(requests_mock, slept):
    problem = {"detail": "It took too long.", "code": "timed_out", "status": 504}
    polls(requests_mock, {"json": {**DONE, "status": "failed", "error": problem}})
    with pytest.raises(ClientError, match="the job failed: It took too long") as ended:
        Client(HERE).wait(RUNNING)
    assert (ended.value.status, ended.value.problem) == (None, problem)


@pytest.mark.parametrize("said", [{"exc": requests.ConnectionError("refused")}, {"status_code": 502, "text": "<html>"}])
def test_an_error_without_words_of_the_service_has_no_problem(requests_mock, said):
    requests_mock.get(f"{HERE}/v1/datasets/town", **said)
    with pytest.raises(ClientError) as refused:
        Client(HERE).dataset("town")
    assert (refused.value.status, refused.value.problem) == (said.get("status_code"), {})
