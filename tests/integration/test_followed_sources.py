"""Each kind of source, followed by a data set of a whole Candor: read, ranked, and its board told of."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
import requests

from tests.integration.waiting import until
from tests.worker.connectors.answering import Answers
from tests.worker.connectors.made_up import github, mastodon, stackexchange
from tests.worker.connectors.made_up.followed import FOLLOWED, repository
from tests.worker.outbound.misbehaving_server import MisbehavingServer, answer

if TYPE_CHECKING:
    from collections.abc import Iterator


MORE: dict[str, Any] = {
    github.KEPT: repository("cubesat"),
    f"{mastodon.API}/timelines/public": mastodon.MADE_UP.answers[mastodon.FIRST],
    f"{stackexchange.API}/users/7;19;8": stackexchange.items(*(stackexchange.member(number) for number in (7, 8, 19))),
}
"""What networks answer about other parts of them than are followed elsewhere."""
BODIES: dict[str, dict[str, Any]] = {
    "forum": {"network": FOLLOWED[0].asked.network},
    "site": {"network": FOLLOWED[1].asked.network},
    "tag": {"network": FOLLOWED[1].asked.network, "tag": "orbits"},
    "organisation": {"network": "github", "organisation": "orbits"},
    "repository": {"network": "github", "repository": "https://github.com/orbits/cubesat"},
    "hashtag": {"network": "mastodon", "hashtag": "#cubesat@example.social"},
    "instance": {"network": "mastodon", "instance": "example.social"},
    "list": {"network": "bluesky", "list": FOLLOWED[4].asked.name},
}


class Server(ThreadingHTTPServer):
    """All networks at one address: their paths differ."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        answers = {address: told for each in FOLLOWED for address, told in each.tried.answers.items()}
        self.hosts = {urlsplit(address.removeprefix("POST ")).netloc for address in answers}
        self.asked: list[str] = []
        here = {_here(address): told for address, told in (answers | MORE).items()}
        self.answers = Answers(replace(FOLLOWED[0].tried, answers=here, following={}))


def _here(address: str) -> str:
    method, _, url = address.rpartition(" ")
    parts = urlsplit(url)
    return f"{method} {parts._replace(scheme='', netloc='').geturl()}".strip()


class Handler(BaseHTTPRequestHandler):
    """Answers with what was made up."""

    server: Server

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        address = self.server.answers.address(self.path)
        found = self.server.answers.right[address] if address else None
        body = found.body if found else b'{"error": "not found"}'
        self.send_response(200 if found else 404)
        if "/api/v1/timelines/" in self.path:  # the only page
            self.send_header("Link", f'<{self.path}&min_id=0>; rel="prev"')
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as made:
        thread = threading.Thread(target=made.serve_forever)
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def test_every_kind_of_source_is_read_and_its_board_follows(server, shell):
    place = f"127.0.0.1:{server.server_port}"
    with MisbehavingServer() as receiver:
        hook = receiver.says("/hook", answer(204))
        _, url = shell.up(
            CANDOR_TEST_PLACES=",".join(f"{host}=http://{place}" for host in sorted(server.hosts)),
            CANDOR_TEST_HOSTS=f"{place},{receiver.name}",
        )

        def ask(method: str, path: str, body: Any = None) -> Any:
            reply = requests.request(method, url + path, json=body, timeout=20)
            assert reply.ok, reply.text
            return reply.json()

        def source(name: str) -> dict[str, Any]:
            found: dict[str, Any] = ask("GET", f"/v1/datasets/{name}")["source"]
            return found

        ask("POST", "/v1/webhooks", {"url": hook, "events": ["board.updated"]})
        for name, followed in BODIES.items():
            ask("PUT", f"/v1/datasets/{name}", {"source": {**followed, "window_days": 3650}})
        until(lambda: all(source(name)["status"] in {"read", "failed"} for name in BODIES))
        found = {name: source(name) for name in BODIES}
        assert {name: told["error"] for name, told in found.items()} == dict.fromkeys(BODIES)
        assert all(told["complete"] and told["records"] for told in found.values())
        board = {"topic": "space-technology", "trust_root": "network", "every": 1}
        for name in BODIES:
            ask("PUT", f"/v1/followed-boards/{name}", {"dataset": name, **board})
        until(lambda: len(receiver.heard) == len(BODIES))
        told = {json.loads(heard.body)["data"]["id"] for heard in receiver.heard}
        assert told == set(BODIES)
        for name in BODIES:
            (update,) = ask("GET", f"/v1/followed-boards/{name}")["updates"]
            rows = ask("GET", f"/v1/topics/space-technology/experts?dataset={name}&trust_root=network")["data"]
            entered = [row["account"] for row in update["entered"]]
            assert rows or name != "forum"
            assert entered == [row["account"] for row in rows if row["rank"] is not None]
        asked = len(server.asked)
        ask("POST", "/v1/datasets/forum/refresh")
        until(lambda: source("forum")["status"] == "read" and len(server.asked) > asked)
