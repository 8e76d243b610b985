"""What counts what became of jobs must notice when one is lost, doubled or torn."""

from __future__ import annotations

import copy
import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from lab.chaos.acknowledged import Recorder, evaluate
from service.api.scores import score_example

if TYPE_CHECKING:
    from collections.abc import Callable

URL = "http://service.example"


class Service:
    """A made-up service with two jobs that ended well; each test spoils something."""

    def __init__(self, mock: Any) -> None:
        self.mock = mock
        document = score_example()
        self.account, self.topic = document["account"]["account"], document["topic"]["id"]
        self.jobs = [self.job("j1", self.account), self.job("j2", "other", topics=[])]
        self.created, self.ended = 2, 2
        self.body = json.dumps(document).encode()
        self.etag = f'"{hashlib.sha256(self.body).hexdigest()[:32]}"'

    def job(self, job_id: str, account: str, topics: list[str] | None = None, **more: Any) -> dict[str, Any]:
        """A job about an account on the document's topic, or on none."""
        topics = [self.topic] if topics is None else topics
        named = {"network": "custom:x", "account": account}
        results = [{"account": named, "topic": topic, "score_url": "/v1/scores/s"} for topic in topics]
        request = {"accounts": [named], "topics": topics}
        return {"id": job_id, "status": "succeeded", "request": request, "results": results, **more}

    def open(self) -> None:
        """Answer from now on."""
        counts = f"candor_jobs_created_total {self.created}\ncandor_jobs_ended_total {self.ended}\n"
        kinds = "# TYPE candor_jobs_created counter\n# TYPE candor_jobs_ended counter\n"
        self.mock.get(f"{URL}/v1/jobs", json={"data": self.jobs, "next_cursor": None, "has_more": False})
        self.mock.get(f"{URL}/v1/scores/s", content=self.body, headers={"ETag": self.etag})
        self.mock.get(f"{URL}/metrics", text=kinds + counts)


@pytest.fixture
def service(requests_mock: Any) -> Service:
    return Service(requests_mock)


@pytest.fixture
def recorder(service: Service) -> Recorder:
    """Two jobs were acknowledged."""
    return Recorder(URL, jobs={service.account: "j1", "other": "j2"})


def test_a_service_that_kept_its_word_is_good(service, recorder):
    service.open()
    assert evaluate(recorder).good


def test_a_document_that_is_refused_for_a_time_is_not_torn(service, recorder, monkeypatch):
    service.open()
    there = {"content": service.body, "headers": {"ETag": service.etag}}
    service.mock.get(f"{URL}/v1/scores/s", [{"status_code": 503}, there])
    monkeypatch.setattr("lab.chaos.acknowledged.PAUSE_S", 0)
    assert evaluate(recorder).good


def lost(service: Service) -> None:
    service.jobs.pop()


def unfinished(service: Service) -> None:
    service.jobs[1]["status"] = "running"


def failed(service: Service) -> None:
    service.jobs[1]["status"] = "failed"


def made_twice(service: Service) -> None:
    service.jobs.append(service.job("j3", "other", topics=[]))


def ended_twice(service: Service) -> None:
    service.ended += 1


def without_a_result(service: Service) -> None:
    service.jobs[0]["results"] = []


def cut_short(service: Service) -> None:
    service.etag = '"0"'


def not_adding_up(service: Service) -> None:
    document = copy.deepcopy(score_example())
    document["expertise"]["score"] += 1
    service.body = json.dumps(document).encode()
    service.etag = f'"{hashlib.sha256(service.body).hexdigest()[:32]}"'


@pytest.mark.parametrize(
    ("spoil", "counts"),
    [
        (lost, (1, 0, 0)),
        (unfinished, (1, 0, 0)),
        (failed, (1, 0, 0)),
        (made_twice, (0, 1, 0)),
        (ended_twice, (0, 1, 0)),
        (without_a_result, (0, 0, 1)),
        (cut_short, (0, 0, 1)),
        (not_adding_up, (0, 0, 1)),
    ],
)
def test_whatever_is_wrong_is_counted(service, recorder, spoil: Callable[[Service], None], counts):
    spoil(service)
    service.open()
    verdict = evaluate(recorder)
    assert (verdict.lost, verdict.doubled, verdict.torn) == counts
    assert not verdict.good


def test_what_was_never_acknowledged_is_no_good_either(service, recorder):
    service.open()
    recorder.unanswered.add("c9")
    assert not evaluate(recorder).good


def test_poison_is_due_to_fail(service, recorder):
    failed(service)
    service.open()
    recorder.failing.add("other")
    assert evaluate(recorder).good
