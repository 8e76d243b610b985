"""Counts requests that left, by host and outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

from candor.telemetry.kinds import OUTBOUND
from candor.telemetry.meters import Meters
from worker.outbound.errors import HostDownError, OutboundError, RefusedError, TooLargeError, TooSlowError

if TYPE_CHECKING:
    from candor.store.metrics import Metrics

OUTCOMES = {2: "ok", 3: "moved", 4: "rejected", 5: "failed"}
ERRORS: tuple[tuple[type[OutboundError], str], ...] = (
    (TooSlowError, "too_slow"),
    (HostDownError, "unreachable"),
    (TooLargeError, "too_large"),
    (RefusedError, "refused_by_us"),
    (OutboundError, "bad_answer"),
)
LIMITED = 429


class Count:
    """Counts for one job, on the meters of its process."""

    def __init__(self, meters: Meters | None, metrics: Metrics) -> None:
        self._meters = meters or Meters()
        self._metrics = metrics

    def answer(self, host: str, status: int) -> None:
        """Count an answer."""
        outcome = "limited" if status == LIMITED else OUTCOMES.get(status // 100, "bad_answer")
        self._meters.count(OUTBOUND, self._metrics.host_label(host), outcome)

    def error(self, host: str, error: OutboundError) -> None:
        """Count a request without an answer that could be read."""
        outcome = next(word for kind, word in ERRORS if isinstance(error, kind))
        self._meters.count(OUTBOUND, self._metrics.host_label(host), outcome)
