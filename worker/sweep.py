"""Sweep: finds jobs that nobody has in hand and no queue holds, and puts them back. Any launcher does it for all."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from candor.telemetry.kinds import PUT_BACK
from candor.telemetry.logs import logger

if TYPE_CHECKING:
    from collections.abc import Callable

    from candor.store import Store
    from candor.telemetry.meters import Meters

log = logger(__name__)

STRAY_S = 3.0
SWEEP_S = 1.0
SHARE = 0.05
FILES_S = 3600.0


class Sweep:
    """Looks every second, or less often when looking takes long: it spends a twentieth of the time at most.

    A job on its way from a queue to a worker looks lost for some milliseconds, and one whose worker could not renew
    its lease while Redis was away for some seconds; so a job is put back only when seen astray for three.
    """

    def __init__(self, store: Store, meters: Meters) -> None:
        self._store = store
        self._meters = meters
        self._astray_since: dict[str, float] = {}
        self._next_s = 0.0
        self._next_files_s = 0.0

    def run(self, now_s: float) -> None:
        """Look, if it is time to; `now_s` is on the monotonic clock. Raises RedisError."""
        if now_s >= self._next_files_s:
            self._next_files_s = now_s + FILES_S
            self._store.datasets.sweep()
            self._store.rewrite_log()
        if now_s >= self._next_s:
            started_s = time.monotonic()
            for job_id in self._store.recovery.resume():
                log.info("the wait is over", job_id=job_id)
            self._put_back_strays(now_s)
            self._next_s = now_s + max(SWEEP_S, (time.monotonic() - started_s) / SHARE)

    def _put_back_strays(self, now_s: float) -> None:
        jobs, erasures = self._store.recovery, self._store.erasures
        put_back: dict[str, Callable[[str], None]] = dict.fromkeys(jobs.strays(), jobs.put_back)
        put_back |= dict.fromkeys(erasures.strays(), erasures.push)
        since = {name: self._astray_since.get(name, now_s) for name in put_back}
        for name, first_seen_s in list(since.items()):
            if now_s - first_seen_s >= STRAY_S:
                log.warning("job was lost; putting it back", job_id=name)
                self._meters.count(PUT_BACK, "lost")
                put_back[name](name)
                del since[name]
        self._astray_since = since
