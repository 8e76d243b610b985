"""Whole jobs over a real Bluesky: an account alone is enough, and the answer says whose word counted."""

# ruff: noqa: T201 -- the measured requests and seconds are worth seeing

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.integration.waiting import PATIENCE_S, until

if TYPE_CHECKING:
    from tests.integration.bluesky.people import People

pytestmark = pytest.mark.network

TOPIC = {"id": "sourdough", "label": "Sourdough", "terms": ["sourdough"], "hashtags": ["sourdough"]}


class Scored:
    """A job that has ended, and the document it made."""

    def __init__(self, url: str, account: str, trust_root: Any) -> None:
        named = [{"network": "bluesky", "account": account}]
        started_s = time.monotonic()
        body = {"accounts": named, "topics": [TOPIC], "trust_root": trust_root}
        self.job = requests.post(f"{url}/v1/jobs", json=body, timeout=PATIENCE_S).json()
        until(lambda: self._ended(url))
        self.seconds = time.monotonic() - started_s
        assert self.job["status"] == "succeeded", self.job
        score_url = f"{url}{self.job['results'][0]['score_url']}"
        self.document = requests.get(score_url, {"evidence": "all"}, timeout=PATIENCE_S).json()

    def _ended(self, url: str) -> bool:
        self.job = requests.get(f"{url}{self.job['urls']['self']}", timeout=PATIENCE_S).json()
        return self.job["status"] not in {"queued", "running"}


@pytest.fixture(scope="module")
def ada(url: str, people: People) -> Scored:
    """Ada's score, where the word of those in Ben's starter pack counts."""
    root = {"kind": "list", "network": "bluesky", "list": people.pack.uri}
    return Scored(url, "@ada.test", root)


def kinds(scored: Scored) -> dict[str, set[str]]:
    """Who took something of hers up, by kind."""
    found: dict[str, set[str]] = {}
    for voice in scored.document["expertise"]["evidence"]:
        for act in voice["acts"]:
            found.setdefault(act["kind"], set()).add(voice["by"])
    return found


def test_an_account_alone_is_enough_for_a_score(ada):
    progress = ada.job["progress"]
    print(f"one account: {progress['posts']} posts, {progress['requests']} requests, {ada.seconds:.1f} s")
    assert ada.document["expertise"]["status"] == "ok"
    assert ada.document["interest"]["status"] == "ok"


def test_the_whole_of_the_account_was_read(ada, people):
    assert ada.document["inputs"]["gaps"] == []
    assert ada.job["progress"]["posts"] == len(people.hers)


def test_those_in_the_starter_pack_are_the_trust_root(ada, people):
    root = ada.document["trust_root"]
    assert (root["kind"], root["size"]) == ("list", len(people.bakers))
    standing = {voice["by"]: voice["standing"] for voice in ada.document["expertise"]["evidence"]}
    assert standing == {baker.did: 1.0 for baker in people.bakers}


def test_each_way_of_taking_up_what_she_gave_is_found_and_a_like_is_none(ada, people):
    ben, cat, *others = (baker.did for baker in people.bakers)
    assert kinds(ada) == {"consulted": {ben}, "listed": {ben}, "replied": {cat}, "endorsed": {cat, *others}}


@pytest.mark.parametrize(("who", "status"), [("removed", "gone"), ("left", "gone"), ("shy", "declined")])
def test_of_who_is_not_to_be_read_a_job_says_why_and_nothing_else(url, people, who, status):
    made = Scored(url, getattr(people, who).did, "network").document
    assert (made["expertise"]["status"], made["interest"]["status"]) == (status, status)
    assert (made["inputs"]["activities"], made["account"]["name"], made["facts"]) == (0, None, {})
