"""What taking a job costs: `POST /v1/jobs` of 50 records against the smallest Flask endpoint that enqueues a job."""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

import msgspec
import requests
from flask import Flask
from redis import Redis
from rq import Queue

from candor.settings import Settings
from candor.store.embedded import EmbeddedServer
from lab.speed.community import END, community
from lab.speed.processes import cpu_seconds
from lab.speed.reading import served, wait_for
from lab.speed.rows import Pair, in_turn

REQUESTS = 40
ROUNDS = 30
RECORDS = 50


def smallest() -> Flask:
    """Make the smallest application that enqueues what it is sent."""
    app = Flask("smallest")
    queue = Queue("noops", connection=Redis.from_url(os.environ["CANDOR_REDIS_URL"]), serializer="json")

    def _enqueue() -> tuple[str, int]:
        return queue.enqueue("math.sqrt", 4.0).id, 202

    app.add_url_rule("/", view_func=_enqueue, methods=["POST"])
    app.add_url_rule("/livez", view_func=lambda: "ok")
    return app


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
    return [msgspec.json.encode({**asked, "window_days": 1_000 + number}) for number in range(REQUESTS)]


def rounds() -> list[Pair]:
    """Measure the web worker's CPU for both, in turn."""
    posted = bodies()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        redis_url = stack.enter_context(EmbeddedServer(folder / "valkey")).url
        ours, theirs = (Settings(redis_url=redis_url, data_dir=folder, port=port) for port in (18423, 18424))
        our_pid = stack.enter_context(served(ours, "service.app:application()"))
        their_pid = stack.enter_context(served(theirs, "lab.speed.posting:smallest()"))
        for port in (18423, 18424):
            wait_for(f"http://127.0.0.1:{port}/livez")
        return in_turn(
            lambda: cpu_seconds(their_pid, lambda: _post("http://127.0.0.1:18424/", posted)) / REQUESTS,
            lambda: cpu_seconds(our_pid, lambda: _post("http://127.0.0.1:18423/v1/jobs", posted)) / REQUESTS,
            ROUNDS,
        )


def _post(url: str, bodies: list[bytes]) -> None:
    """Post one body after the other, on one connection."""
    with requests.Session() as session:
        for body in bodies:
            answer = session.post(url, data=body, headers={"Content-Type": "application/json"}, timeout=10)
            if not answer.ok:
                raise RuntimeError(answer.text)
