"""The interface on a Redis of its own: it comes back by itself when Redis does, whatever ended meanwhile."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
import requests
from redis import Redis

from candor.store.embedded import EmbeddedServer
from tests.integration.waiting import PATIENCE_S, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.integration.shell import Shell

JOB = {
    "accounts": [{"network": "custom:demo", "account": "u"}],
    "topics": [{"id": "tea", "label": "Tea", "terms": ["tea"]}],
    "profile": "forum",
    "activities": [{"id": "1", "type": "note", "actor": "u", "published": "2026-01-01T00:00:00Z", "content": "tea"}],
}
REACHED_BY_OTHERS = {"CANDOR_TRUSTED_PROXIES": "1", "CANDOR_OPERATOR_CONTACT": "https://ops.example/contact"}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedServer]:
    """A Redis that can be killed and started again at the same address."""
    with EmbeddedServer(tmp_path / "redis") as made:
        yield made


def web_processes(shell: Shell) -> set[int]:
    """The processes that answer requests: below gunicorn, which is what `candor api` became."""
    master = shell.started[-1].pid
    return {pid for pid, command in shell.running().items() if "gunicorn" in command and pid != master}


def status(url: str, **headers: str) -> int | None:
    """What the interface answers, or None when it does not."""
    try:
        return requests.get(url, headers=headers, timeout=PATIENCE_S).status_code
    except requests.ConnectionError:
        return None


def test_a_web_process_that_ends_while_redis_is_away_is_replaced_and_works_when_redis_is_back(
    shell: Shell, server: EmbeddedServer
) -> None:
    settings = {"CANDOR_REDIS_URL": server.url, **REACHED_BY_OTHERS}
    key = shell.run("keys", "create", "--name=laptop", "--owner=ada", **settings)[1].strip()
    asked = {"Authorization": f"Bearer {key}"}
    url = f"http://127.0.0.1:{shell.env['CANDOR_PORT']}"
    interface = shell.start("api", **settings)
    until(lambda: status(f"{url}/v1/jobs", **asked) == 200)
    os.kill(server.pid, signal.SIGKILL)
    for _ in range(2):
        before = web_processes(shell)
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        until(lambda: web_processes(shell) - before or interface.poll() is not None)  # noqa: B023 # it is called here
        until(lambda: status(f"{url}/livez") == 200 or interface.poll() is not None)
    assert status(f"{url}/v1/jobs", **asked) == 503
    server.start()
    until(lambda: status(f"{url}/v1/jobs", **asked) == 200)
    assert interface.poll() is None


def test_a_key_whose_web_process_was_killed_is_free_again_within_seconds(shell: Shell, server: EmbeddedServer) -> None:
    url = f"http://127.0.0.1:{shell.env['CANDOR_PORT']}"
    shell.start("api", CANDOR_REDIS_URL=server.url)
    until(lambda: status(f"{url}/livez") == 200)
    asked = {"json": JOB, "headers": {"Idempotency-Key": "once", "Prefer": "wait=60"}, "timeout": PATIENCE_S}
    with ThreadPoolExecutor() as pool, Redis.from_url(server.url) as redis:
        first = pool.submit(requests.post, f"{url}/v1/jobs", **asked)  # no worker runs, so it waits for a minute
        until(lambda: redis.scard("candor:jobs:active"))
        for pid in web_processes(shell):
            os.kill(pid, signal.SIGKILL)
        assert isinstance(first.exception(PATIENCE_S), requests.ConnectionError)
    killed_s = time.monotonic()
    until(lambda: status(f"{url}/livez") == 200)
    del asked["headers"]["Prefer"]
    until(lambda: requests.post(f"{url}/v1/jobs", **asked).status_code == 202)
    assert time.monotonic() - killed_s < 15
    assert len(requests.get(f"{url}/v1/jobs", timeout=PATIENCE_S).json()["data"]) == 1
