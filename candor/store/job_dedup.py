"""Job deduplication: of equal jobs of one owner that are open at once, one does the work and the others wait for it.

Each stays a job of its own, with its own id, its own end and its own cancellation. Whoever begins first works; another
that begins meanwhile is put off until that one has ended, and then has its results, or, if there are none, works
itself. Should the first never say that it has ended, the others look again by themselves.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from candor.store import redis_keys
from candor.store.client import seal, text
from candor.store.jobs import ATTEMPTED
from candor.store.models import DAY_S

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from redis import Redis

    from candor.store.jobs import Jobs
    from candor.store.models import Job, JobRequest

CLAIM = f"""
{ATTEMPTED}
"""
CLAIM += """
local function named(name, id) return (string.gsub(name, ARGV[4], id)) end
local function is_open(job)
  local status = redis.call('HGET', job, 'status')
  return status == '"queued"' or status == '"running"', status
end
local work = KEYS[1] .. '.' .. (redis.call('GET', KEYS[4]) or '0')
local other = redis.call('GET', work)
if other and other ~= ARGV[1] then
  local open, status = is_open(named(ARGV[2], other))
  if open then
    if not is_open(KEYS[2]) then return {'waits', other} end
    local followers = named(ARGV[3], other)
    redis.call('SADD', followers, ARGV[1])
    redis.call('EXPIRE', followers, ARGV[5])
    redis.call('HSET', KEYS[2], 'status', '"queued"', 'progress', ARGV[7])
    attempted(KEYS[2], -1)
    redis.call('ZADD', KEYS[3], ARGV[8], ARGV[1])
    return {'waits', other}
  end
  if status == '"succeeded"' and ARGV[6] == '0' then return {'done', other} end
end
redis.call('SET', work, ARGV[1], 'EX', ARGV[5])
return {'mine', ARGV[1]}
"""
"""Lets a job that has begun do the work of all that are equal to it, or wait for the one that does.

KEYS: work, job, waiting jobs, how often its owner decided about evidence: after that it is other work. ARGV: id; the
names of any job, of any job's followers, and what stands in them for the id; life in seconds; 1 to do again what was
done; progress, until when (s since 1970). Returns what is so, and whose job does the work.
"""

LOOK_AGAIN = timedelta(seconds=30)


def dedup_key(owner: str, request: JobRequest, activities: bytes | None, *, dated: bool) -> str:
    """Return a digest that equal jobs of one owner share; where no `as_of` was named it is now, for all of them."""
    asked = replace(request, webhook=None)
    said = msgspec.to_builtins(asked) | ({} if dated else {"as_of": None})
    records = hashlib.sha256(activities or b"").hexdigest()
    return hashlib.sha256(msgspec.json.encode([owner, said, records])).hexdigest()


class JobDedup:
    """Says for each job that begins whether its work is being done, or was done, by an equal one."""

    def __init__(self, redis: Redis, jobs: Jobs, clock: Callable[[], datetime]) -> None:
        self._redis = redis
        self._jobs = jobs
        self._clock = clock
        self._claim = redis.register_script(CLAIM)

    def claim(self, job: Job) -> bool:
        """Return whether the job is to do its work; else it waits for an equal one, or has ended like one."""
        if job.dedup_key is None:
            return True
        state, other = self._ask(job, insist=False)
        if state == "done":
            earlier = self._jobs.find(other)
            if earlier is not None and earlier.finished_at is not None and earlier.finished_at >= job.created_at:
                self._jobs.finish(job.id, "succeeded", earlier.results, progress=earlier.progress)
                return False
            state, _ = self._ask(job, insist=True)
        return state == "mine"

    def _ask(self, job: Job, *, insist: bool) -> tuple[str, str]:
        until = self._clock() + LOOK_AGAIN
        waiting = replace(job.progress, stage="waiting", until=until, waits_for="an equal job of yours")
        names = [redis_keys.job(redis_keys.ANY), redis_keys.job_followers(redis_keys.ANY), redis_keys.ANY]
        state, other = self._claim(
            keys=[
                redis_keys.job_dedup(str(job.dedup_key)),
                redis_keys.job(job.id),
                redis_keys.WAITING_JOBS,
                redis_keys.decisions(job.owner),
            ],
            args=[job.id, *names, DAY_S, int(insist), seal(waiting), until.timestamp()],
        )
        return text(state), text(other)
