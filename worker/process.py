"""One worker process: takes jobs from one queue, one after the other, without a fork for each."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from typing import TYPE_CHECKING

from rq import SimpleWorker

from candor.scoring.method import load_method
from candor.scoring.score import score
from candor.store.queue import QUEUE_NAMES
from candor.telemetry import logs
from worker.context import CURRENT, WorkerContext
from worker.heartbeat import Heartbeat
from worker.options import parse

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

    from rq import Queue
    from rq.job import Job as RQJob

    from candor.store import Store
    from candor.store.models import QueueName
    from worker.context import Scorer

log = logs.logger(__name__)
POLL_S = 1
WORKER_TTL_S = 20


class Worker(SimpleWorker):
    """RQ's in-process worker on a single queue, so that jobs move with BLMOVE, with a lease on the job in hand.

    SIGTERM lets it finish that job. The signal only sets a flag: an exception in the middle of a reply from Redis
    could lose track of a job.
    """

    log_result_lifespan = False

    def __init__(self, name: str, queue: QueueName, store: Store, heartbeat: Heartbeat) -> None:
        super().__init__(
            [queue],
            name=name,
            connection=store.redis,
            serializer="json",
            worker_ttl=WORKER_TTL_S,
            log_job_description=False,
        )
        self._workers = store.workers
        self._heartbeat = heartbeat

    def execute_job(self, job: RQJob, queue: Queue) -> None:
        """Run the job, unless another worker has it in hand."""
        with self._heartbeat.holding(self._workers, job.id) as held:
            if held:
                super().execute_job(job, queue)
            else:
                queue.intermediate_queue.remove(job.id)

    def dequeue_job_and_maintain_ttl(
        self, timeout: int | None, max_idle_time: int | None = None
    ) -> tuple[RQJob, Queue] | None:
        """Wait for a job, looking up every second whether to stop; None when so. Without `timeout` do not wait."""
        if timeout is None:
            return super().dequeue_job_and_maintain_ttl(timeout, max_idle_time)
        while not self._stop_requested:
            if found := super().dequeue_job_and_maintain_ttl(POLL_S, max_idle_time=POLL_S):
                return found
        return None

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """Stop after the job in hand."""
        del signum, frame
        self._stop_requested = True

    def subscribe(self) -> None:
        """Take no commands over Redis: the launcher is in charge."""

    def handle_exception(self, job: RQJob, *exc_info: object) -> None:
        """Note that the job goes back: RQ would write the error with all its words."""
        log.error("job broke off", job_id=job.id, exc_info=exc_info[1])

    def _install_signal_handlers(self) -> None:
        signal.signal(signal.SIGTERM, self.request_stop)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the launcher passes it on


def main(argv: Sequence[str], scorer: Scorer = score) -> int:
    """Run a worker: the launcher's options, then its name, queue and launcher."""
    identity = argparse.ArgumentParser(add_help=False)
    identity.add_argument("--name", required=True)
    identity.add_argument("--queue", required=True, choices=QUEUE_NAMES)
    identity.add_argument("--launcher-pid", required=True, type=int)
    who, rest = identity.parse_known_args(argv)
    options = parse(rest, os.environ)
    logs.configure(who.queue, options.log_level, options.log_format)
    store = options.open_store(patient=True)
    context = WorkerContext(store, load_method(), scorer, options.contact, options.transport(), options.access)
    CURRENT.set(context)
    heartbeat = Heartbeat(options.open_store(patient=False), who.name, who.launcher_pid, context.meters)
    with heartbeat.running():
        Worker(who.name, who.queue, store, heartbeat).work(logging_level="WARNING")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
