"""The two queues, through RQ: jobs go in by name, with JSON arguments, under their own ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from redis.exceptions import RedisError
from rq import Queue
from rq.exceptions import InvalidJobOperation, NoSuchJobError
from rq.job import Job as RQJob

from candor.store.models import QueueName

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redis import Redis
    from redis.client import Pipeline

JOB_FUNCTION = "worker.jobs.score"
QUEUE_NAMES: tuple[QueueName, ...] = get_args(QueueName)
TIME_LIMITS_S: Mapping[QueueName, int] = {"interactive": 300, "batch": 3600}
BROKEN_JOB_TTL_S = 86_400


class JobQueue:
    """Puts jobs into RQ's queues and takes them out. A second copy of a job does no harm: it finds it held or ended."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._queues = {name: Queue(name, connection=redis, serializer="json") for name in QUEUE_NAMES}
        self.time_limits_s = TIME_LIMITS_S

    def push(
        self,
        name: QueueName,
        owner: str,
        job_id: str,
        *,
        at_front: bool = False,
        function: str = JOB_FUNCTION,
        about: str | None = None,
    ) -> None:
        """Enqueue the job once, whatever RQ knows of it; `function` runs it, told the owner and its id, or `about`."""
        self.remove(name, job_id)
        self._enqueue(name, owner, job_id, at_front=at_front, function=function, about=about)

    def push_new(self, pipe: Pipeline, name: QueueName, owner: str, job_id: str) -> None:
        """Enqueue a job that RQ knows nothing of, in the transaction that saves it: nobody sees it in no queue."""
        self._enqueue(name, owner, job_id, pipe=pipe)

    def remove(self, name: QueueName, job_id: str) -> None:
        """Take the job out of RQ: out of the queue, out of any dead worker's hands."""
        queue = self._queues[name]
        queue.intermediate_queue.remove(job_id)
        try:
            RQJob.fetch(job_id, connection=self._redis, serializer="json").delete()
        except (NoSuchJobError, InvalidJobOperation):  # the latter where a worker ends it meanwhile
            queue.remove(job_id)
        except RedisError:
            raise
        except Exception:  # noqa: BLE001 # damaged: RQ raises whatever its parsing does
            queue.remove(job_id)
            self._redis.delete(RQJob.key_for(job_id))

    def waiting(self) -> set[str]:
        """Return the ids of all jobs in the queues."""
        return {job_id for queue in self._queues.values() for job_id in queue.get_job_ids()}

    def on_their_way(self) -> set[str]:
        """Return the ids of jobs that were taken from a queue, and that no worker has in hand yet."""
        return {job_id for queue in self._queues.values() for job_id in queue.intermediate_queue.get_job_ids()}

    def first(self, name: QueueName) -> str | None:
        """Return the id of the job that is next in the queue."""
        ids = self._queues[name].get_job_ids(0, 1)
        return ids[0] if ids else None

    def depths(self) -> dict[str, int]:
        """Count the jobs in each queue."""
        return {name: queue.count for name, queue in self._queues.items()}

    def _enqueue(
        self,
        name: QueueName,
        owner: str,
        job_id: str,
        *,
        at_front: bool = False,
        function: str = JOB_FUNCTION,
        about: str | None = None,
        pipe: Pipeline | None = None,
    ) -> None:
        self._queues[name].enqueue_call(
            function,
            args=(owner, about or job_id),
            job_id=job_id,
            timeout=self.time_limits_s[name],
            result_ttl=0,
            failure_ttl=BROKEN_JOB_TTL_S,
            description=job_id,
            at_front=at_front,
            pipeline=pipe,
        )
