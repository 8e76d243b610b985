"""Meters: what processes count, and how the counts of all of them become one page for Prometheus.

Processes come and go, most have no port, and machines share the work; so each hands what it counted to the store every
two seconds, and the interface shows the sums (docs/adr/0010-one-place-to-look.md).
"""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass
from functools import cache
from math import inf
from typing import TYPE_CHECKING, Literal, TypeAlias

from prometheus_client.metrics_core import Metric as MetricFamily

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


Sample: TypeAlias = tuple[str, tuple[tuple[str, str], ...]]
"""Its name, and its labels."""
FLUSH_S = 2.0


@dataclass(frozen=True)
class Metric:
    """A metric: its name without what Prometheus adds behind it, what it says, its labels; of a histogram, its buckets.

    No label may take a value that a caller chooses.
    """

    name: str
    help: str
    labels: tuple[str, ...] = ()
    type: Literal["counter", "gauge", "histogram"] = "counter"
    buckets: tuple[float, ...] = ()


REQUESTS = Metric("candor_http_requests", "Requests answered.", ("method", "route", "status"))
REQUEST_SECONDS = Metric(
    "candor_http_request_seconds",
    "Seconds from the first look at a request to its answer.",
    ("route",),
    "histogram",
    (0.005, 0.02, 0.1, 0.5, 2, 10, 60),
)
STAGE_SECONDS = Metric(
    "candor_job_stage_seconds",
    "Seconds that jobs spent in a stage, each time they were in it; queued ends when a worker begins.",
    ("stage",),
    "histogram",
    (0.01, 0.05, 0.25, 1, 5, 15, 60, 300, 1800),
)
SCORES = Metric("candor_scores", "Scores made, by side (expertise, interest) and status.", ("side", "status"))
OUTBOUND = Metric(
    "candor_outbound_requests",
    "Requests that left for networks; after the first hundred hosts the rest are `other`.",
    ("host", "outcome"),
)
WEBHOOK_TRIES = Metric(
    "candor_webhook_tries",
    "Tries to tell a webhook, by what became of the delivery (delivered, pending: it is tried again, failed).",
    ("status",),
)
WEBHOOK_SECONDS = Metric(
    "candor_webhook_seconds",
    "Seconds until a webhook answered, or was no longer waited for.",
    (),
    "histogram",
    (0.05, 0.25, 1, 5, 15),
)
WORKER_DEATHS = Metric("candor_worker_deaths", "Worker processes that ended although nobody asked them to.")
PUT_BACK = Metric("candor_jobs_put_back", "Jobs queued again: their worker died, or nobody had them (lost).", ("why",))
JOBS_CREATED = Metric("candor_jobs_created", "Jobs accepted.")
JOBS_ENDED = Metric("candor_jobs_ended", "Jobs that ended, each once, by status.", ("status",))
COUNTED = (
    REQUESTS,
    REQUEST_SECONDS,
    STAGE_SECONDS,
    SCORES,
    OUTBOUND,
    WEBHOOK_TRIES,
    WEBHOOK_SECONDS,
    WORKER_DEATHS,
    PUT_BACK,
    JOBS_CREATED,
    JOBS_ENDED,
)

BUILD_INFO = Metric("candor_build_info", "1; the versions of Candor and of its method.", ("version", "method"), "gauge")
STORE_UP = Metric(
    "candor_store_up", "1 when Redis answers; when it does not, 0, and beside it only the room left.", type="gauge"
)
STORE_BYTES = Metric("candor_store_bytes", "Memory that Redis uses.", type="gauge")
STORE_LIMIT_BYTES = Metric("candor_store_limit_bytes", "Redis' maxmemory; 0 without a limit.", type="gauge")
DATA_FREE_BYTES = Metric("candor_data_free_bytes", "Room left on the disk of the data directory.", type="gauge")
WORKERS_ALIVE = Metric("candor_workers_alive", "Worker processes heard of within ten seconds.", type="gauge")
QUEUE_DEPTH = Metric("candor_queue_depth", "Jobs waiting in a queue.", ("queue",), "gauge")
QUEUE_OLDEST = Metric(
    "candor_queue_oldest_seconds", "Age of the job that is next in a queue; 0 when none waits.", ("queue",), "gauge"
)
DISPUTES_OPEN = Metric("candor_disputes_open", "Disputes that wait for the operator's answer.", type="gauge")
DISPUTE_OLDEST = Metric("candor_dispute_oldest_seconds", "Age of the oldest open dispute; 0 without one.", type="gauge")
ERASURES_OPEN = Metric("candor_erasures_open", "Erasures that have not ended.", type="gauge")
ERASURE_OLDEST = Metric("candor_erasure_oldest_seconds", "Age of the oldest of these; 0 without one.", type="gauge")
SEEN = (
    *(BUILD_INFO, STORE_UP, STORE_BYTES, STORE_LIMIT_BYTES, DATA_FREE_BYTES, WORKERS_ALIVE, QUEUE_DEPTH, QUEUE_OLDEST),
    *(DISPUTES_OPEN, DISPUTE_OLDEST, ERASURES_OPEN, ERASURE_OLDEST),
)


class Meters:
    """What one process has counted since it last handed it over."""

    def __init__(self) -> None:
        self._counts: Counter[Sample] = Counter()
        self._counting = threading.Lock()

    def count(self, kind: Metric, *values: str) -> None:
        """Add one; `values` are those of the labels, in their order."""
        with self._counting:
            self._counts[_total(kind, values)] += 1

    def observe(self, kind: Metric, value: float, *values: str) -> None:
        """Add a value to a histogram."""
        buckets, total, count = _histogram(kind, values)
        with self._counting:
            for bound, bucket in buckets:
                self._counts[bucket] += value <= bound
            self._counts[total] += value  # type: ignore[assignment] # seconds are no whole number
            self._counts[count] += 1

    def flush(self, add: Callable[[Mapping[Sample, float]], None]) -> None:
        """Hand over what was counted. When `add` raises it is kept, and handed over the next time."""
        with self._counting:
            counts, self._counts = self._counts, Counter()
        try:
            if counts:
                add(counts)
        except BaseException:
            with self._counting:
                self._counts.update(counts)
            raise


@cache  # labels take few values
def _total(kind: Metric, values: tuple[str, ...]) -> Sample:
    return f"{kind.name}_total", tuple(zip(kind.labels, values, strict=True))


@cache
def _histogram(kind: Metric, values: tuple[str, ...]) -> tuple[tuple[tuple[float, Sample], ...], Sample, Sample]:
    """Return the samples of a histogram: each bucket with its bound, the sum and the count."""
    labels = tuple(zip(kind.labels, values, strict=True))
    bounds = (*((bound, str(bound)) for bound in kind.buckets), (inf, "+Inf"))
    buckets = tuple((bound, (f"{kind.name}_bucket", (*labels, ("le", spelled)))) for bound, spelled in bounds)
    return buckets, (f"{kind.name}_sum", labels), (f"{kind.name}_count", labels)


def families(kinds: tuple[Metric, ...], sums: Mapping[Sample, float]) -> Iterator[MetricFamily]:
    """Yield sums as metrics of these kinds."""
    for kind in kinds:
        family = MetricFamily(kind.name, kind.help, kind.type)
        suffixes = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}[kind.type]
        for suffix in suffixes:
            sample = f"{kind.name}{suffix}"
            for labels in sorted((labels for name, labels in sums if name == sample), key=_order):
                family.add_sample(sample, dict(labels), sums[sample, labels])
        yield family


def _order(labels: tuple[tuple[str, str], ...]) -> list[tuple[str, float, str]]:
    """Sort buckets as numbers and everything else as text."""
    return [(name, float(value) if name == "le" else 0.0, value) for name, value in labels]
