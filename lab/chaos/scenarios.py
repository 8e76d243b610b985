"""Scenarios: one way to break the service each, while jobs are being asked for."""

from __future__ import annotations

import random
import shutil
import signal
import threading
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec
import requests

from candor.store.client import text
from candor.store.secret import NAME
from candor.store.workers import Workers
from lab.chaos.acknowledged import AS_OF, NETWORK
from lab.chaos.parts import WORKERS, Parts, until
from lab.chaos.trapped_worker import NAMES, POISON, SLOW, trap
from lab.speed.community import community

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from redis import Redis

    from lab.chaos.acknowledged import Recorder

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


FROZEN_S = 30.0
AWAY_S = 8.0
FULL_S = 8.0
PAUSE_S = 1.5


Scenario: TypeAlias = "Callable[[Parts, Recorder, int], list[float]]"
"""Asks for so many jobs, breaks something meanwhile, and returns the seconds each recovery took.

Recovery lasts from the end of the fault until all jobs acknowledged before that have ended.
"""


@dataclass(frozen=True)
class ScenarioRow:
    """A scenario, what is said of it, and its share of the jobs in percent.

    `disk` is how many bytes it has where it needs a small one; `shared` says that data sets lie at a common address.
    """

    name: str
    run: Scenario
    share: int
    disk: int | None = None
    shared: bool = False

    @property
    def key(self) -> str:
        """The name in one word, for files."""
        return "-".join(self.name.split())


def worker_killed_at_each_step(parts: Parts, recorder: Recorder, count: int) -> list[float]:
    """Kill a worker at each of the steps of a job, in turn and again, another job each time."""
    times, rounds = [], max(1, count // (len(NAMES) * 15))
    with parts.redis() as redis:
        for turn in range(rounds * len(NAMES)):
            name = NAMES[turn % len(NAMES)]
            redis.rpush(trap(name), b"1")
            with recorder.asking(count // (rounds * len(NAMES))):
                until(partial(_sprung, redis, name))
                times.append(recorder.wait_for_all())
    return times


def _sprung(redis: Redis, name: str) -> bool:
    return redis.llen(trap(name)) == 0


def all_workers_killed(parts: Parts, recorder: Recorder, count: int) -> list[float]:
    """Kill every worker at once, several times."""
    return _again(recorder, count, parts.kill_workers)


def launcher_killed(parts: Parts, recorder: Recorder, count: int) -> list[float]:
    """Kill the launcher and start another."""

    def _fault() -> None:
        parts.kill_launcher()
        parts.start_launcher()

    return _again(recorder, count, _fault)


def interface_killed(parts: Parts, recorder: Recorder, count: int) -> list[float]:
    """Kill the interface in the middle of uploads and of callers who wait."""
    uploads = Uploads(recorder)
    thread = threading.Thread(target=uploads.run)
    thread.start()

    def _fault() -> None:
        uploads.until_half_way()
        parts.kill_api()
        time.sleep(0.5)
        parts.start_api()
        parts.until_ready()

    times = _again(recorder, count, _fault)
    uploads.stop()
    thread.join()
    uploads.check()
    return times


def redis_killed(parts: Parts, recorder: Recorder, count: int) -> list[float]:
    """Kill Redis and start it again, at once and after a while."""
    waits = iter((0.0, AWAY_S))

    def _fault() -> None:
        parts.kill_server()
        time.sleep(next(waits))
        parts.server.start()

    return _again(recorder, count, _fault, times=2)


def redis_frozen(parts: Parts, recorder: Recorder, count: int) -> list[float]:
    """Stop Redis from running for half a minute without ending it."""

    def _fault() -> None:
        parts.signal_server(signal.SIGSTOP)
        time.sleep(FROZEN_S)
        parts.signal_server(signal.SIGCONT)

    return _again(recorder, count, _fault, times=1)


def redis_full(parts: Parts, recorder: Recorder, count: int) -> list[float]:
    """Leave Redis no memory for a while."""

    def _fault() -> None:
        with parts.redis() as redis:
            redis.config_set("maxmemory", 1_000_000)
            time.sleep(FULL_S)
            redis.config_set("maxmemory", 0)

    return _again(recorder, count, _fault, times=2)


def disk_full(parts: Parts, recorder: Recorder, count: int) -> list[float]:
    """Fill the disk of the data directory, log of Redis and uploads included, for a while."""
    ballast = parts.folder / "ballast"

    def _fault() -> None:
        with ballast.open("wb") as file:
            try:
                while True:
                    file.write(bytes(65_536))
                    file.flush()
            except OSError:
                pass
        recorder.request("PUT", _upload_path(99), data=_records(20_000), headers=_NDJSON)
        time.sleep(FULL_S)
        ballast.unlink()
        if parts.server.pid is None:
            parts.server.start()
        parts.until_ready()

    return _again(recorder, count, _fault, times=1)


def poison(_: Parts, recorder: Recorder, count: int) -> list[float]:
    """Ask for jobs that kill their worker each time, among others that do no harm."""
    with recorder.asking(count - 3):
        for number in range(3):
            name = 1_000_000 + number
            recorder.ask(name, topic=POISON)
            recorder.failing.add(f"c{name}")
            time.sleep(PAUSE_S)
    return [recorder.wait_for_all()]


def deployed(parts: Parts, recorder: Recorder, count: int) -> list[float]:
    """Ask everything to end, with jobs in hand, and start it anew, under load."""

    def _fault() -> None:
        parts.stop_all()
        parts.start_launcher()
        parts.until_api_ended()
        parts.start_api()
        parts.until_ready()

    return _again(recorder, count, _fault)


def _again(recorder: Recorder, count: int, fault: Callable[[], object], times: int = 3) -> list[float]:
    """Ask for jobs, and let the fault happen in their midst; a few slow jobs are in hand each time."""
    chance = random.Random(count)
    seconds = []
    per_fault = max(1, count // times)
    for turn in range(times):
        some = per_fault if turn < times - 1 else count - per_fault * (times - 1)
        slow = min(4, some // 4)
        with recorder.asking(slow, topic=SLOW):
            pass
        with recorder.asking(some - slow):
            time.sleep(chance.uniform(0.2, 0.6))
            fault()
            seconds.append(recorder.wait_for_all())
    return seconds


_NDJSON = {"Content-Type": "application/x-ndjson"}


class Uploads:
    """Uploads data sets, one after the other, slowly; whatever was acknowledged must be there, and whole."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._stopped = threading.Event()
        self._half_way = threading.Event()
        self.acknowledged: dict[str, str] = {}

    def run(self) -> None:
        """Upload until stopped."""
        number = 0
        while not self._stopped.is_set():
            number += 1
            path = _upload_path(number)
            answer = self._recorder.request("PUT", path, data=self._slowly(number), headers=_NDJSON)
            if answer is not None and answer.ok:
                self.acknowledged[path] = answer.json()["digest"]

    def until_half_way(self) -> None:
        """Wait until an upload is half done."""
        self._half_way.clear()
        self._half_way.wait(20)

    def stop(self) -> None:
        """Stop after the upload under way."""
        self._stopped.set()

    def check(self) -> None:
        """Look at what was acknowledged. Raises RuntimeError when it is not there as it was."""
        for path, digest in self.acknowledged.items():
            answer = self._recorder.request("GET", path.partition("?")[0])
            if answer is None or not answer.ok or answer.json()["digest"] != digest:
                raise RuntimeError(f"{path} was acknowledged and is not there as it was")

    def _slowly(self, number: int) -> Iterator[bytes]:
        records = _records(400 + number)
        half = len(records) // 2
        yield records[:half]
        self._half_way.set()
        self._stopped.wait(0.5)
        yield records[half:]


def _upload_path(number: int) -> str:
    return f"/v1/datasets/upload{number}?network={NETWORK}&profile=qa"


def _records(count: int) -> bytes:
    line = '{"id": "n%d", "actor": "a%d", "type": "note", "published": "2026-10-01T09:00:00Z", "content": "a rocket"}\n'
    return "".join(line % (number, number % 50) for number in range(count)).encode()


ROWS = (
    ScenarioRow("worker killed -9 at each step of a job", worker_killed_at_each_step, 20),
    ScenarioRow("all workers killed -9", all_workers_killed, 10),
    ScenarioRow("launcher killed -9", launcher_killed, 10),
    ScenarioRow("interface killed -9 during uploads and waits", interface_killed, 10),
    ScenarioRow("Redis killed -9 and restarted", redis_killed, 10),
    ScenarioRow("Redis frozen for 30 s", redis_frozen, 8),
    ScenarioRow("Redis out of memory", redis_full, 8),
    ScenarioRow("disk full under the data directory", disk_full, 6, disk=48 * 1024 * 1024),
    ScenarioRow("jobs that crash their worker each time", poison, 4),
    ScenarioRow("deployed in the middle", deployed, 10),
    ScenarioRow("one of two machines lost amid a board", machine_lost, 4, shared=True),
)
