"""One worker process: takes jobs from one queue, one after the other, without a fork for each."""

from __future__ import annotations

import argparse
import contextlib
import gc
import os
import signal
import sys
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Self

from redis.exceptions import RedisError
from rq import SimpleWorker
from rq.job import Job as RQJob

from candor.boards.engines import open_engine, sweep
from candor.scoring.method import load_method
from candor.scoring.score import score
from candor.settings import open_store_by, read_settings
from candor.store.queue import QUEUE_NAMES
from candor.store.workers import HELD
from candor.telemetry import logs
from candor.telemetry.logs import logger, reason
from worker.connectors import access_of
from worker.context import CURRENT, WorkerContext
from worker.outbound import Transport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime
    from types import FrameType

    from redis.client import Pipeline
    from rq import Queue
    from rq.executions import Execution
    from rq.registry import StartedJobRegistry

    from candor.boards.engines import Engine
    from candor.settings import Settings
    from candor.store import Store
    from candor.store.models import QueueName
    from candor.store.workers import Lease, Workers
    from candor.telemetry.meters import Meters
    from worker.context import Scorer


log = logger(__name__)

BEAT_S = 2.0
BEAT_AFTER_ERROR_S = 0.5
LOOK_S = 0.25
POLL_S = 1
WORKER_TTL_S = 20
NO_TIME = 0
"""For which the result of a job is kept that leaves nothing."""


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
        self._lease: Lease | None = None
        self._job_id: str | None = None
        self._has_said = False
        self.stop_signal: int | None = None
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
            self._say_stopping()
            log.info("stopped")
            with contextlib.suppress(RedisError):
                self._meters.flush(self._store.metrics.add)
                self._store.workers.leave(self._worker)

    @contextlib.contextmanager
    def holding(self, workers: Workers, job_id: str) -> Iterator[bool]:
        """Hold the lease on a job during the block; gives False when another worker has it."""
        lease = workers.lease(self._worker, job_id)
        self._lease = lease
        self._job_id = None if lease is None else job_id
        token = HELD.set(lease)
        try:
            yield lease is not None
        finally:
            HELD.reset(token)
            self._say_stopping()
            with self._beating:
                self._lease = None
            self._job_id = None
            if lease is not None:
                workers.release(self._worker, job_id)

    def _run(self) -> None:
        pause_s = 0.0
        while not self._pause(pause_s):
            beaten = self._beat()
            pause_s = BEAT_S if beaten else BEAT_AFTER_ERROR_S
            if os.getppid() != self._launcher_pid:
                self._end_without_launcher(finish_job=beaten)

    def _pause(self, seconds: float) -> bool:
        """Wait so long, and say meanwhile that the worker is to stop; True when it has."""
        until_s = time.monotonic() + seconds
        while (left_s := until_s - time.monotonic()) > 0 and not self._stopped.wait(min(left_s, LOOK_S)):
            self._say_stopping()
        return self._stopped.is_set()

    def _say_stopping(self) -> None:
        """Log once why the worker stops, and what becomes of the job in hand: a signal's handler may not."""
        if self.stop_signal is None or self._has_said:
            return
        self._has_said = True
        job = {} if self._job_id is None else {"job_id": self._job_id}
        what = "stopping: the job in hand is finished first" if job else "stopping: no job is in hand"
        log.info(what, signal=signal.Signals(self.stop_signal).name, **job)

    def _end_without_launcher(self, *, finish_job: bool) -> None:
        if not finish_job:
            log.warning("the launcher is gone, and so is Redis: nobody would take the result")
            os._exit(1)
        log.warning("the launcher is gone: finishing the job in hand")
        os.kill(os.getpid(), signal.SIGTERM)

    def _beat(self) -> bool:
        try:
            self._store.workers.heartbeat(self._worker)
            with self._beating:
                if self._lease is not None:
                    self._lease.hold()
            self._meters.flush(self._store.metrics.add)
        except RedisError as error:
            log.warning("no heartbeat", why=reason(error))
            return False
        return True


class Task(RQJob):
    """What RQ runs, of which nothing is left afterwards where its result is kept for no time."""

    def heartbeat(self, timestamp: datetime, ttl: int, pipeline: Pipeline | None = None, xx: bool = False) -> None:  # noqa: FBT001, FBT002 # as RQ has it
        """Say that it runs; of one that has run, and leaves nothing, there is nobody to say that to."""
        if self.ended_at is None or self.result_ttl != NO_TIME:
            super().heartbeat(timestamp, ttl, pipeline, xx)

    def cleanup(
        self,
        ttl: int | None = None,
        pipeline: Pipeline | None = None,
        remove_from_queue: bool = True,  # noqa: FBT001, FBT002 # as RQ has it
    ) -> None:
        """Delete what has run, without the seven questions to the server by which RQ deletes what may be anywhere."""
        if ttl == NO_TIME and pipeline is not None and not remove_from_queue:
            pipeline.delete(self.key, self.dependents_key, self.dependencies_key)
        else:
            super().cleanup(ttl, pipeline, remove_from_queue)


class Worker(SimpleWorker):
    """RQ's in-process worker on a single queue, so that jobs move with BLMOVE, with a lease on the job in hand.

    SIGTERM lets it finish that job. The signal only sets a flag: an exception in the middle of a reply from Redis
    could lose track of a job.
    """

    log_result_lifespan = False

    def __init__(
        self, name: str, queue: QueueName, store: Store, heartbeat: Heartbeat, on_idle: Callable[[], None]
    ) -> None:
        super().__init__(
            [queue],
            name=name,
            connection=store.redis,
            serializer="json",
            job_class=Task,
            worker_ttl=WORKER_TTL_S,
            log_job_description=False,
        )
        self._workers = store.workers
        self._heartbeat = heartbeat
        self._on_idle = on_idle

    def execute_job(self, job: RQJob, queue: Queue) -> None:
        """Run the job, unless another worker has it in hand."""
        with self._heartbeat.holding(self._workers, job.id) as held:
            if held:
                super().execute_job(job, queue)
            else:
                queue.intermediate_queue.remove(job.id)

    def handle_job_success(
        self, job: RQJob, queue: Queue, started_job_registry: StartedJobRegistry, execution: Execution
    ) -> None:
        """Note that a job has run: in one step where it leaves nothing, as then no other waits for it or its result."""
        began, ended = job.started_at, job.ended_at
        if job.result_ttl != NO_TIME or began is None or ended is None:
            super().handle_job_success(job, queue, started_job_registry, execution)
            return
        with self.connection.pipeline() as pipe:
            self.increment_successful_job_count(pipeline=pipe)
            self.increment_total_working_time(ended - began, pipe)
            job.cleanup(NO_TIME, pipeline=pipe, remove_from_queue=False)
            self.cleanup_execution(job, pipeline=pipe, execution=execution)
            pipe.execute()

    def dequeue_job_and_maintain_ttl(
        self, timeout: int | None, max_idle_time: int | None = None
    ) -> tuple[RQJob, Queue] | None:
        """Wait for a job, looking up every second whether to stop; None when so. Without `timeout` do not wait."""
        while self._heartbeat.stop_signal is None:
            if timeout is None:
                return super().dequeue_job_and_maintain_ttl(timeout, max_idle_time)
            if found := super().dequeue_job_and_maintain_ttl(POLL_S, max_idle_time=POLL_S):
                return found
            self._on_idle()
        return None

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """Stop after the job in hand. Ctrl-C reaches the whole group, and the launcher passes it on."""
        del frame
        if signum != signal.SIGINT:
            self._heartbeat.stop_signal = signum

    def subscribe(self) -> None:
        """Take no commands over Redis: the launcher is in charge."""

    def check_for_suspension(self, burst: bool) -> None:  # noqa: FBT001 # as RQ has it
        """Nor wait there for one: a worker that is to stop would wait on."""

    def handle_exception(self, job: RQJob, *exc_info: object) -> None:
        """Note that the job goes back: RQ would write the error with all its words."""
        log.error("job crashed", job_id=job.id, exc_info=exc_info[1])


def _engine_of(settings: Settings) -> Callable[[], Engine] | None:
    """Return what opens the engine that makes boards, None where they are made in memory; old files of one go."""
    folder = settings.data_dir / "engine"
    sweep(folder)
    if settings.engine == "memory":
        return None
    limits = {"memory_mb": settings.engine_memory_mb, "longest_s": settings.engine_wait_s}
    return partial(open_engine, settings.engine, folder, **limits)


def main(argv: Sequence[str], environ: Mapping[str, str], scorer: Scorer = score) -> int:
    """Run a worker: `argv` says its name, its queue and its launcher, the environment all else."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--name", required=True)
    arguments.add_argument("--queue", required=True, choices=QUEUE_NAMES)
    arguments.add_argument("--launcher-pid", required=True, type=int)
    who = arguments.parse_args(argv)
    settings = read_settings(environ)
    logs.configure(who.queue, settings.log_level, settings.log_format)
    open_with = partial(open_store_by, settings)
    store, contact = open_with(patient=True), settings.operator_contact
    transport = Transport(contact=contact, test_hosts=frozenset(settings.test_hosts))
    context = WorkerContext(
        store,
        load_method(),
        scorer,
        contact,
        settings.dns_resolver,
        transport=transport,
        access=access_of(settings),
        open_engine=_engine_of(settings),
        engine_from=settings.engine_from,
        open_datasets_mb=settings.open_datasets_mb,
    )
    CURRENT.set(context)
    heartbeat = Heartbeat(open_with(patient=False), who.name, who.launcher_pid, context.meters)
    gc.collect()
    gc.freeze()  # what is there by now stays: no collection need look at it again
    with heartbeat.running():
        Worker(who.name, who.queue, store, heartbeat, context.drop_unused).work(logging_level="WARNING")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
