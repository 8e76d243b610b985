"""Meters: counted here, added up there, shown for Prometheus."""

from __future__ import annotations

import pytest
from prometheus_client.exposition import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from candor.telemetry.meters import COUNTED, REQUESTS, SEEN, STAGE_SECONDS, WORKER_DEATHS, Meters, families


class Page:
    def __init__(self, sums):
        self._sums = sums

    def collect(self):
        return families(COUNTED, self._sums)


def shown(sums):
    """The samples of the page, by name and labels."""
    text = generate_latest(Page(sums)).decode()
    found = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {(sample.name, tuple(sample.labels.items())): sample.value for sample in found}


@pytest.fixture
def meters() -> Meters:
    return Meters()


def test_what_was_counted_is_handed_over_once(meters):
    meters.count(WORKER_DEATHS)
    taken = []
    meters.flush(taken.append)
    meters.flush(taken.append)
    assert taken == [{("candor_worker_deaths_total", ()): 1}]


def test_what_could_not_be_handed_over_is_handed_over_later(meters):
    def away(_):
        raise ConnectionError

    meters.count(WORKER_DEATHS)
    with pytest.raises(ConnectionError):
        meters.flush(away)
    meters.count(WORKER_DEATHS)
    taken = []
    meters.flush(taken.append)
    assert taken == [{("candor_worker_deaths_total", ()): 2}]


def test_a_count_needs_all_its_labels(meters):
    with pytest.raises(ValueError, match="zip"):
        meters.count(REQUESTS, "GET")


def test_prometheus_reads_a_counter(meters):
    meters.count(REQUESTS, "GET", "/v1/jobs", "200")
    taken = {}
    meters.flush(taken.update)
    labels = (("method", "GET"), ("route", "/v1/jobs"), ("status", "200"))
    assert shown(taken) == {("candor_http_requests_total", labels): 1.0}


def test_prometheus_reads_a_histogram_whose_buckets_grow(meters):
    for seconds in (0.02, 2, 2, 4000):
        meters.observe(STAGE_SECONDS, seconds, "scoring")
    taken = {}
    meters.flush(taken.update)
    read = shown(taken)
    buckets = [value for (name, _), value in read.items() if name.endswith("_bucket")]
    assert buckets == [0, 1, 1, 1, 3, 3, 3, 3, 3, 4]
    assert read["candor_job_stage_seconds_count", (("stage", "scoring"),)] == 4
    assert read["candor_job_stage_seconds_sum", (("stage", "scoring"),)] == pytest.approx(4004.02)


def test_the_kinds_have_names_of_their_own():
    names = [kind.name for kind in (*COUNTED, *SEEN)]
    assert len(set(names)) == len(names)
    assert all(name.startswith("candor_") for name in names)
