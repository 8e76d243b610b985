"""Data sets that follow a list, a starter pack and a search of a real Bluesky."""

# ruff: noqa: T201 -- the measured requests are worth seeing

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.integration.waiting import PATIENCE_S, until

if TYPE_CHECKING:
    from tests.integration.bluesky.people import People

pytestmark = pytest.mark.network


class Followed:
    """A data set that follows a part of Bluesky, read to the end."""

    def __init__(self, url: str, **part: str) -> None:
        (name,) = part
        self._address = f"{url}/v1/datasets/{name.replace('_', '-')}"
        body = {"source": {"network": "bluesky", **part}}
        made = requests.put(self._address, json=body, timeout=PATIENCE_S)
        assert made.status_code == 201, made.text
        until(lambda: self.source["status"] in {"read", "failed"})
        print(f"{part}: {self.source['requests']} requests, {self.source['records']} records")
        root = requests.get(f"{url}/v1/trust-roots/{self.source['trust_root']}", timeout=PATIENCE_S).json()
        self.trusted = {each["account"] for each in root.get("accounts", ())}

    @property
    def source(self) -> dict[str, Any]:
        """How far it is read."""
        told: dict[str, Any] = requests.get(self._address, timeout=PATIENCE_S).json()["source"]
        return told

    def records(self) -> list[dict[str, Any]]:
        """What was kept."""
        lines = requests.get(f"{self._address}/records", timeout=PATIENCE_S).text.splitlines()
        return [json.loads(line) for line in lines]

    def refreshed(self) -> dict[str, Any]:
        """Read again; return what is known then."""
        before = self.source["last_read_at"]
        requests.post(f"{self._address}/refresh", timeout=PATIENCE_S)
        until(lambda: self.source["last_read_at"] != before)
        return self.source


@pytest.fixture(scope="module")
def followed(url: str, people: People) -> dict[str, Followed]:
    """A list with Ada and Cat on it, a pack with the six bakers, and a search for sourdough."""
    return {
        "list": Followed(url, list=people.bakers_list.uri),
        "starter_pack": Followed(url, starter_pack=people.pack.uri),
        "search": Followed(url, search="sourdough"),
    }


@pytest.mark.parametrize("part", ["list", "starter_pack", "search"])
def test_it_is_read_to_the_end_without_gaps_and_nothing_twice(followed, part):
    source, records = followed[part].source, followed[part].records()
    assert (source["complete"], source["error"], source["gaps"]) == (True, None, [])
    assert len({record["id"] for record in records}) == len(records) == source["records"]


def test_a_list_brings_what_its_people_wrote_and_who_took_it_up(followed, people):
    records = followed["list"].records()
    assert people.hers <= {record["id"] for record in records}
    reshares = {
        record["actor"] for record in records if record["type"] == "reshare" and record["object"] == people.essay.uri
    }
    assert reshares == {baker.did for baker in people.bakers[1:]}
    asked = [record for record in records if record["id"] == people.question.uri]
    assert [record["actor"] for record in asked] == [people.bakers[0].did]


def test_the_people_of_a_list_and_of_a_pack_are_its_trust_root(followed, people):
    assert followed["list"].trusted == {people.ada.did, people.bakers[1].did}
    assert followed["starter_pack"].trusted == {baker.did for baker in people.bakers}
    assert followed["search"].trusted == set()


@pytest.mark.parametrize("part", ["list", "starter_pack", "search"])
def test_nobody_who_hides_or_is_gone_has_more_kept_than_the_name(followed, people, part):
    hidden = {people.shy.did, people.removed.did, people.left.did}
    kept = [r for r in followed[part].records() if hidden & {r.get("actor"), r.get("target_actor")}]
    assert all((record["type"], record["consent"]) == ("account", False) for record in kept)
    assert not any(record.get("name") or record.get("bio") for record in kept)


def test_reading_again_asks_for_little_and_changes_nothing(followed):
    before, requests_before = followed["list"].records(), followed["list"].source["requests"]
    source = followed["list"].refreshed()
    assert source["complete"]
    assert source["requests"] - requests_before <= 6
    assert len(followed["list"].records()) == len(before)
