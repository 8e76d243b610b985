"""Heartbeat: a thread that says this worker is alive, keeps its lease on the job in hand, and sees a lost launcher."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from typing import TYPE_CHECKING, Self

from redis.exceptions import RedisError

from candor.telemetry.logs import logger, reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from candor.store import Store
    from candor.store.workers import Workers
    from candor.telemetry.meters import Meters

log = logger(__name__)

BEAT_S = 2.0
BEAT_AFTER_ERROR_S = 0.5


class Heartbeat:
    """Beats every two seconds while open, and hands over what was counted.

    `store` is one of its own, so that a waiting worker does not hold it up. When `launcher_pid` is no longer the
    parent, the worker gets a SIGTERM: it finishes its job and ends. When Redis is away as well, it ends at once.
    """

    def __init__(self, store: Store, worker: str, launcher_pid: int, meters: Meters) -> None:
        self._store = store
        self._meters = meters
        self._worker = worker
        self._launcher_pid = launcher_pid
        self._job_id: str | None = None
        self._beating = threading.Lock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    @contextlib.contextmanager
    def running(self) -> Iterator[Self]:
        """Beat until the block ends."""
        self._thread.start()
        try:
            yield self
        finally:
            self._stopped.set()
            self._thread.join()
            with contextlib.suppress(RedisError):
                self._meters.flush(self._store.metrics.add)
                self._store.workers.leave(self._worker)

    @contextlib.contextmanager
    def holding(self, workers: Workers, job_id: str) -> Iterator[bool]:
        """Hold the lease on a job during the block; gives False when another worker has it."""
        held = workers.hold(self._worker, job_id)
        self._job_id = job_id if held else None
        try:
            yield held
        finally:
            with self._beating:
                self._job_id = None
            if held:
                workers.release(self._worker, job_id)

    def _run(self) -> None:
        pause_s = 0.0
        while not self._stopped.wait(pause_s):
            beaten = self._beat()
            pause_s = BEAT_S if beaten else BEAT_AFTER_ERROR_S
            if os.getppid() != self._launcher_pid:
                self._end_without_launcher(finish_job=beaten)

    def _end_without_launcher(self, *, finish_job: bool) -> None:
        if not finish_job:
            log.warning("the launcher is gone, and so is Redis: nobody would take the result")
            os._exit(1)
        log.warning("the launcher is gone: finishing the job in hand")
        os.kill(os.getpid(), signal.SIGTERM)

    def _beat(self) -> bool:
        try:
            self._store.workers.announce(self._worker)
            with self._beating:
                if self._job_id is not None:
                    self._store.workers.hold(self._worker, self._job_id)
            self._meters.flush(self._store.metrics.add)
        except RedisError as error:
            log.warning("no heartbeat", why=reason(error))
            return False
        return True
