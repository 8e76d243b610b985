"""A second machine, with a directory of its own and only Redis and the storage in common, lost amid a board."""

from __future__ import annotations

import shutil
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
import requests

from candor.store.client import text
from candor.store.secret import NAME
from candor.store.workers import Workers
from lab.chaos.parts import WORKERS, Parts, until
from lab.chaos.recorder import AS_OF, NETWORK
from lab.speed.community import community

if TYPE_CHECKING:
    from pathlib import Path

    from redis import Redis

    from lab.chaos.recorder import Recorder

TIMES = 3
RECORDS = 20_000
TOPICS = 6
ANSWER_S, BOARD_S = 60, 300.0
ROOT = {"kind": "accounts", "network": NETWORK, "accounts": [{"account": f"u{number}"} for number in range(10)]}


def machine_lost(parts: Parts, recorder: Recorder, count: int) -> list[float]:
    """Lose one of two machines while its workers make a board of what the other was sent, and put another there.

    Raises RuntimeError where the board is not the one that is made when nothing is lost.
    """
    _upload(parts.url)
    undisturbed = _rows(parts.url, _ask(parts.url, "alone"))
    times = []
    for turn in range(TIMES):
        with second_machine(parts, parts.folder / f"machine-{turn}") as second:
            until(partial(_all_work, second), ANSWER_S)
            with recorder.asking(count // TIMES):
                board = _ask(second.url, f"turn{turn}")
                until(partial(_is_at_it, second, board), ANSWER_S)
                second.lose()
                times.append(recorder.wait_for_all())
            if _rows(parts.url, board) != undisturbed:
                raise RuntimeError("a board is another one after a machine was lost in its midst")
    return times


def second_machine(parts: Parts, folder: Path) -> Parts:
    """Return a machine that shares Redis, the storage and the secret with another, and nothing else."""
    folder.mkdir()
    shutil.copy(parts.folder / NAME, folder)
    return Parts(folder, server=parts.server, storage=parts.storage)


def _upload(url: str) -> None:
    """Upload a community to one machine."""
    body = b"\n".join(map(msgspec.json.encode, community(RECORDS)))
    path = f"{url}/v1/datasets/town?network={NETWORK}&profile=qa"
    sent = requests.put(path, body, headers={"Content-Type": "application/x-ndjson"}, timeout=ANSWER_S)
    sent.raise_for_status()


def _ask(url: str, called: str) -> str:
    """Ask for a board of everybody on some topics, which are called differently each time; return the job's id."""
    topics = [
        {"id": f"{called}-{number}", "label": called, "hashtags": [f"other-{number}"]} for number in range(TOPICS)
    ]
    asked = {"dataset": "town", "topics": topics, "trust_root": ROOT, "as_of": AS_OF}
    answer = requests.post(f"{url}/v1/jobs", json=asked, timeout=ANSWER_S)
    answer.raise_for_status()
    return str(answer.json()["id"])


def _all_work(machine: Parts) -> bool:
    """Tell whether all workers of the machine are there."""
    with machine.redis() as redis:
        return len(_workers_of(machine, redis)) == WORKERS


def _is_at_it(machine: Parts, job_id: str) -> bool:
    """Tell whether a worker of the machine has a part of the job in hand."""
    with machine.redis() as redis:
        held = map(Workers(redis).held_by, _workers_of(machine, redis))
        return any((name or "").startswith(job_id) for name in held)


def _workers_of(machine: Parts, redis: Redis) -> list[str]:
    pids = machine.worker_pids()
    alive = Workers(redis).alive()
    return [name for name in alive if int(text(redis.hget(f"rq:worker:{name}", "pid") or b"0")) in pids]


def _rows(url: str, job_id: str) -> list[Any]:
    """Wait for a board, and return its rows on all topics."""
    deadline_s = time.monotonic() + BOARD_S
    while (job := _read(url, f"/v1/jobs/{job_id}"))["status"] in {"queued", "running"}:
        if time.monotonic() > deadline_s:
            raise RuntimeError("a board was not made in time")
        time.sleep(0.5)
    if job["status"] != "succeeded":
        raise RuntimeError(f"a board ended as {job['status']}: {job['error']}")
    pages = [_read(url, f"{result['board_url']}?limit=100")["data"] for result in job["results"]]
    return [[{**row, "document_url": None} for row in page] for page in pages]


def _read(url: str, path: str) -> Any:  # noqa: ANN401 JSON
    answer = requests.get(f"{url}{path}", timeout=ANSWER_S)
    answer.raise_for_status()
    return answer.json()
