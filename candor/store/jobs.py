"""Jobs: saved before they are queued, changed in single steps, never changed once ended."""

from __future__ import annotations

import logging
import time
import zlib
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace
from redis.exceptions import RedisError, WatchError

from candor.store import job_scripts, keys
from candor.store.metrics import metric_field
from candor.store.models import DAY_S, PART_MARK, Job, JobResult, Outcome, Problem, Progress, Retention
from candor.store.replies import text, unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from redis import Redis

    from candor.scoring.topics import Topic
    from candor.store.queue import JobQueue

log = logging.getLogger(__name__)

_FIELDS = Job.__struct_fields__


def part_id(job_id: str, number: int) -> str:
    """Return the id of a part of a job."""
    return f"{job_id}{PART_MARK}{number}"


class UnknownCursorError(ValueError):
    """The cursor points at no job of this owner."""


class Jobs:
    """The job records of all owners. Each job is a hash whose fields are the JSON of Job's fields."""

    def __init__(self, redis: Redis, queue: JobQueue, retention: Retention, clock: Callable[[], datetime]) -> None:
        self._redis = redis
        self._queue = queue
        self._life_s = retention.jobs_days * DAY_S
        self._clock = clock
        self._decoder = msgspec.json.Decoder(Job)
        self._begin = redis.register_script(job_scripts.BEGIN)
        self._report = redis.register_script(job_scripts.REPORT)
        self._end = redis.register_script(job_scripts.END)
        self._create_part = redis.register_script(job_scripts.CREATE_PART)
        self._hand_over = redis.register_script(job_scripts.HAND_OVER)

    def create(self, job: Job, activities: bytes | None = None) -> Job:
        """Save the job with its inline activities (NDJSON), then enqueue it.

        Once saved it is accepted: if Redis goes away before it is queued, a launcher's sweep queues it. Returns the
        job, or the one that has this id already, unchanged.
        """
        index, born_s = keys.jobs_of(job.owner), job.created_at.timestamp()
        with self._redis.pipeline() as pipe:
            pipe.watch(keys.job(job.id))  # type: ignore[no-untyped-call] # redis has no types here
            if (there := self._decode(pipe.hgetall(keys.job(job.id)))) is not None:
                return there
            pipe.multi()
            pipe.hset(keys.job(job.id), mapping={name: msgspec.json.encode(getattr(job, name)) for name in _FIELDS})
            if activities is not None:
                pipe.set(keys.job_activities(job.id), zlib.compress(activities, 1))
            pipe.sadd(keys.ACTIVE_JOBS, job.id)
            if job.request.webhook is not None:
                pipe.sadd(keys.NOTIFYING_JOBS, job.id)
            pipe.zadd(index, {job.id: born_s})
            pipe.zremrangebyscore(index, "-inf", born_s - 2 * self._life_s)
            pipe.expire(index, 2 * self._life_s)
            pipe.hincrbyfloat(keys.METRICS, metric_field("candor_jobs_created_total"), 1)
            try:
                pipe.execute()
            except WatchError:
                return self.find(job.id) or job
        try:
            self._queue.push(job.request.queue, job.owner, job.id)
        except RedisError:
            log.warning("job %s is saved and waits for a sweep to queue it", job.id, exc_info=True)
        return job

    def fan_out(self, job: Job) -> None:
        """Make and queue a part for each topic; the last to end closes the job. Doing it twice changes nothing."""
        parts = keys.job_parts(job.id)
        with self._redis.pipeline() as pipe:
            for name, count in (("total", len(job.request.topics)), ("people", 0), ("made", 0)):
                pipe.hsetnx(parts, name, str(count))
            pipe.expire(parts, self._life_s)
            pipe.execute()
        for number, topic in enumerate(job.request.topics):
            self._make_part(job, number, topic)
        self._hand_over(keys=[keys.job(job.id), keys.ACTIVE_JOBS], args=[job.id])

    def get(self, owner: str, job_id: str) -> Job | None:
        """Return the owner's job, or None."""
        job = self.find(job_id)
        return job if job is not None and job.owner == owner else None

    def find(self, job_id: str) -> Job | None:
        """Return the job, whoever owns it, or None."""
        return self._decode(self._redis.hgetall(keys.job(job_id)))

    def list(self, owner: str, *, cursor: str | None = None, limit: int = 20) -> tuple[list[Job], str | None]:
        """Return a page of the owner's jobs, newest first, and the cursor of the next page. Raises UnknownCursorError.

        A page can be shorter than `limit` when jobs have reached the end of their time.
        """
        index = keys.jobs_of(owner)
        first = 0
        if cursor is not None:
            rank = self._redis.zrevrank(index, cursor)
            if not isinstance(rank, int):
                raise UnknownCursorError(cursor)
            first = rank + 1
        ids = [text(raw) for raw in self._redis.zrevrange(index, first, first + limit)]
        with self._redis.pipeline(transaction=False) as pipe:
            for job_id in ids[:limit]:
                pipe.hgetall(keys.job(job_id))
            jobs = [job for raw in pipe.execute() if (job := self._decode(raw)) is not None]
        return jobs, ids[limit - 1] if len(ids) > limit else None

    def count_open(self) -> int:
        """Count the jobs of all owners that have not ended, parts included."""
        return self._redis.scard(keys.ACTIVE_JOBS)

    def activities(self, job: Job) -> bytes:
        """Return the job's inline activities (NDJSON). Raises LookupError: they are kept until the job ends."""
        raw = self._redis.get(keys.job_activities(job.id))
        if raw is None:
            raise LookupError(f"the activities of job {job.id} are gone")
        return unpack(raw)

    def wait(self, owner: str, job_id: str, timeout_s: float) -> Job | None:
        """Return the job as soon as it has ended, or as it is after `timeout_s`."""
        deadline = time.monotonic() + timeout_s
        with self._redis.pubsub(ignore_subscribe_messages=True) as ended:  # type: ignore[no-untyped-call]
            ended.subscribe(keys.job_ended(job_id))
            while (job := self.get(owner, job_id)) and not job.ended and (left := deadline - time.monotonic()) > 0:
                ended.get_message(timeout=left)
        return job

    def cancel(self, owner: str, job_id: str) -> Job | None:
        """End the job as canceled unless it has ended; what it has made so far stays. Returns the job as it is then."""
        job = self.get(owner, job_id)
        if job is None or job.ended:
            return job
        self._finish(job_id, status="canceled")
        if job.status == "queued":
            self._queue.remove(job.request.queue, job_id)
        for number in range(job.request.total if job.is_whole else 0):
            self.cancel(owner, part_id(job_id, number))
        return self.get(owner, job_id)

    def begin(self, job_id: str) -> Job | None:
        """Mark the job as running, counting the attempt; None when it has ended or is unknown."""
        attempt = self._begin(keys=[keys.job(job_id)], args=[msgspec.json.encode(self._clock())])
        return self.find(job_id) if attempt else None

    def report(self, job_id: str, progress: Progress) -> bool:
        """Save the progress; False when the job has ended, so that its worker can stop."""
        return bool(self._report(keys=[keys.job(job_id)], args=[msgspec.json.encode(progress)]))

    def finish(
        self,
        job_id: str,
        outcome: Outcome,
        results: tuple[JobResult, ...],
        error: Problem | None = None,
        *,
        progress: Progress | None = None,
    ) -> bool:
        """End the job with its results; False when it had ended before, and nothing changes then.

        `progress` says what was fetched, and of a part how many people it ranked.
        """
        last = progress or Progress(done=0, total=0, stage="done")
        done = msgspec.structs.replace(last, done=len(results), total=len(results), stage="done")
        return self._finish(job_id, status=outcome, results=results, error=error, progress=done)

    def fail(self, job_id: str, error: Problem) -> bool:
        """End the job as failed, without results; False when it had ended before."""
        return self._finish(job_id, status="failed", error=error)

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
        fields = [said for field in _FIELDS for said in (field, msgspec.json.encode(getattr(part, field)))]
        if self._create_part(keys=[keys.job(part.id), keys.ACTIVE_JOBS], args=[part.id, *fields]):
            self._queue.push("batch", part.owner, part.id)

    def _finish(self, job_id: str, **fields: object) -> bool:
        fields["finished_at"] = self._clock()
        changes = [part for name, value in fields.items() for part in (name, msgspec.json.encode(value))]
        whole, _, number = job_id.partition(PART_MARK)
        of_whole: list[bytes | str | int] = ["", "", "", "", 0]
        if number:
            result, people = self._outcome(job_id, fields)
            of_whole = [whole, keys.job_ended(whole), number, msgspec.json.encode(result), people]
        return bool(
            self._end(
                keys=[
                    *(keys.job(job_id), keys.job_activities(job_id), keys.ACTIVE_JOBS),
                    *(keys.job(whole), keys.job_parts(whole), keys.NOTIFYING_JOBS, keys.OUTBOX, keys.METRICS),
                    *(keys.WAITING_JOBS, keys.job_followers(keys.ANY)),
                ],
                args=[
                    *(job_id, self._life_s, keys.job_ended(job_id), *of_whole),
                    *(msgspec.json.encode(fields["finished_at"]), *changes),
                ],
            )
        )

    def _outcome(self, part_id: str, fields: Mapping[str, Any]) -> tuple[JobResult, int]:
        """Return what a part gives to the whole: its only result, and how many people it ranked."""
        results = fields.get("results")
        if results:
            return results[0], fields["progress"].people or 0
        part = self.find(part_id)
        topic = "" if part is None else part.request.topics[0].id
        return JobResult(account=None, topic=topic, problem=fields.get("error")), 0

    def _decode(self, fields: Mapping[Any, Any]) -> Job | None:
        if not fields:
            return None
        return self._decoder.decode(b"{%b}" % b",".join(b'"%b":%b' % field for field in fields.items()))
