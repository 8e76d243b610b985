"""Requests that left are counted by host and outcome."""

from __future__ import annotations

import pytest
import requests

from candor.store import utc_now
from candor.telemetry.meters import Meters
from worker.connectors import bluesky, github, gitlab, hackernews, reddit, stackexchange, x, youtube
from worker.outbound import Outbound, OutboundError, Transport
from worker.outbound.client import SHARED_HOSTS


@pytest.fixture
def meters() -> Meters:
    return Meters()


@pytest.fixture
def outbound(store, meters, no_sleep) -> Outbound:
    return Outbound(Transport(), store, job_id="job_1", since=utc_now(), meters=meters)


def outcomes(meters: Meters) -> dict[tuple[str, str], float]:
    """Counts by host and outcome."""
    taken = {}
    meters.flush(taken.update)
    return {(labels[0][1], labels[1][1]): count for (_, labels), count in taken.items()}


def test_an_answer_counts_as_ok_and_a_kept_one_not_at_all(outbound, meters, requests_mock):
    requests_mock.get("https://api.github.com/x", json={})
    outbound.get_json("https://api.github.com/x")
    outbound.get_json("https://api.github.com/x")
    assert outcomes(meters) == {("api.github.com", "ok"): 1}


@pytest.mark.parametrize(
    ("said", "outcome", "times"),
    [
        ({"status_code": 404, "json": {}}, "rejected", 1),
        ({"status_code": 500, "json": {}}, "failed", 3),
        ({"exc": requests.exceptions.ConnectionError}, "unreachable", 3),
    ],
)
def test_what_went_wrong_is_counted_each_time_it_was_tried(outbound, meters, requests_mock, said, outcome, times):
    requests_mock.get("https://api.github.com/x", **said)
    with pytest.raises(OutboundError):
        outbound.get_json("https://api.github.com/x")
    assert outcomes(meters) == {("api.github.com", outcome): times}


def test_a_host_that_may_be_of_one_person_is_not_named(outbound, meters, requests_mock):
    requests_mock.get("https://ada.example/x", json={})
    outbound.get_json("https://ada.example/x")
    assert outcomes(meters) == {("other", "ok"): 1}


def test_the_hosts_named_are_those_that_connectors_share():
    shared = {
        github.HOST,
        gitlab.OWN_HOST,
        reddit.HOST,
        reddit.DOOR,
        youtube.HOST,
        stackexchange.HOST,
        x.HOST,
        hackernews.ITEMS,
        hackernews.SEARCH,
    }
    assert shared | {bluesky.APPVIEW, bluesky.DIRECTORY} == SHARED_HOSTS
