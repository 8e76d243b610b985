"""Jobs: saved before they are queued, changed in single steps, never changed once ended."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

import msgspec

from candor.store import redis_keys
from candor.store.client import SEAL, DamagedValueError, newest_ids, pack, seal, unpack, unseal, words_of
from candor.store.job_problems import RECORD_DAMAGED
from candor.store.job_roots import RELEASE_ROOT
from candor.store.metrics import metric_field
from candor.store.models import DAY_S, PART_MARK, Job, JobResult, Outcome, Problem, Progress, Retention
from candor.store.started import Brought, Started
from candor.store.suppression import SUPPRESSION_LISTS
from candor.store.workers import GUARD, run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from redis import Redis

    from candor.scoring.trust_root import TrustRoot
    from candor.store.job_roots import JobRoots
    from candor.store.queue import JobQueue


log = logging.getLogger(__name__)

_ENDED = {b'"succeeded"', b'"failed"', b'"canceled"'}
_NOT_READ = f"[==[{msgspec.json.encode(JobResult(account=None, topic='', problem=RECORD_DAMAGED)).decode()}]==]"

PART_RESULT = "result:"
"""Stands before the number of a part, where a job keeps what its parts came to until the last has ended."""

ATTEMPTED = f"""
{SEAL}
local function attempted(job, times)
  local attempts = unsealed(redis.call('HGET', job, 'attempts'))
  if not attempts then return 0 end
  redis.call('HSET', job, 'attempts', seal(string.format('%d', attempts + times)))
  return attempts + times
end
"""
"""Counts attempts of a job up or down, and returns how many there were; 0 where the count is damaged."""

IS_OPEN = f"""
{ATTEMPTED}
local function is_open()
  local status = redis.call('HGET', KEYS[1], 'status')
  return status == '"queued"' or status == '"running"'
end
"""

CREATE = """
local there = redis.call('HGETALL', KEYS[1])
if #there > 0 then return there end
local root = KEYS[2]
local is_whole = redis.call('HEXISTS', root, 'root') == 1 and redis.call('HEXISTS', root, 'redacted') == 0
if root ~= '' and not is_whole then return false end
local at = 1
while at < #ARGV do
  local last = at + ARGV[at]
  redis.call(unpack(ARGV, at + 1, last))
  at = last + 1
end
return {}
"""
"""Runs commands unless the job is there, whose fields and values it returns in turn, or its root is not: then nil.

KEYS: job, root or empty. ARGV: commands, each behind the number of its words.
"""

START = """
if not is_open() then return {} end
redis.call('HSET', KEYS[1], 'status', '"running"')
if redis.call('HGET', KEYS[1], 'started_at') == seal('null') then redis.call('HSET', KEYS[1], 'started_at', ARGV[1]) end
attempted(KEYS[1], 1)
local fields, activities = redis.call('HGETALL', KEYS[1]), redis.call('GET', KEYS[2])
if not activities then return {fields} end
local root = redis.call('HGET', KEYS[1], 'root')
root = root and redis.call('HGET', string.sub(root, 2, -2), 'root')
return {fields, activities, root, redis.call('EXISTS', KEYS[3], KEYS[4]), redis.call('EXISTS', KEYS[5], KEYS[6])}
"""
"""KEYS: job, its activities, both lists of who is suppressed, the owner's disputes and kinds of accounts. ARGV: time.

Returns the job's fields and values in turn, and what `Brought` has where it brings activities; nothing when it has
ended.
"""

REPORT = """
if not is_open() then return 0 end
redis.call('HSET', KEYS[1], 'progress', ARGV[1])
return 1
"""
"""KEYS: job. ARGV: progress. Returns 0 when the job has ended."""

END = f"local NOT_READ, PART_RESULT = {_NOT_READ}, '{PART_RESULT}'"
END += """
if not is_open() then return 0 end
local function wake(job)
  local followers = string.gsub(KEYS[10], 'ID', job)
  for _, id in ipairs(redis.call('SMEMBERS', followers)) do redis.call('ZADD', KEYS[9], 'XX', 0, id) end
  redis.call('DEL', followers)
end
local function count(job)
  local status = redis.call('HGET', job, 'status')
  redis.call('HINCRBYFLOAT', KEYS[8], '["candor_jobs_ended_total",[["status",' .. status .. ']]]', 1)
end
redis.call('HSET', KEYS[1], unpack(ARGV, 10, #ARGV - 1))
redis.call('EXPIRE', KEYS[1], ARGV[2])
redis.call('DEL', KEYS[2])
redis.call('SREM', KEYS[3], ARGV[1])
redis.call('SMOVE', KEYS[6], KEYS[7], ARGV[1])
redis.call('PUBLISH', ARGV[3], ARGV[1])
wake(ARGV[1])
release_root(KEYS[1])
local whole = ARGV[4]
if whole == '' then count(KEYS[1]) end
local status = whole ~= '' and redis.call('HGET', KEYS[4], 'status')
if status ~= '"queued"' and status ~= '"running"' then return 1 end
local parts = KEYS[5]
redis.call('HSET', parts, PART_RESULT .. ARGV[6], seal(ARGV[7]))
local made = redis.call('HINCRBY', parts, 'made', string.find(ARGV[7], '"board_id":"', 1, true) and 1 or 0)
local people = redis.call('HINCRBY', parts, 'people', ARGV[8])
local total = tonumber(redis.call('HGET', parts, 'total'))
local results = {}
for number = 0, total - 1 do
  local result = redis.call('HGET', parts, PART_RESULT .. number)
  if result then results[#results + 1] = unsealed(result) or NOT_READ end
end
local progress = '{"done":%d,"total":%d,"stage":"%s","people":%d}'
local last = #results == total
progress = string.format(progress, #results, total, last and 'done' or 'scoring', people)
redis.call('HSET', KEYS[4], 'progress', seal(progress))
if not last then return 1 end
redis.call('HSET', KEYS[4], 'results', seal('[' .. table.concat(results, ',') .. ']'), 'finished_at', ARGV[9],
  'status', made > 0 and '"succeeded"' or '"failed"')
if made == 0 then redis.call('HSET', KEYS[4], 'error', seal(cjson.encode(cjson.decode(results[1]).problem))) end
count(KEYS[4])
redis.call('EXPIRE', KEYS[4], ARGV[2])
redis.call('DEL', parts)
redis.call('SREM', KEYS[3], whole)
redis.call('SMOVE', KEYS[6], KEYS[7], whole)
redis.call('PUBLISH', ARGV[5], whole)
wake(whole)
release_root(KEYS[4])
return 1
"""
"""Ends a job; the last part to end also ends the whole, in the same step. A job with a webhook goes into the outbox.

Counts a job, not its parts. KEYS: job, activities, active jobs, whole job, its parts, jobs with a webhook, outbox,
metrics, waiting jobs, the name of any job's followers. ARGV: id, life in seconds, channel; of a part the whole's id
(else empty), its channel, the part's number, its result, people ranked; time; then fields and values. Returns 1 once.
"""

FIELDS = Job.__struct_fields__
STATUS = "status"
_DECODERS = {each.name: msgspec.json.Decoder(each.type) for each in msgspec.structs.fields(Job)}


def part_id(job_id: str, number: int) -> str:
    """Return the id of a part of a job."""
    return f"{job_id}{PART_MARK}{number}"


class Jobs:
    """The job records of all owners. Each job is a hash of Job's fields, each sealed but its status."""

    def __init__(
        self,
        redis: Redis,
        queue: JobQueue,
        roots: JobRoots,
        retention: Retention,
        clock: Callable[[], datetime],
    ) -> None:
        self._redis = redis
        self._queue = queue
        self._roots = roots
        self._life_s = retention.jobs_days * DAY_S
        self._clock = clock
        self._create = redis.register_script(CREATE)
        self._start = redis.register_script(IS_OPEN + START)
        self._report = redis.register_script(GUARD + IS_OPEN + REPORT)
        self._end = redis.register_script(GUARD + IS_OPEN + RELEASE_ROOT + END)

    def create(self, job: Job, activities: bytes | None = None, root: TrustRoot | None = None) -> Job:
        """Save and enqueue the job with its inline activities (NDJSON) and its trust root, in one step.

        Returns the job, or the one that has this id already, unchanged.
        """
        save = self._saving(job, activities)
        key, root_key = redis_keys.job(job.id), "" if root is None else self._roots.key_of(job)
        there = self._create(keys=[key, root_key], args=save)
        if there is None and root is not None:
            there = self._create(keys=[key, ""], args=[*self._roots.writing(root_key, root), *save])
        return _read(dict(zip(there[::2], there[1::2], strict=True))) or job

    def _saving(self, job: Job, activities: bytes | None) -> list[Any]:
        """Return what saves and enqueues the job, for CREATE."""
        key, index, born_s = redis_keys.job(job.id), redis_keys.jobs_of(job.owner), job.created_at.timestamp()
        with self._redis.pipeline() as pipe:
            pipe.multi()
            pipe.hset(key, mapping=dict(job_fields(job)))
            if activities is not None:
                pipe.set(redis_keys.job_activities(job.id), pack(activities))
            self._roots.keep(pipe, job)
            pipe.sadd(redis_keys.ACTIVE_JOBS, job.id)
            if job.request.webhook is not None:
                pipe.sadd(redis_keys.NOTIFYING_JOBS, job.id)
            pipe.zadd(index, {job.id: born_s})
            pipe.zremrangebyscore(index, "-inf", born_s - 2 * self._life_s)
            pipe.expire(index, 2 * self._life_s)
            pipe.hincrbyfloat(redis_keys.METRICS, metric_field("candor_jobs_created_total"), 1)
            self._queue.push_new(pipe, job.request.queue, job.owner, job.id)
            return words_of(pipe)

    def get(self, owner: str, job_id: str) -> Job | None:
        """Return the owner's job, or None."""
        job = self.find(job_id)
        return job if job is not None and job.owner == owner else None

    def find(self, job_id: str) -> Job | None:
        """Return the job, whoever owns it, or None. Raises DamagedValueError."""
        return _read(self._redis.hgetall(redis_keys.job(job_id)))

    def list(self, owner: str, *, cursor: str | None = None, limit: int = 20) -> tuple[list[Job], str | None]:
        """Return a page of the owner's jobs, newest first, and the cursor of the next page. Raises UnknownCursorError.

        A page can be shorter than `limit` when jobs have reached the end of their time, or are damaged.
        """
        ids, following = newest_ids(self._redis, redis_keys.jobs_of(owner), cursor, limit)
        with self._redis.pipeline(transaction=False) as pipe:
            for job_id in ids:
                pipe.hgetall(redis_keys.job(job_id))
            kept = pipe.execute()
        jobs = []
        for job_id, raw in zip(ids, kept, strict=True):
            try:
                jobs.append(_read(raw))
            except DamagedValueError:
                log.exception("stored value damaged: job %s", job_id)
        return [job for job in jobs if job is not None], following

    def count_open(self) -> int:
        """Count the jobs of all owners that have not ended, parts included."""
        return self._redis.scard(redis_keys.ACTIVE_JOBS)

    def activities(self, job: Job) -> bytes:
        """Return the job's inline activities (NDJSON). Raises LookupError: they are kept until the job ends."""
        raw = self._redis.get(redis_keys.job_activities(job.id))
        if raw is None:
            raise LookupError(f"the activities of job {job.id} are gone")
        return unpack(raw)

    def trust_root(self, job: Job) -> TrustRoot:
        """Return whom the job trusts. Raises LookupError: that is kept until the job ends."""
        return self._roots.get(job.owner, job.request.trust_root)

    def wait(self, owner: str, job_id: str, timeout_s: float) -> Job | None:
        """Return the job as soon as it has ended, or as it is after `timeout_s`."""
        deadline = time.monotonic() + timeout_s
        with self._redis.pubsub(ignore_subscribe_messages=True) as ended:  # type: ignore[no-untyped-call]
            ended.subscribe(redis_keys.job_ended(job_id))
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

    def start(self, owner: str, job_id: str) -> Started | None:
        """Mark the job of an owner as running, counting the attempt; None when it has ended or is unknown.

        Raises DamagedValueError.
        """
        keys = [redis_keys.job(job_id), redis_keys.job_activities(job_id), *SUPPRESSION_LISTS]
        keys += redis_keys.disputes_of(owner), redis_keys.account_kinds(owner)
        fields, *brought = self._start(keys=keys, args=[seal(self._clock())]) or [[]]
        job = _read(dict(zip(fields[::2], fields[1::2], strict=True)))
        return None if job is None else Started(job, Brought(*brought) if brought else None)

    def report(self, job_id: str, progress: Progress) -> bool:
        """Save the progress; False when the job has ended, so that its worker can stop."""
        return bool(run(self._report, [redis_keys.job(job_id)], [seal(progress)]))

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

    def end_damaged(self, job_id: str) -> None:
        """End a job of which nobody can tell what it is: it is in nobody's way any more, and goes when others do."""
        log.error("stored value damaged: job %s", job_id)
        key = redis_keys.job(job_id)
        if self._redis.hget(key, STATUS) not in _ENDED:
            self._redis.hset(key, STATUS, msgspec.json.encode("running"))
            self.fail(job_id, RECORD_DAMAGED)

    def _finish(self, job_id: str, **fields: object) -> bool:
        fields["finished_at"] = self._clock()
        changes = [part for name, value in fields.items() for part in (name, _written(name, value))]
        whole, _, number = job_id.partition(PART_MARK)
        of_whole: list[bytes | str | int] = ["", "", "", "", 0]
        if number:
            result, people = self._outcome(job_id, fields)
            of_whole = [whole, redis_keys.job_ended(whole), number, msgspec.json.encode(result), people]
        ended = run(
            self._end,
            [
                *(redis_keys.job(job_id), redis_keys.job_activities(job_id), redis_keys.ACTIVE_JOBS),
                *(
                    redis_keys.job(whole),
                    redis_keys.job_parts(whole),
                    redis_keys.NOTIFYING_JOBS,
                    redis_keys.OUTBOX,
                    redis_keys.METRICS,
                ),
                *(redis_keys.WAITING_JOBS, redis_keys.job_followers(redis_keys.ANY)),
            ],
            [
                *(job_id, self._life_s, redis_keys.job_ended(job_id), *of_whole),
                *(seal(fields["finished_at"]), *changes),
            ],
        )
        return bool(ended)

    def _outcome(self, part_id: str, fields: Mapping[str, Any]) -> tuple[JobResult, int]:
        """Return what a part gives to the whole: its only result, and how many people it ranked."""
        results = fields.get("results")
        if results:
            return results[0], fields["progress"].people or 0
        try:
            part = self.find(part_id)
        except DamagedValueError:
            part = None
        topic = "" if part is None else part.request.topics[0].id
        return JobResult(account=None, topic=topic, problem=fields.get("error")), 0


def job_fields(job: Job) -> list[tuple[str, bytes]]:
    """Return the fields of a job as they are kept."""
    return [(name, _written(name, getattr(job, name))) for name in FIELDS]


def _written(name: str, value: object) -> bytes:
    return msgspec.json.encode(value) if name == STATUS else seal(value)


def _read(fields: Mapping[Any, Any]) -> Job | None:
    """Return a job from its fields as they are kept, None where there are none. Raises DamagedValueError."""
    if not fields:
        return None
    try:
        said = {name: fields[name.encode()] for name in FIELDS}
        status = _DECODERS[STATUS].decode(said.pop(STATUS))
    except (KeyError, UnicodeDecodeError, msgspec.MsgspecError) as error:
        raise DamagedValueError("the record of a job is not as it was written") from error
    return Job(status=status, **{name: unseal(raw, _DECODERS[name]) for name, raw in said.items()})
