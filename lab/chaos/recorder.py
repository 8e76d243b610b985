"""Recorder: asks for jobs as a careful caller does, and writes down what was acknowledged.

A careful caller gives each request an Idempotency-Key and sends it again, unchanged, until it is answered.
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import requests

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

    def wait_for_all(self, patience_s: float = GIVE_UP_S) -> float:
        """Wait until everything acknowledged so far has ended; return the seconds it took.

        Gives up after `patience_s`.
        """
        started_s = time.monotonic()
        for name in sorted(set(self.jobs) - self._ended):
            while not self._has_ended(name) and time.monotonic() - started_s < patience_s:
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
