"""What a web process spends on a request: reading a score, and taking a job of 50 records."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import requests
from flask import Flask
from redis import Redis
from rq import Queue

from candor import sample
from candor.evaluation.inputs import read_activities
from candor.scoring.method import load_method
from candor.scoring.question import Question
from candor.scoring.score import score
from candor.scoring.topics import load_catalogue
from candor.settings import Settings
from candor.store import open_store
from candor.store.embedded import EmbeddedServer
from lab.speed.community import END, community
from lab.speed.processes import cpu_seconds, line_with
from lab.speed.rows import Pair, in_turn
from service.stack import gunicorn_arguments

if TYPE_CHECKING:
    from collections.abc import Iterator

READS, POSTS = 60, 40
READ_ROUNDS, POST_ROUNDS = 50, 30
RECORDS = 50
OWNER = "local"
OURS, THEIRS = 18421, 18422


def smallest() -> Flask:
    """Make the smallest application there is."""
    app = Flask("smallest")
    app.add_url_rule("/", view_func=lambda: "ok")
    return app


def smallest_queue() -> Flask:
    """Make the smallest application that enqueues what it is sent."""
    app = Flask("smallest")
    queue = Queue("noops", connection=Redis.from_url(os.environ["CANDOR_REDIS_URL"]), serializer="json")

    def _enqueue() -> tuple[str, int]:
        return queue.enqueue("math.sqrt", 4.0).id, 202

    app.add_url_rule("/", view_func=_enqueue, methods=["POST"])
    return app


def reading() -> list[Pair]:
    """Measure the web worker's CPU for one request of each kind, in turn."""
    question = Question(
        network=sample.NETWORK,
        accounts=(sample.EXPERT,),
        topics=(load_catalogue()[sample.TOPIC],),
        trust_root=sample.trust_root(),
        as_of=sample.AS_OF,
        profile=sample.PROFILE,
    )
    document = next(score(read_activities(str(sample.records_path())), question, load_method()))
    with both("smallest") as (redis_url, folder, our_pid, their_pid):
        open_store(redis_url, folder).scores.put(OWNER, document)
        return in_turn(
            lambda: cpu_seconds(their_pid, lambda: _read(f"http://127.0.0.1:{THEIRS}/")) / READS,
            lambda: cpu_seconds(our_pid, lambda: _read(f"http://127.0.0.1:{OURS}/v1/scores/{document.id}")) / READS,
            READ_ROUNDS,
        )


def posting() -> list[Pair]:
    """Measure the web worker's CPU for taking a job, and for enqueueing alone, in turn."""
    posted = bodies()
    with both("smallest_queue") as (_, _, our_pid, their_pid):
        return in_turn(
            lambda: cpu_seconds(their_pid, lambda: _post(f"http://127.0.0.1:{THEIRS}/", posted)) / POSTS,
            lambda: cpu_seconds(our_pid, lambda: _post(f"http://127.0.0.1:{OURS}/v1/jobs", posted)) / POSTS,
            POST_ROUNDS,
        )


@contextmanager
def both(reference: str) -> Iterator[tuple[str, Path, int, int]]:
    """Serve the service and an application of this file; yield Redis, the data directory, and their web workers."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        redis_url = stack.enter_context(EmbeddedServer(folder / "valkey")).url
        ours, theirs = (Settings(redis_url=redis_url, data_dir=folder, port=port) for port in (OURS, THEIRS))
        our_pid = stack.enter_context(_served(ours, "service.app:application()"))
        their_pid = stack.enter_context(_served(theirs, f"lab.speed.web:{reference}()"))
        yield redis_url, folder, our_pid, their_pid


@contextmanager
def _served(settings: Settings, application: str) -> Iterator[int]:
    """Serve `application` as the service is served; yield the process id of the web worker."""
    ours = gunicorn_arguments(settings)
    worker = [] if application == ours[-1] else ["--worker-class=gthread"]  # ours needs our application
    argv = [sys.executable, "-m", "gunicorn", *ours[:-1], *worker, application]
    log = settings.data_dir / f"log-{settings.port}"
    with log.open("wb") as said, subprocess.Popen(argv, env=settings.environment(), stderr=said) as server:
        try:
            event = json.loads(line_with(log, "Booting worker"))["event"]
            _wait_for(f"http://127.0.0.1:{settings.port}/")
            yield int(event.rpartition(" ")[2])
        finally:
            server.terminate()


def bodies() -> list[bytes]:
    """Return jobs to post, none like another."""
    records = [msgspec.to_builtins(record) for record in islice(community(RECORDS * 2), RECORDS)]
    records = [{name: value for name, value in record.items() if value is not None} for record in records]
    asked = {
        "accounts": [{"network": "custom:bench", "account": "u0"}],
        "topics": ["tag:topic"],
        "trust_root": {"kind": "accounts", "network": "custom:bench", "accounts": [{"account": "u1"}]},
        "as_of": END.isoformat(),
        "profile": "qa",
        "activities": records,
    }
    return [msgspec.json.encode({**asked, "window_days": 1_000 + number}) for number in range(POSTS)]


def _read(url: str) -> None:
    """Read one address over and over, on one connection."""
    with requests.Session() as session:
        for _ in range(READS):
            session.get(url, timeout=10).raise_for_status()


def _post(url: str, bodies: list[bytes]) -> None:
    """Post one body after the other, on one connection."""
    with requests.Session() as session:
        for body in bodies:
            answer = session.post(url, data=body, headers={"Content-Type": "application/json"}, timeout=10)
            if not answer.ok:
                raise RuntimeError(answer.text)


def _wait_for(url: str) -> None:
    """Wait until something answers there, whatever it says."""
    deadline_s = time.monotonic() + 20
    while time.monotonic() < deadline_s:
        with suppress(requests.ConnectionError, requests.Timeout):
            requests.get(url, timeout=5)
            return
        time.sleep(0.1)
    raise TimeoutError(url)
