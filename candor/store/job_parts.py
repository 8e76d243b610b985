"""Job parts: a job that ranks everybody on several topics is done as a part for each topic, by any worker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from candor.store import redis_keys
from candor.store.jobs import IS_OPEN, job_fields, part_id
from candor.store.models import DAY_S, PART_MARK, Job, Progress

if TYPE_CHECKING:
    from redis import Redis

    from candor.scoring.topics import Topic
    from candor.store.models import Retention
    from candor.store.queue import JobQueue

CREATE_PART = """
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
redis.call('SADD', KEYS[2], ARGV[1])
return 1
"""
"""KEYS: job, active jobs. ARGV: id, then fields and values. Returns 1 once, also for a whole that runs twice."""

HAND_OVER = """
if is_open() then redis.call('SREM', KEYS[2], ARGV[1]) end
"""
"""KEYS: job, active jobs. ARGV: id. From now on its parts keep the job alive, and the last of them ends it."""


BEGAN = """
if not is_open() then return end
local progress = cjson.decode(unsealed(redis.call('HGET', KEYS[1], 'progress')) or '{}')
if progress.stage ~= 'queued' then return end
progress.stage = 'scoring'
redis.call('HSET', KEYS[1], 'progress', seal(cjson.encode(progress)))
"""
"""KEYS: job. It waits for a worker until the first of its parts has one."""


class JobParts:
    """Makes the parts of jobs; Jobs ends a job when the last of its parts ends."""

    def __init__(self, redis: Redis, queue: JobQueue, retention: Retention) -> None:
        self._redis = redis
        self._queue = queue
        self._life_s = retention.jobs_days * DAY_S
        self._create_part = redis.register_script(CREATE_PART)
        self._hand_over = redis.register_script(IS_OPEN + HAND_OVER)
        self._began = redis.register_script(IS_OPEN + BEGAN)

    def fan_out(self, job: Job) -> None:
        """Make and queue a part for each topic; the last to end closes the job. Doing it twice changes nothing."""
        parts = redis_keys.job_parts(job.id)
        with self._redis.pipeline() as pipe:
            for name, count in (("total", len(job.request.topics)), ("people", 0), ("made", 0)):
                pipe.hsetnx(parts, name, str(count))
            pipe.expire(parts, self._life_s)
            pipe.execute()
        for number, topic in enumerate(job.request.topics):
            self._make_part(job, number, topic)
        self._hand_over(keys=[redis_keys.job(job.id), redis_keys.ACTIVE_JOBS], args=[job.id])

    def began(self, part: Job) -> None:
        """Say of the job which a part belongs to that it waits for a worker no longer."""
        self._began(keys=[redis_keys.job(part.id.partition(PART_MARK)[0])])

    def _make_part(self, job: Job, number: int, topic: Topic) -> None:
        request = replace(job.request, topics=(topic,), queue="batch", webhook=None)
        waiting = Progress(done=0, total=1, stage="queued")
        part = Job(
            id=part_id(job.id, number),
            owner=job.owner,
            request=request,
            progress=waiting,
            created_at=job.created_at,
            request_id=job.request_id,
        )
        fields = [said for field in job_fields(part) for said in field]
        if self._create_part(keys=[redis_keys.job(part.id), redis_keys.ACTIVE_JOBS], args=[part.id, *fields]):
            self._queue.push("batch", part.owner, part.id)
