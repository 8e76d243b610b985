"""Acknowledged: asks for jobs as a careful caller does, writes down what was acknowledged, reads it back, and counts.

Each caller's answers go into a file of its own, a line at a time, so that what was acknowledged outlives the service.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import requests
from prometheus_client.parser import text_string_to_metric_families

from candor.scoring.verify import verify

if TYPE_CHECKING:
    from collections.abc import Iterator


THREADS = 6
ANSWER_S = 40
GIVE_UP_S = 240.0
PAUSE_S = 0.25
INSIST_S = 60.0
FOR_A_TIME = (429, 503)
AS_OF = "2026-11-01T00:00:00Z"
NETWORK = "custom:chaos"
PLAIN = {"id": "rockets", "label": "Rockets", "terms": ["rocket"]}


@dataclass
class Recorder:
    """What was asked, acknowledged and refused. `jobs` holds the id of the job by the name of its account."""

    url: str
    jobs: dict[str, str] = field(default_factory=dict)
    failing: set[str] = field(default_factory=set)
    refused: Counter[str] = field(default_factory=Counter)
    unanswered: set[str] = field(default_factory=set)
    _ended: set[str] = field(default_factory=set)
    _here: threading.local = field(default_factory=threading.local)

    @contextmanager
    def asking(self, count: int, *, topic: str | None = None) -> Iterator[None]:
        """Ask for `count` jobs while the block runs, and go on after it until all are acknowledged or given up."""
        begun = len(self.jobs) + len(self.unanswered)
        with ThreadPoolExecutor(THREADS) as pool:
            asked = [pool.submit(self.ask, begun + number, topic) for number in range(count)]
            yield
            for each in asked:
                each.result()

    def ask(self, number: int, topic: str | None = None) -> None:
        """Ask for one job until it is acknowledged."""
        name = f"c{number}"
        said = json.dumps(body(name, number, topic))
        headers = {"Idempotency-Key": f"chaos-{name}", "Content-Type": "application/json"}
        if number % 5 == 0:
            headers["Prefer"] = "wait=3"
        deadline_s = time.monotonic() + GIVE_UP_S
        while time.monotonic() < deadline_s:
            answer = self.request("POST", "/v1/jobs", data=said, headers=headers)
            if answer is not None and answer.status_code in {200, 202}:
                self.jobs[name] = answer.json()["id"]
                return
            time.sleep(PAUSE_S)
        self.unanswered.add(name)

    def request(self, method: str, path: str, **given: Any) -> requests.Response | None:  # noqa: ANN401 as requests has it
        """Ask once; None without an answer. What is not an acknowledgement is counted."""
        if not hasattr(self._here, "session"):
            self._here.session = requests.Session()
        try:
            answer: requests.Response = self._here.session.request(
                method, f"{self.url}{path}", timeout=ANSWER_S, **given
            )
        except (requests.RequestException, OSError):
            self.refused["no answer"] += 1
            return None
        if not answer.ok:
            self.refused[str(answer.status_code)] += 1
        return answer

    def insist(self, path: str, **given: Any) -> requests.Response | None:  # noqa: ANN401 as requests has it
        """Read what is there, again and again while it is refused for a time; None where it is not to be had."""
        deadline_s = time.monotonic() + INSIST_S
        while (answer := self.request("GET", path, **given)) is None or answer.status_code in FOR_A_TIME:
            if time.monotonic() > deadline_s:
                return None
            time.sleep(PAUSE_S)
        return answer if answer.ok else None

    def wait_for_all(self) -> float:
        """Wait until everything acknowledged so far has ended, GIVE_UP_S at most; return the seconds it took."""
        started_s = time.monotonic()
        for name in sorted(set(self.jobs) - self._ended):
            while not self._has_ended(name) and time.monotonic() - started_s < GIVE_UP_S:
                time.sleep(PAUSE_S)
        return time.monotonic() - started_s

    def _has_ended(self, name: str) -> bool:
        answer = self.request("GET", f"/v1/jobs/{self.jobs[name]}")
        if answer is None or not answer.ok or answer.json()["status"] in {"queued", "running"}:
            return False
        self._ended.add(name)
        return True


def body(name: str, number: int, topic: str | None) -> dict[str, Any]:
    """Return a job over three records: somebody's answer, accepted."""
    topics = [PLAIN if topic is None else {"id": topic, "label": topic, "terms": ["rocket"]}]
    if number % 10 == 0:
        topics.append({"id": "moons", "label": "Moons", "terms": ["moon"]})
    question = {"id": "q", "actor": "asker", "type": "question", "published": "2026-10-01T09:00:00Z"}
    answer = {"id": "a", "actor": name, "type": "answer", "object": "q", "published": "2026-10-01T10:00:00Z"}
    accept = {"id": "c", "actor": "asker", "type": "accept", "object": "a", "published": "2026-10-01T11:00:00Z"}
    return {
        "accounts": [{"network": NETWORK, "account": name}],
        "topics": topics,
        "trust_root": "network",
        "profile": "qa",
        "as_of": AS_OF,
        "activities": [question | {"content": f"Which rocket? {name}"}, answer | {"content": "That rocket."}, accept],
    }


@dataclass(frozen=True)
class Verdict:
    """How many jobs were acknowledged, and what became of them.

    `lost`: acknowledged, and gone, not ended, or ended otherwise than it should. `doubled`: asked for once and there
    twice, or ended twice. `torn`: without a whole document for each account and topic.
    """

    acknowledged: int
    ended: int
    lost: int
    doubled: int
    torn: int
    unanswered: int

    @property
    def good(self) -> bool:
        """Tell whether the service kept its word."""
        return self.acknowledged == self.ended and not (self.lost or self.doubled or self.torn or self.unanswered)


def evaluate(recorder: Recorder) -> Verdict:
    """Read everything twice: what has ended must not change."""
    first, again = _all_jobs(recorder), _all_jobs(recorder)
    ended = {name for name, job_id in recorder.jobs.items() if _has_ended(first.get(job_id))}
    as_due = {name for name in ended if first[recorder.jobs[name]]["status"] == _due(recorder, name)}
    names = Counter(job["request"]["accounts"][0]["account"] for job in first.values() if job["request"]["accounts"])
    changed = sum(first[recorder.jobs[name]] != again.get(recorder.jobs[name]) for name in ended)
    jobs, ends = jobs_counted(_answer(recorder, "/metrics").text)
    return Verdict(
        acknowledged=len(recorder.jobs),
        ended=len(ended),
        lost=len(recorder.jobs) - len(as_due),
        doubled=sum(times - 1 for times in names.values()) + changed + abs(int(jobs - ends)),
        torn=sum(_is_torn(recorder, first[recorder.jobs[name]]) for name in as_due - recorder.failing),
        unanswered=len(recorder.unanswered),
    )


def _due(recorder: Recorder, name: str) -> str:
    return "failed" if name in recorder.failing else "succeeded"


def _has_ended(job: dict[str, Any] | None) -> bool:
    return job is not None and job["status"] not in {"queued", "running"}


def _all_jobs(recorder: Recorder) -> dict[str, dict[str, Any]]:
    jobs: dict[str, dict[str, Any]] = {}
    cursor: str | None = None
    while cursor is not None or not jobs:
        query = {"limit": 100} | ({} if cursor is None else {"cursor": cursor})
        page = _answer(recorder, "/v1/jobs", params=query).json()
        jobs |= {job["id"]: job for job in page["data"]}
        cursor = page["next_cursor"]
        if not page["has_more"]:
            break
    return jobs


def jobs_counted(metrics: str) -> tuple[float, float]:
    """Return how many jobs the page of metrics says were ever accepted, and how many ended."""
    samples = [sample for family in text_string_to_metric_families(metrics) for sample in family.samples]
    created, ended = (
        sum(sample.value for sample in samples if sample.name == f"candor_jobs_{what}_total")
        for what in ("created", "ended")
    )
    return created, ended


def _is_torn(recorder: Recorder, job: dict[str, Any]) -> bool:
    asked = [
        (account["account"], topic) for account in job["request"]["accounts"] for topic in job["request"]["topics"]
    ]
    made = [(result["account"]["account"], result["topic"]) for result in job["results"]]
    if made != asked or not all(result["score_url"] for result in job["results"]):
        return True
    return any(_faults(recorder, result["score_url"], *pair) for result, pair in zip(job["results"], made, strict=True))


def _faults(recorder: Recorder, path: str, account: str, topic: str) -> list[str]:
    for query in ("", "?evidence=all"):
        answer = recorder.insist(path + query)
        if answer is None:
            return ["not there"]
        body = answer.content
        if answer.headers["ETag"] != f'"{hashlib.sha256(body).hexdigest()[:32]}"':
            return ["entity tag"]
        document = json.loads(body)
        if (document["account"]["account"], document["topic"]["id"]) != (account, topic):
            return ["somebody else's"]
        if verify(document):
            return ["does not add up"]
    return []


def _answer(recorder: Recorder, path: str, **given: Any) -> requests.Response:  # noqa: ANN401 as requests has it
    answer = recorder.insist(path, **given)
    if answer is None:
        raise RuntimeError(f"{path} cannot be read")
    return answer
