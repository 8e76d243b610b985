"""Launcher: keeps workers running, puts back at once what a dead one had in hand, and finds what others lost."""

from __future__ import annotations

import secrets
import signal
import socket
import time
from typing import TYPE_CHECKING

from redis.exceptions import RedisError

from candor.store.job_problems import TIMED_OUT
from candor.telemetry.kinds import PUT_BACK, WORKER_DEATHS
from candor.telemetry.logs import logger, reason
from candor.telemetry.meters import Meters
from worker.slot import WorkerSlot
from worker.sweep import Sweep

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from candor.store import Store
    from candor.store.models import QueueName

log = logger(__name__)

TICK_S = 0.1
LOOK_S = 1.0
OVERTIME_S = 30.0


def queues_for(workers: int) -> tuple[QueueName, ...]:
    """Share out the queues: at least one worker on each, hence two at least; the larger half is interactive."""
    batch = max(1, workers // 2)
    shares: list[tuple[QueueName, int]] = [("interactive", max(1, workers - batch)), ("batch", batch)]
    return tuple(name for name, count in shares for _ in range(count))


class Launcher:
    """Runs one worker for each of `queues` until SIGTERM or SIGINT; then jobs have `grace_s` to finish, or go back.

    `command` starts a worker. Without Redis nothing is put back; the sweep does it once Redis is there again.
    """

    def __init__(self, store: Store, command: Sequence[str], queues: Sequence[QueueName], grace_s: float) -> None:
        self._store = store
        self._grace_s = grace_s
        launcher = f"{socket.gethostname()}-{secrets.token_hex(4)}"
        self._slots = [WorkerSlot(command, launcher, queue) for queue in queues]
        self._meters = Meters()
        self._sweep = Sweep(store, self._meters)
        self._busy: dict[str, tuple[str | None, float]] = {}
        self._stopping = False

    def run(self, on_ready: Callable[[], None]) -> None:
        """Work until told to stop; `on_ready` is called once, when all workers have registered."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)  # sets a flag only: an Event's lock may be held where the signal strikes
        ready, next_look_s = False, 0.0
        while not self._stopping:
            time.sleep(TICK_S)
            self._replace_the_dead()
            if (now_s := time.monotonic()) < next_look_s:
                continue
            try:
                self._watch(now_s)
                self._sweep.run(now_s)
                self._meters.flush(self._store.metrics.add)
                if not ready and self._all_registered():
                    ready = True
                    on_ready()
            except RedisError as error:
                log.warning("no Redis", why=reason(error))
            next_look_s = now_s + (LOOK_S if ready else TICK_S)
        self._end()

    def _stop(self, *_: object) -> None:
        self._stopping = True

    def _replace_the_dead(self) -> None:
        for slot in self._slots:
            if (status := slot.died()) is not None:
                log.warning("worker ended", worker=slot.name, status=status)
                self._meters.count(WORKER_DEATHS)
                self._put_back(slot.name)
            slot.start_when_due()

    def _watch(self, now_s: float) -> None:
        """Renew the leases of workers that live, even too busy to do so themselves; end those that take too long."""
        for slot in self._slots:
            job_id = self._store.workers.renew(slot.name)
            before, since_s = self._busy.get(slot.name, (None, now_s))
            self._busy[slot.name] = (job_id, since_s if job_id == before else now_s)
            limit_s = self._store.queue.time_limits_s[slot.queue] + OVERTIME_S
            if job_id is not None and job_id == before and now_s - since_s > limit_s:
                log.error("job takes too long; ending its worker", job_id=job_id, seconds=round(now_s - since_s))
                self._store.jobs.fail(job_id, TIMED_OUT)
                slot.signal(signal.SIGKILL)

    def _all_registered(self) -> bool:
        return {slot.name for slot in self._slots} <= self._store.workers.alive()

    def _put_back(self, worker: str, *, forgive: bool = False) -> None:
        self._busy.pop(worker, None)
        try:
            if (job_id := self._store.workers.held_by(worker)) is not None:
                log.warning("job goes back: its worker had it", job_id=job_id, worker=worker)
                self._meters.count(PUT_BACK, "worker_died")
                self._store.recovery.put_back(job_id, worker=worker, forgive=forgive)
            self._store.workers.leave(worker)
        except RedisError as error:
            log.warning("no Redis, so the sweep will put back what it had", worker=worker, why=reason(error))

    def _end(self) -> None:
        deadline_s = time.monotonic() + self._grace_s
        for slot in self._slots:
            slot.signal(signal.SIGTERM)
        for slot in self._slots:
            if not slot.wait(max(0.0, deadline_s - time.monotonic())):
                slot.signal(signal.SIGKILL)
                slot.wait(self._grace_s)
                self._put_back(slot.name, forgive=True)
