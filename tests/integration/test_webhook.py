"""A job with a webhook, from end to end: HTTP, a worker, the launcher's notifier, and a receiver of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests
from standardwebhooks import Webhook

from tests.integration.waiting import until
from tests.worker.outbound.misbehaving_server import MisbehavingServer, answer

if TYPE_CHECKING:
    from collections.abc import Iterator

JOB = {
    "accounts": [{"network": "custom:club", "account": "bo"}],
    "topics": ["space-technology"],
    "profile": "qa",
    "activities": [],
}


@pytest.fixture
def receiver() -> Iterator[MisbehavingServer]:
    with MisbehavingServer() as running:
        yield running


def test_the_end_of_a_job_is_told_signed_and_logged(receiver, shell):
    url = receiver.says("/hook", answer(500), answer(204))
    _, service = shell.up(CANDOR_TEST_HOSTS=receiver.name)

    def ask(method, path, **kwargs):
        return requests.request(method, service + path, timeout=10, **kwargs).json()

    webhook = ask("POST", "/v1/webhooks", json={"url": url, "events": ["job.succeeded"]})
    job = ask("POST", "/v1/jobs", json={**JOB, "webhook": webhook["id"]})
    until(lambda: len(receiver.heard) == 2)
    until(lambda: ask("GET", webhook["urls"]["deliveries"])["data"][0]["status"] == "delivered")
    (delivery,) = ask("GET", webhook["urls"]["deliveries"])["data"]
    assert [attempt["status"] for attempt in delivery["attempts"]] == [500, 204]
    for heard in receiver.heard:
        said = Webhook(webhook["secret"]).verify(heard.body, heard.headers)
        assert (said["type"], said["data"]) == ("job.succeeded", {"id": job["id"], "url": job["urls"]["self"]})
        assert heard.headers["webhook-id"] == delivery["id"]
