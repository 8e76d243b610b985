"""Launcher: keeps workers running, puts back at once what a dead one had in hand, and finds what others lost."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import time
from typing import TYPE_CHECKING

from redis.exceptions import RedisError

from candor.store.job_problems import TIMED_OUT
from candor.store.workers import LEASE_S
from candor.telemetry.logs import logger, reason
from candor.telemetry.meters import PUT_BACK, WORKER_DEATHS, Meters
from worker.followed_boards import tend

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from candor.store import Store
    from candor.store.models import QueueName


QUICK_DEATH_S = 5.0
FREE_RESTARTS = 3
LONGEST_PAUSE_S = 10.0

log = logger(__name__)

ORPHAN_S = 3.0
REAP_S = 1.0
SHARE = 0.05
FILES_S, FILES_AGAIN_S = 3600.0, 60.0

TICK_S = 0.1
LOOK_S = 1.0
OVERTIME_S = 30.0


class WorkerSlot:
    """Runs `command` with the worker's name, its queue and this process's id behind it.

    A worker that dies is followed at once by another under a new name; after three quick deaths in a row, with a
    growing pause.
    """

    def __init__(self, command: Sequence[str], launcher: str, queue: QueueName) -> None:
        self._command = command
        self._launcher = launcher
        self._started_s = 0.0
        self._quick_deaths = 0
        self._restart_s = 0.0
        self._process: subprocess.Popen[bytes] | None = None
        self.queue = queue
        self.name = ""
        self.pid: int | None = None

    def start(self) -> None:
        """Start a worker."""
        self.name = f"{self._launcher}.{secrets.token_hex(4)}"
        self._started_s = time.monotonic()
        identity = ("--name", self.name, "--queue", self.queue, "--launcher-pid", str(os.getpid()))
        self._process = subprocess.Popen([*self._command, *identity], stdin=subprocess.DEVNULL)  # noqa: S603 our own
        self.pid = self._process.pid

    def died(self) -> int | None:
        """Return the exit status of a worker that has ended since last asked, else None."""
        if self._process is None or (status := self._process.poll()) is None:
            return None
        self._process = None
        now_s = time.monotonic()
        quick = now_s - self._started_s < QUICK_DEATH_S
        self._quick_deaths = self._quick_deaths + 1 if quick else 0
        extra = max(0, self._quick_deaths - FREE_RESTARTS)
        self._restart_s = now_s + (min(LONGEST_PAUSE_S, 2.0 ** (extra - 1)) if extra else 0.0)
        return status

    def start_when_due(self) -> None:
        """Start the next worker if there is none and its pause is over."""
        if self._process is None and time.monotonic() >= self._restart_s:
            self.start()

    def wait_longer(self) -> None:
        """Put the next start off, as this one failed."""
        self._restart_s = time.monotonic() + LONGEST_PAUSE_S

    def signal(self, number: int) -> None:
        """Send the worker a signal, if it runs."""
        if self._process is not None:
            self._process.send_signal(number)

    def wait(self, timeout_s: float) -> bool:
        """Wait for the worker to end; False when it still runs after `timeout_s`."""
        try:
            if self._process is not None:
                self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return False
        return True


class Reaper:
    """Looks every second, or less often when looking takes long: a twentieth of the time, or ten seconds after a look.

    A job whose worker could not renew its lease while Redis was away looks lost for some seconds; so a job is put back
    only when seen orphaned for three. These begin with the answer and end with the next question, as a look that rides
    out such an absence takes as long as that. One on its way from a queue to a worker has as long as a lease lasts:
    that takes milliseconds, but a machine under load may hold the worker up.
    """

    def __init__(self, store: Store, meters: Meters, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._meters = meters
        self._orphaned_since: dict[str, float] = {}
        self._next_s = 0.0
        self._next_files_s = 0.0

    def run(self, now_s: float) -> None:
        """Look, if it is time to; `now_s` is on the monotonic clock. Raises RedisError."""
        if now_s >= self._next_files_s:
            self._next_files_s = now_s + FILES_S
            try:
                self._look_after_files()
            except OSError as error:
                log.error("files cannot be looked after now", why=reason(error))  # noqa: TRY400 # a disk, no fault here
                self._next_files_s = now_s + FILES_AGAIN_S
            self._store.rewrite_log()
        if now_s >= self._next_s:
            started_s = self._clock()
            self._store.drop_erased()
            for job_id in self._store.recovery.resume():
                log.info("job resumed", job_id=job_id)
            for name in self._store.erasures.resume():
                log.info("erasure resumed", job_id=name)
            for name in self._store.sources.resume():
                log.info("source is read again", job_id=name)
            tend(self._store)
            self._requeue_orphans(now_s, started_s)
            took_s = self._clock() - started_s
            self._next_s = now_s + min(max(REAP_S, took_s / SHARE), took_s + LONGEST_PAUSE_S)

    def _look_after_files(self) -> None:
        """Mend and erase what waits for that, then delete what is over. Raises OSError."""
        if mended := self._store.suppression.mend():
            log.error("the list of who is suppressed was damaged; its copy was whole", digests=mended)
        if again := self._store.leave_again():
            log.error("a back-up was put back: who was erased since is erased again", erasures=len(again))
        if again := self._store.erase_lost():
            log.error("an erasure was damaged: who was to be erased is erased again", erasures=len(again))
        self._store.question_words.delete_expired()
        self._store.datasets.delete_expired()

    def _requeue_orphans(self, now_s: float, started_s: float) -> None:
        jobs, erasures = self._store.recovery, self._store.erasures
        put_back: dict[str, Callable[[str], None]] = dict.fromkeys(jobs.orphans(), jobs.requeue)
        put_back |= dict.fromkeys(erasures.orphans(), erasures.requeue)
        put_back |= dict.fromkeys(self._store.sources.orphans(), self._store.sources.requeue)
        answered_s = now_s + (self._clock() - started_s)
        since = {name: self._orphaned_since.get(name, answered_s) for name in put_back}
        on_their_way = self._store.queue.on_their_way() if since else set()
        for name, first_seen_s in list(since.items()):
            if now_s - first_seen_s >= (LEASE_S if name in on_their_way else ORPHAN_S):
                log.warning("job was lost; putting it back", job_id=name)
                self._meters.count(PUT_BACK, "lost")
                put_back[name](name)
                del since[name]
        self._orphaned_since = since


def queues_for(workers: int) -> tuple[QueueName, ...]:
    """Share out the queues among two workers or more; the larger half is interactive."""
    batch = workers // 2
    shares: list[tuple[QueueName, int]] = [("interactive", workers - batch), ("batch", batch)]
    return tuple(name for name, count in shares for _ in range(count))


class Launcher:
    """Runs one worker for each of `queues` until SIGTERM or SIGINT; then jobs have `grace_s` to finish, or go back.

    `command` starts a worker. Without Redis nothing is put back; the reaper does it once Redis is there again.
    """

    def __init__(self, store: Store, command: Sequence[str], queues: Sequence[QueueName], grace_s: float) -> None:
        self._store = store
        self._grace_s = grace_s
        launcher = f"{socket.gethostname()}-{secrets.token_hex(4)}"
        self._slots = [WorkerSlot(command, launcher, queue) for queue in queues]
        self._meters = Meters()
        self._reaper = Reaper(store, self._meters)
        self._busy: dict[str, tuple[str | None, float]] = {}
        self._stopping: int | None = None

    def run(self, on_ready: Callable[[], None]) -> None:
        """Work until told to stop; `on_ready` is called once, when all workers have registered."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)  # sets a flag only: an Event's lock may be held where the signal strikes
        self._store.drop_drafts()
        ready, next_look_s = False, 0.0
        while self._stopping is None:
            time.sleep(TICK_S)
            self._replace_the_dead()
            if (now_s := time.monotonic()) < next_look_s:
                continue
            try:
                self._watch(now_s)
                self._reaper.run(now_s)
                self._meters.flush(self._store.metrics.add)
                if not ready and self._all_registered():
                    ready = True
                    on_ready()
            except RedisError as error:
                log.warning("Redis unavailable", why=reason(error))
            except OSError as error:
                log.error("files cannot be looked after now", why=reason(error))  # noqa: TRY400 # a disk, no fault here
            next_look_s = now_s + (LOOK_S if ready else TICK_S)
        self._end()

    def _stop(self, signum: int, _frame: object) -> None:
        self._stopping = signum

    def _replace_the_dead(self) -> None:
        for slot in self._slots:
            if (status := slot.died()) is not None:
                log.warning("worker ended", worker=slot.name, status=status)
                self._meters.count(WORKER_DEATHS)
                self._put_back(slot.name)
                self._store.drop_drafts(slot.pid)
            try:
                slot.start_when_due()
            except OSError as error:  # no process or no memory left for one more
                log.warning("cannot start a worker; trying again", why=reason(error))
                slot.wait_longer()

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
                self._store.recovery.requeue(job_id, worker=worker, forgive=forgive)
            self._store.workers.leave(worker)
        except RedisError as error:
            log.warning("Redis unavailable: the reaper will put back what it had", worker=worker, why=reason(error))

    def _end(self) -> None:
        deadline_s = time.monotonic() + self._grace_s
        why = None if self._stopping is None else signal.Signals(self._stopping).name
        log.info("stopping: jobs in hand may finish", signal=why, workers=len(self._slots), grace_s=self._grace_s)
        for slot in self._slots:
            slot.signal(signal.SIGTERM)
        for slot in self._slots:
            if not slot.wait(max(0.0, deadline_s - time.monotonic())):
                log.warning("worker has not finished in time; ending it", worker=slot.name)
                slot.signal(signal.SIGKILL)
                slot.wait(self._grace_s)
                self._put_back(slot.name, forgive=True)
            self._store.drop_drafts(slot.pid)
        log.info("stopped")
