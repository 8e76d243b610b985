"""A job that names an account and nothing else, from end to end: HTTP, workers, and out to a server of ours."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import requests

from tests.integration.shell import Shell
from tests.worker.conftest import HOST, account, post
from worker.connectors import CONNECTORS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE_S = 60.0
CLOSED = "closed.example"


class Server(ThreadingHTTPServer):
    """A Mastodon server on this machine with one account, whose post one other reshared; what was asked is noted.

    Each path in `limited` is refused once, with a wait of seven seconds: longer than a worker sleeps.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, str | None]] = []
        self.limited: set[str] = set()
        self.answers: dict[str, Any] = {
            "/api/v1/accounts/lookup": account("ada"),
            "/api/v1/accounts/id-ada/featured_tags": [],
            "/api/v1/accounts/id-ada/statuses": [post("p1", "ada", reblogs_count=1)],
            "/api/v1/statuses/p1/reblogged_by": [account("bo")],
        }


class Handler(BaseHTTPRequestHandler):
    """Answers from the server's table."""

    server: Server

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.server.asked.append((path, self.headers["Authorization"]))
        status = 200 if path in self.server.answers else 404
        if path in self.server.limited:
            self.server.limited.remove(path)
            status = 429
        body = json.dumps(self.server.answers.get(path, {})).encode()
        self.send_response(status)
        for name, value in (("Content-Length", str(len(body))), ("Content-Type", "application/json")):
            self.send_header(name, value)
        if status == 429:
            self.send_header("Retry-After", "7")
        if path.endswith("/statuses"):  # the only page
            self.send_header("Link", f'<{path}?min_id=0>; rel="prev"')
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def serving() -> Iterator[Server]:
    """Run a server until the block ends."""
    with Server() as made:
        thread = threading.Thread(target=made.serve_forever)
        thread.start()
        yield made
        made.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """The one that may be asked."""
    with serving() as made:
        yield made


@pytest.fixture(scope="module")
def closed() -> Iterator[Server]:
    """One on this machine of which no setting says that it may be asked."""
    with serving() as made:
        yield made


@pytest.fixture(scope="module")
def url(bin_dir: Path, tmp_path_factory: pytest.TempPathFactory, server: Server, closed: Server) -> Iterator[str]:
    """Where the interface is of a Candor for which two made-up hosts are our servers, one of them allowed."""
    shell = Shell(tmp_path_factory.mktemp("up"), bin_dir)
    open_place, closed_place = (f"127.0.0.1:{each.server_port}" for each in (server, closed))
    yield shell.up(
        CANDOR_TEST_PLACES=f"{HOST}=http://{open_place},{CLOSED}=http://{closed_place}",
        CANDOR_TEST_HOSTS=open_place,
        CANDOR_MASTODON_TOKENS=f"{HOST}=secret",
    )[1]
    shell.close()


def ask(url: str, host: str = HOST) -> dict[str, Any]:
    body = {
        "accounts": [{"network": "mastodon", "account": f"@ada@{host}"}],
        "topics": [{"id": "rockets", "label": "Rockets", "terms": ["rocket"]}],
        "trust_root": "network",
        "as_of": datetime(2026, 11, 1, tzinfo=UTC).isoformat(),
    }
    return requests.post(f"{url}/v1/jobs", json=body, timeout=10).json()


def follow(url: str, job: dict[str, Any]) -> list[dict[str, Any]]:
    """The job as it was at each look until it ended."""
    seen = [job]
    deadline_s = time.monotonic() + PATIENCE_S
    while seen[-1]["status"] in {"queued", "running"} and time.monotonic() < deadline_s:
        time.sleep(0.1)
        seen.append(requests.get(url + job["urls"]["self"], timeout=10).json())
    return seen


def test_an_account_alone_is_fetched_waited_for_and_scored(server, url):
    server.limited.add("/api/v1/statuses/p1/reblogged_by")
    seen = follow(url, ask(url))
    document = requests.get(url + seen[-1]["results"][0]["score_url"], timeout=10).json()
    networks = requests.get(f"{url}/v1/networks", timeout=10).json()
    waiting = [job["progress"] for job in seen if job["progress"]["stage"] == "waiting"]
    assert waiting, [job["progress"] for job in seen]
    assert waiting[0]["until"] > seen[0]["created_at"]
    assert (document["expertise"]["people"], document["inputs"]["gaps"]) == (1, [])
    assert [path for path, _ in server.asked].count("/api/v1/statuses/p1/reblogged_by") == 2
    assert len(server.asked) == seen[-1]["progress"]["requests"] == 5
    assert {token for _, token in server.asked} == {"Bearer secret"}
    shown = {row["id"]: row["connector"] for row in networks["data"] if row["connector"]}
    published = {each.facts.family: msgspec.json.decode(msgspec.json.encode(each.facts)) for each in CONNECTORS}
    assert shown == {name: {key: facts[key] for key in shown[name]} for name, facts in published.items()}


def test_without_the_setting_nothing_of_this_machine_is_asked(closed, url):
    (*_, job) = follow(url, ask(url, CLOSED))
    assert (job["status"], job["error"]["code"]) == ("failed", "unreadable")
    assert "loopback" in job["error"]["detail"]
    assert closed.asked == []
