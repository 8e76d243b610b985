"""Meters: what processes count, and how the counts of all of them become one page for Prometheus.

Processes come and go, most have no port, and machines share the work; so each hands what it counted to the store every
two seconds, and the interface shows the sums (docs/adr/0010-one-place-to-look.md).
"""

from __future__ import annotations

import threading
from collections import Counter
from math import inf
from typing import TYPE_CHECKING, TypeAlias

from prometheus_client.metrics_core import Metric

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from candor.telemetry.kinds import Kind

Sample: TypeAlias = tuple[str, tuple[tuple[str, str], ...]]
"""Its name, and its labels."""
FLUSH_S = 2.0


class Meters:
    """What one process has counted since it last handed it over."""

    def __init__(self) -> None:
        self._counts: Counter[Sample] = Counter()
        self._counting = threading.Lock()

    def count(self, kind: Kind, *values: str) -> None:
        """Add one; `values` are those of the labels, in their order."""
        labels = tuple(zip(kind.labels, values, strict=True))
        with self._counting:
            self._counts[f"{kind.name}_total", labels] += 1

    def observe(self, kind: Kind, value: float, *values: str) -> None:
        """Add a value to a histogram."""
        labels = tuple(zip(kind.labels, values, strict=True))
        with self._counting:
            for bound, spelled in (*((bound, str(bound)) for bound in kind.buckets), (inf, "+Inf")):
                self._counts[f"{kind.name}_bucket", (*labels, ("le", spelled))] += value <= bound
            self._counts[f"{kind.name}_sum", labels] += value  # type: ignore[assignment] # seconds are no whole number
            self._counts[f"{kind.name}_count", labels] += 1

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


def families(kinds: tuple[Kind, ...], sums: Mapping[Sample, float]) -> Iterator[Metric]:
    """Yield sums as metrics of these kinds."""
    for kind in kinds:
        family = Metric(kind.name, kind.help, kind.type)
        suffixes = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}[kind.type]
        for suffix in suffixes:
            sample = f"{kind.name}{suffix}"
            for labels in sorted((labels for name, labels in sums if name == sample), key=_order):
                family.add_sample(sample, dict(labels), sums[sample, labels])
        yield family


def _order(labels: tuple[tuple[str, str], ...]) -> list[tuple[str, float, str]]:
    """Sort buckets as numbers and everything else as text."""
    return [(name, float(value) if name == "le" else 0.0, value) for name, value in labels]
