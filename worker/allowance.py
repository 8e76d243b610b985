"""Allowance: how much one job may still ask, and how it is shared out among what there is to read."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from worker.outbound import Outbound

NO_REQUESTS = "the requests were used up (max_requests)"
NO_TIME = "the time for reading was up"


class Allowance:
    """Counts requests, wherever their answers came from, so that a job that waited reads what it would have anyway.

    There may be `requests` more from now on, until `deadline_s` of the clock.
    """

    def __init__(
        self, outbound: Outbound, requests: int, deadline_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._outbound = outbound
        self._clock = clock
        self._deadline_s = deadline_s
        self._end = outbound.asked + requests

    @property
    def left(self) -> int:
        """How many more requests there may be."""
        return max(0, self._end - self._outbound.asked)

    @property
    def asked(self) -> int:
        """How many requests there were so far."""
        return self._outbound.asked

    @property
    def out_of_time(self) -> bool:
        """Whether the job has read for as long as it may."""
        return self._clock() >= self._deadline_s

    def share(self, part: float) -> Share:
        """Return a part of what is left, 0..1."""
        return Share(self, self.asked + round(part * self.left))


class Share:
    """A part of an allowance, up to a number of requests."""

    def __init__(self, allowance: Allowance, end: int) -> None:
        self._allowance = allowance
        self._end = end

    @property
    def spent(self) -> str | None:
        """Why no new request is to be begun, or None."""
        return self._why(self._allowance.asked >= self._end)

    @property
    def overrun(self) -> str | None:
        """Why what is being read is to be broken off, or None: what the last request brought is kept."""
        return self._why(self._allowance.asked > self._end)

    def _why(self, used_up: bool) -> str | None:  # noqa: FBT001 private
        return NO_REQUESTS if used_up else NO_TIME if self._allowance.out_of_time else None
