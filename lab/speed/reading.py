"""What reading a score costs: `GET /v1/scores/{id}` against the smallest Flask endpoint under the same gunicorn."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import requests
from flask import Flask

from candor import sample
from candor.evaluation.inputs import read_activities
from candor.scoring.method import load_method
from candor.scoring.question import Question
from candor.scoring.score import score
from candor.scoring.topics import load_catalogue
from candor.settings import Settings
from candor.store import open_store
from candor.store.embedded import EmbeddedServer
from lab.speed.processes import cpu_seconds, line_with
from lab.speed.rows import Pair, in_turn
from service.stack import gunicorn_arguments

if TYPE_CHECKING:
    from collections.abc import Iterator

REQUESTS = 60
ROUNDS = 50
OWNER = "local"


def smallest() -> Flask:
    """Make the smallest application there is."""
    app = Flask("smallest")
    app.add_url_rule("/", view_func=lambda: "ok")
    return app


@contextmanager
def served(settings: Settings, application: str) -> Iterator[int]:
    """Serve `application` as the service is served; yield the process id of the web worker."""
    ours = gunicorn_arguments(settings)
    worker = [] if application == ours[-1] else ["--worker-class=gthread"]  # ours needs our application
    argv = [sys.executable, "-m", "gunicorn", *ours[:-1], *worker, application]
    log = settings.data_dir / f"log-{settings.port}"
    with log.open("wb") as said, subprocess.Popen(argv, env=settings.environment(), stderr=said) as server:
        try:
            event = json.loads(line_with(log, "Booting worker"))["event"]
            yield int(event.rpartition(" ")[2])
        finally:
            server.terminate()


def read(url: str) -> None:
    """Read one address over and over, on one connection."""
    with requests.Session() as session:
        for _ in range(REQUESTS):
            session.get(url, timeout=10).raise_for_status()


def rounds() -> list[Pair]:
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
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        redis_url = stack.enter_context(EmbeddedServer(folder / "valkey")).url
        open_store(redis_url, folder).scores.put(OWNER, document)
        ours, theirs = (Settings(redis_url=redis_url, data_dir=folder, port=port) for port in (18421, 18422))
        our_pid = stack.enter_context(served(ours, "service.app:application()"))
        their_pid = stack.enter_context(served(theirs, "lab.speed.reading:smallest()"))
        score_url, smallest_url = f"http://127.0.0.1:18421/v1/scores/{document.id}", "http://127.0.0.1:18422/"
        for url in (score_url, smallest_url):
            wait_for(url)
        return in_turn(
            lambda: cpu_seconds(their_pid, lambda: read(smallest_url)) / REQUESTS,
            lambda: cpu_seconds(our_pid, lambda: read(score_url)) / REQUESTS,
            ROUNDS,
        )


def wait_for(url: str) -> None:
    """Wait until the address answers."""
    deadline = datetime.now(UTC).timestamp() + 20
    while datetime.now(UTC).timestamp() < deadline:
        try:
            requests.get(url, timeout=5).raise_for_status()
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(url)
