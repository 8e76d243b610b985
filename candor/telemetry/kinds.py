"""Kinds: every metric, what it says and which labels it has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Kind:
    """A metric: its name without what Prometheus adds behind it, what it says, its labels; of a histogram, its buckets.

    No label may take a value that a caller chooses.
    """

    name: str
    help: str
    labels: tuple[str, ...] = ()
    type: Literal["counter", "gauge", "histogram"] = "counter"
    buckets: tuple[float, ...] = ()


REQUESTS = Kind("candor_http_requests", "Requests answered.", ("method", "route", "status"))
REQUEST_SECONDS = Kind(
    "candor_http_request_seconds",
    "Seconds from the first look at a request to its answer.",
    ("route",),
    "histogram",
    (0.005, 0.02, 0.1, 0.5, 2, 10, 60),
)
STAGE_SECONDS = Kind(
    "candor_job_stage_seconds",
    "Seconds that jobs spent in a stage, each time they were in it; queued ends when a worker begins.",
    ("stage",),
    "histogram",
    (0.01, 0.05, 0.25, 1, 5, 15, 60, 300, 1800),
)
SCORES = Kind("candor_scores", "Scores made, by side (expertise, interest) and status.", ("side", "status"))
OUTBOUND = Kind(
    "candor_outbound_requests",
    "Requests that left for networks; after the first hundred hosts the rest are `other`.",
    ("host", "outcome"),
)
WEBHOOK_TRIES = Kind(
    "candor_webhook_tries",
    "Tries to tell a webhook, by what became of the delivery (delivered, pending: it is tried again, failed).",
    ("status",),
)
WEBHOOK_SECONDS = Kind(
    "candor_webhook_seconds",
    "Seconds until a webhook answered, or was no longer waited for.",
    (),
    "histogram",
    (0.05, 0.25, 1, 5, 15),
)
WORKER_DEATHS = Kind("candor_worker_deaths", "Worker processes that ended although nobody asked them to.")
PUT_BACK = Kind("candor_jobs_put_back", "Jobs queued again: their worker died, or nobody had them (lost).", ("why",))
JOBS_CREATED = Kind("candor_jobs_created", "Jobs accepted.")
JOBS_ENDED = Kind("candor_jobs_ended", "Jobs that ended, each once, by status.", ("status",))
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

STORE_UP = Kind(
    "candor_store_up", "1 when Redis answers; when it does not, 0, and nothing else is shown.", type="gauge"
)
STORE_BYTES = Kind("candor_store_bytes", "Memory that Redis uses.", type="gauge")
STORE_LIMIT_BYTES = Kind("candor_store_limit_bytes", "Redis' maxmemory; 0 without a limit.", type="gauge")
DATA_FREE_BYTES = Kind("candor_data_free_bytes", "Room left on the disk of the data directory.", type="gauge")
WORKERS_ALIVE = Kind("candor_workers_alive", "Worker processes heard of within ten seconds.", type="gauge")
QUEUE_DEPTH = Kind("candor_queue_depth", "Jobs waiting in a queue.", ("queue",), "gauge")
QUEUE_OLDEST = Kind(
    "candor_queue_oldest_seconds", "Age of the job that is next in a queue; 0 when none waits.", ("queue",), "gauge"
)
SEEN = (STORE_UP, STORE_BYTES, STORE_LIMIT_BYTES, DATA_FREE_BYTES, WORKERS_ALIVE, QUEUE_DEPTH, QUEUE_OLDEST)
