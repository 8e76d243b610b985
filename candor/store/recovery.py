"""Recovery: jobs go back into their queues when a wait is over, or when nobody has them in hand."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from candor.store import redis_keys
from candor.store.client import DamagedValueError, seal, text
from candor.store.job_problems import NOT_STARTED, WORKER_DIED
from candor.store.jobs import IS_OPEN
from candor.store.workers import GUARD, holders, run

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from redis import Redis

    from candor.store.jobs import Jobs
    from candor.store.models import Job, Progress
    from candor.store.queue import JobQueue

MAX_ATTEMPTS = 3
MAX_LOST = 10
LONGEST_PAUSE = timedelta(minutes=1)

POSTPONE = """
if not is_open() then return 0 end
redis.call('HSET', KEYS[1], 'status', '"queued"', 'progress', ARGV[2])
attempted(KEYS[1], -1)
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
return 1
"""
"""KEYS: job, waiting jobs. ARGV: id, progress, until when (s since 1970). Waiting is no attempt.

Returns 0 when the job has ended."""

RELEASE = """
if not is_open() then return {-1, 0} end
local holder = redis.call('GET', KEYS[2])
if holder and holder ~= ARGV[1] then return {-1, 0} end
redis.call('DEL', KEYS[2])
redis.call('HSET', KEYS[1], 'status', '"queued"')
local attempts = attempted(KEYS[1], 0)
if ARGV[2] == '1' then
  if attempts > 0 then attempts = attempted(KEYS[1], -1) end
  return {attempts, 0}
end
local lost = (unsealed(redis.call('HGET', KEYS[1], 'lost')) or 0) + 1
redis.call('HSET', KEYS[1], 'lost', seal(string.format('%d', lost)))
return {attempts, math.max(0, lost - attempts)}
"""
"""KEYS: job, lease. ARGV: the worker that had it, 1 to forgive the attempt.

Returns attempts, or -1 where it has ended or is held, and how often it was lost before anybody started it.
"""


def pause_after(lost: int) -> timedelta | None:
    """Return how long something waits that nobody started so many times: it need not be found lost at once again."""
    return None if lost <= 1 else min(LONGEST_PAUSE, timedelta(seconds=2 ** (lost - 1)))


class Recovery:
    """The ways back into a queue, for the jobs of all owners."""

    def __init__(self, redis: Redis, queue: JobQueue, jobs: Jobs, clock: Callable[[], datetime]) -> None:
        self._redis = redis
        self._queue = queue
        self._jobs = jobs
        self._clock = clock
        self._postpone = redis.register_script(GUARD + IS_OPEN + POSTPONE)
        self._release = redis.register_script(IS_OPEN + RELEASE)

    def postpone(self, job_id: str, progress: Progress, until: datetime) -> bool:
        """Give the job back until then, for its worker to go on with others; False when the job has ended."""
        waiting = [redis_keys.job(job_id), redis_keys.WAITING_JOBS]
        said = (job_id, seal(progress), until.timestamp())
        return bool(run(self._postpone, waiting, said))

    def resume(self) -> tuple[str, ...]:
        """Queue the jobs again whose wait is over; returns their ids. Of several callers one queues a job."""
        due = self._redis.zrangebyscore(redis_keys.WAITING_JOBS, "-inf", self._clock().timestamp())
        resumed = tuple(job_id for job_id in map(text, due) if self._redis.zrem(redis_keys.WAITING_JOBS, job_id))
        for job_id in resumed:
            if (job := self._find(job_id)) and not job.ended:
                self._queue.push(job.request.queue, job.owner, job_id, at_front=True)
        return resumed

    def _find(self, job_id: str) -> Job | None:
        """Return the job; a damaged one ends, and is none."""
        try:
            return self._jobs.find(job_id)
        except DamagedValueError:
            self._jobs.end_damaged(job_id)
            return None

    def orphans(self) -> set[str]:
        """Return jobs that have not ended, wait in no queue and for no limit, and are in nobody's hands.

        A job on its way from a queue to a worker looks so for some milliseconds: judge by two looks.
        """
        active = {text(raw) for raw in self._redis.smembers(redis_keys.ACTIVE_JOBS)}
        postponed = {text(raw) for raw in self._redis.zrange(redis_keys.WAITING_JOBS, 0, -1)}
        loose = sorted(active - self._queue.waiting() - postponed)
        if not loose:
            return set()
        return {job_id for job_id, holder in zip(loose, holders(self._redis, loose), strict=True) if holder is None}

    def requeue(self, job_id: str, *, worker: str = "", forgive: bool = False) -> None:
        """Queue the job again after `worker` lost it, or end it as failed.

        It ends after three attempts, and when it was lost ten times, over four minutes, before any worker started it:
        one that is older than the job cannot. Nothing happens when the job has ended or somebody else has it in hand.
        `forgive` does not count the attempt: the worker was stopped on purpose.
        """
        attempts, lost = self._release(
            keys=[redis_keys.job(job_id), redis_keys.job_lease(job_id)], args=[worker, int(forgive)]
        )
        job = self._find(job_id)
        if job is None:
            self._redis.srem(redis_keys.ACTIVE_JOBS, job_id)
        elif attempts >= 0:
            self._queue.remove(job.request.queue, job_id)
            if attempts >= MAX_ATTEMPTS or lost >= MAX_LOST:
                self._jobs.fail(job_id, WORKER_DIED if attempts >= MAX_ATTEMPTS else NOT_STARTED)
            elif pause := pause_after(lost):
                self._redis.zadd(redis_keys.WAITING_JOBS, {job_id: (self._clock() + pause).timestamp()})
            else:
                self._queue.push(job.request.queue, job.owner, job_id, at_front=attempts <= 1)
