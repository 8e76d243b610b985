"""`Prefer: wait=N` (RFC 7240): hold the answer until the job has ended, if a seat is free."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flask import request

from service.context import context

if TYPE_CHECKING:
    from candor.store.models import Job

MAX_WAIT_S = 60
_WAIT = re.compile(r'(?:^|[,;])\s*wait\s*=\s*"?([0-9]{1,9})"?\s*(?=$|[,;])', re.IGNORECASE)


def preferred_wait_s() -> int:
    """Return how many seconds the caller would wait, at most a minute; 0 when it would not."""
    found = _WAIT.search(request.headers.get("Prefer", ""))
    return min(int(found[1]), MAX_WAIT_S) if found else 0


def wait_for(job: Job, wait_s: int) -> tuple[Job, bool]:
    """Wait until the job has ended, at most `wait_s` seconds; tell whether the preference was honoured.

    Without a free seat the preference is ignored, so that waiting callers never take the last threads.
    """
    seats = context().waiting_seats
    if wait_s == 0 or not seats.acquire(blocking=False):
        return job, False
    try:
        return context().store.jobs.wait(job.owner, job.id, wait_s) or job, True
    finally:
        seats.release()
