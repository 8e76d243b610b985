"""Metrics: one page for Prometheus, with what all processes on all machines have counted."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from flask import Response
from prometheus_client.exposition import generate_latest
from redis.exceptions import RedisError

from candor import __version__
from candor.scoring.method import load_method
from candor.telemetry import meters
from candor.telemetry.meters import families
from service.context import context
from service.resource import Resource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.metrics_core import Metric

    from candor.store.metrics import Sample
    from service.context import Context

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
EXAMPLE = """\
# HELP candor_workers_alive Worker processes heard of within ten seconds.
# TYPE candor_workers_alive gauge
candor_workers_alive 2.0
"""
resource = Resource("metrics", "For Prometheus.")


@resource.operation("GET", "/metrics", scope="admin")
@resource.response(
    200, {"type": "string"}, content_type=MEDIA_TYPE, description="Prometheus' text format.", example=EXAMPLE
)
def show_metrics() -> Response:
    """Show what all processes have counted, and how full the queues and the store are."""
    return Response(generate_latest(_Page(context())), content_type=MEDIA_TYPE)


class _Page:
    """What is shown, as prometheus_client asks for it."""

    def __init__(self, at_hand: Context) -> None:
        self._at_hand = at_hand

    def collect(self) -> Iterator[Metric]:
        """Yield every metric; without Redis only that it is away, since sums that fall would look like a restart."""
        store = self._at_hand.store
        try:
            self._at_hand.meters.flush(store.metrics.add)
            sums = store.metrics.sums() | self._seen()
        except RedisError:
            return families((meters.STORE_UP,), {(meters.STORE_UP.name, ()): 0.0})
        return families((*meters.SEEN, *meters.COUNTED), sums)

    def _seen(self) -> dict[Sample, float]:
        store = self._at_hand.store
        server, queues = store.metrics.server(), store.metrics.queues()
        return {
            (meters.BUILD_INFO.name, (("version", __version__), ("method", load_method().version))): 1.0,
            (meters.STORE_UP.name, ()): 1.0,
            (meters.STORE_BYTES.name, ()): server.used_bytes,
            (meters.STORE_LIMIT_BYTES.name, ()): server.limit_bytes,
            (meters.DATA_FREE_BYTES.name, ()): self._free_bytes(),
            (meters.WORKERS_ALIVE.name, ()): len(store.workers.alive()),
            **{(meters.QUEUE_DEPTH.name, (("queue", name),)): queue.depth for name, queue in queues.items()},
            **{(meters.QUEUE_OLDEST.name, (("queue", name),)): queue.oldest_s for name, queue in queues.items()},
        }

    def _free_bytes(self) -> int:
        folder = self._at_hand.settings.data_dir
        return shutil.disk_usage(folder if folder.exists() else folder.absolute().parent).free
