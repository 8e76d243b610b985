"""Requests that this process has taken out of the limits in advance, so that not each of them writes to Redis.

A limit is counted in one place for all processes, and Redis syncs its log at every write: counting each request would
cost more than answering it. So a process takes a thousandth of a limit at a time; limits below 1,000 are counted one by
one.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from service.rate_limit_headers import Quota

KEPT_S = 10.0
_MOST = 10_000


def block_of(limit: int) -> int:
    """Return how many requests are taken at once."""
    return max(1, limit // 1000)


@dataclass
class _Taken:
    quota: Quota
    left: int
    until: float


class Allowances:
    """What is left of what was taken, by the name of the limit and who it is for; lost after ten seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._taken: dict[tuple[str, str], _Taken] = {}
        self._lock = threading.Lock()

    def keep(self, whose: str, quota: Quota) -> None:
        """Keep what was just taken, but for the request that took it."""
        if (left := block_of(quota.requests) - 1) <= 0:
            return
        with self._lock:
            if len(self._taken) >= _MOST:
                self._taken.clear()
            self._taken[quota.name, whose] = _Taken(quota, left, self._clock() + KEPT_S)

    def spend(self, name: str, whose: str) -> Quota | None:
        """Spend one request, and return what is left then; None when the limit itself must be asked."""
        with self._lock:
            taken = self._taken.get((name, whose))
            if taken is None or taken.left <= 0 or taken.until <= self._clock():
                return None
            taken.left -= 1
            return replace(taken.quota, left=taken.quota.left + taken.left)
