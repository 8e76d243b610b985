"""Each kind of source, followed by a data set of a whole Candor: read, ranked, and its board told of."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
import requests

from tests.integration.answering_server import AnsweringServer, Told
from tests.integration.waiting import until
from tests.worker.connectors.answering import Answers
from tests.worker.connectors.made_up import github, mastodon, stackexchange
from tests.worker.connectors.made_up.followed import FOLLOWED, repository
from tests.worker.outbound.misbehaving_server import MisbehavingServer, answer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


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


@dataclass
class Networks:
    """All networks at one address: their paths differ."""

    hosts: set[str] = field(init=False)
    answers: Answers = field(init=False)

    def __post_init__(self) -> None:
        answers = {address: told for each in FOLLOWED for address, told in each.tried.answers.items()}
        self.hosts = {urlsplit(address.removeprefix("POST ")).netloc for address in answers}
        here = {_here(address): told for address, told in (answers | MORE).items()}
        self.answers = Answers(replace(FOLLOWED[0].tried, answers=here, following={}))

    def answer(self, path: str, _headers: Mapping[str, str]) -> Told:
        """Answer with what was made up."""
        address = self.answers.address(path)
        if address is None:
            return Told({"error": "not found"}, 404)
        the_only_page = {"Link": f'<{path}&min_id=0>; rel="prev"'} if "/api/v1/timelines/" in path else {}
        return Told(self.answers.right[address].body, headers=the_only_page)


def _here(address: str) -> str:
    method, _, url = address.rpartition(" ")
    parts = urlsplit(url)
    return f"{method} {parts._replace(scheme='', netloc='').geturl()}".strip()


@pytest.fixture
def networks() -> Networks:
    return Networks()


@pytest.fixture
def server(networks: Networks) -> Iterator[AnsweringServer]:
    with AnsweringServer(networks.answer) as made:
        yield made


def test_every_kind_of_source_is_read_and_its_board_follows(networks, server, shell):
    with MisbehavingServer() as receiver:
        hook = receiver.says("/hook", answer(204))
        _, url = shell.up(
            CANDOR_TEST_PLACES=",".join(f"{host}=http://{server.place}" for host in sorted(networks.hosts)),
            CANDOR_TEST_HOSTS=f"{server.place},{receiver.name}",
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
