"""A job from end to end: HTTP, workers, out to a server of ours that is read, and to one that is told of its end."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import requests
from standardwebhooks import Webhook

from tests.integration.answering_server import AnsweringServer, Told
from tests.integration.shell import Shell
from tests.integration.waiting import until
from tests.worker.conftest import HOST, account, post
from tests.worker.outbound.misbehaving_server import MisbehavingServer, answer
from worker.connectors import CONNECTORS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

PATIENCE_S = 60.0
CLOSED = "closed.example"


@dataclass
class Instance:
    """A Mastodon server with one account, whose post one other reshared; who asks is noted.

    Each path in `limited` is refused once, with a wait of seven seconds: longer than a worker sleeps.
    """

    tokens: set[str | None] = field(default_factory=set)
    limited: set[str] = field(default_factory=set)
    answers: dict[str, Any] = field(
        default_factory=lambda: {
            "/api/v1/accounts/lookup": account("ada"),
            "/api/v1/accounts/id-ada/featured_tags": [],
            "/api/v1/accounts/id-ada/statuses": [post("p1", "ada", reblogs_count=1)],
            "/api/v1/statuses/p1/reblogged_by": [account("bo")],
        }
    )

    def answer(self, address: str, headers: Mapping[str, str]) -> Told:
        """Answer from the table."""
        path = address.partition("?")[0]
        self.tokens.add(headers["Authorization"])
        if path in self.limited:
            self.limited.remove(path)
            return Told({}, 429, {"Retry-After": "7"})
        if path not in self.answers:
            return Told({}, 404)
        the_only_page = {"Link": f'<{path}?min_id=0>; rel="prev"'} if path.endswith("/statuses") else {}
        return Told(self.answers[path], headers=the_only_page)


@pytest.fixture(scope="module")
def instance() -> Instance:
    return Instance()


@pytest.fixture(scope="module")
def server(instance: Instance) -> Iterator[AnsweringServer]:
    """The one that may be asked."""
    with AnsweringServer(instance.answer) as made:
        yield made


@pytest.fixture(scope="module")
def closed(instance: Instance) -> Iterator[AnsweringServer]:
    """One on this machine of which no setting says that it may be asked."""
    with AnsweringServer(instance.answer) as made:
        yield made


@pytest.fixture(scope="module")
def receiver() -> Iterator[MisbehavingServer]:
    """One that is told of jobs, and may be."""
    with MisbehavingServer() as running:
        yield running


@pytest.fixture(scope="module")
def url(
    bin_dir: Path,
    tmp_path_factory: pytest.TempPathFactory,
    server: AnsweringServer,
    closed: AnsweringServer,
    receiver: MisbehavingServer,
) -> Iterator[str]:
    """Where the interface is of a Candor for which two made-up hosts are our servers, one of them allowed."""
    shell = Shell(tmp_path_factory.mktemp("up"), bin_dir)
    yield shell.up(
        CANDOR_TEST_PLACES=f"{HOST}=http://{server.place},{CLOSED}=http://{closed.place}",
        CANDOR_TEST_HOSTS=f"{server.place},{receiver.name}",
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


def test_an_account_alone_is_fetched_waited_for_and_scored(instance, server, url):
    instance.limited.add("/api/v1/statuses/p1/reblogged_by")
    seen = follow(url, ask(url))
    document = requests.get(url + seen[-1]["results"][0]["score_url"], timeout=10).json()
    networks = requests.get(f"{url}/v1/networks", timeout=10).json()
    waiting = [job["progress"] for job in seen if job["progress"]["stage"] == "waiting"]
    assert waiting, [job["progress"] for job in seen]
    assert waiting[0]["until"] > seen[0]["created_at"]
    assert (document["expertise"]["people"], document["inputs"]["gaps"]) == (1, [])
    assert sum("/reblogged_by" in path for path in server.asked) == 2
    assert len(server.asked) == seen[-1]["progress"]["requests"] == 5
    assert instance.tokens == {"Bearer secret"}
    shown = {row["id"]: row["connector"] for row in networks["data"] if row["connector"]}
    published = {each.facts.family: msgspec.json.decode(msgspec.json.encode(each.facts)) for each in CONNECTORS}
    assert shown == {name: {key: facts[key] for key in shown[name]} for name, facts in published.items()}


def test_without_the_setting_nothing_of_this_machine_is_asked(closed, url):
    (*_, job) = follow(url, ask(url, CLOSED))
    assert (job["status"], job["error"]["code"]) == ("failed", "unreadable")
    assert "loopback" in job["error"]["detail"]
    assert closed.asked == []


def test_the_end_of_a_job_is_told_signed_and_logged(receiver, url):
    hook = receiver.says("/hook", answer(500), answer(204))

    def call(method: str, path: str, body: Any = None) -> Any:
        return requests.request(method, url + path, json=body, timeout=10).json()

    webhook = call("POST", "/v1/webhooks", {"url": hook, "events": ["job.succeeded"]})
    club = {"accounts": [{"network": "custom:club", "account": "bo"}], "profile": "qa", "activities": []}
    job = call("POST", "/v1/jobs", {**club, "topics": ["space-technology"], "webhook": webhook["id"]})
    until(lambda: len(receiver.heard) == 2)
    until(lambda: call("GET", webhook["urls"]["deliveries"])["data"][0]["status"] == "delivered")
    (delivery,) = call("GET", webhook["urls"]["deliveries"])["data"]
    assert [attempt["status"] for attempt in delivery["attempts"]] == [500, 204]
    for heard in receiver.heard:
        said = Webhook(webhook["secret"]).verify(heard.body, heard.headers)
        assert (said["type"], said["data"]) == ("job.succeeded", {"id": job["id"], "url": job["urls"]["self"]})
        assert heard.headers["webhook-id"] == delivery["id"]
