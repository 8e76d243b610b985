"""Judge: reads back everything that was acknowledged, and counts what was lost, doubled or torn."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from prometheus_client.parser import text_string_to_metric_families

from candor.scoring.verify import verify

if TYPE_CHECKING:
    import requests

    from lab.chaos.recorder import Recorder


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


def judge(recorder: Recorder) -> Verdict:
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
