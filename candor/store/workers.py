"""Workers: who is alive, and which job each has in hand. A lease that is not renewed ends by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from candor.store import keys
from candor.store.replies import text

if TYPE_CHECKING:
    from redis import Redis

LEASE_S = 10
_FORGET_S = 3600
_ANNOUNCE = """
local now = tonumber(redis.call('TIME')[1])
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - tonumber(ARGV[2]))
"""
_HOLD = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[3])
redis.call('HSET', KEYS[2], 'job', ARGV[2], 'lease', KEYS[1])
redis.call('EXPIRE', KEYS[2], ARGV[3])
return 1
"""
_RENEW = """
local lease = redis.call('HGET', KEYS[1], 'lease')
if not lease or redis.call('GET', lease) ~= ARGV[1] then return false end
redis.call('EXPIRE', lease, ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[2])
return redis.call('HGET', KEYS[1], 'job')
"""
_RELEASE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
redis.call('DEL', KEYS[2])
"""


class Workers:
    """Presence and leases of all workers, by the server's clock."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._announce = redis.register_script(_ANNOUNCE)
        self._hold = redis.register_script(_HOLD)
        self._renew = redis.register_script(_RENEW)
        self._release = redis.register_script(_RELEASE)

    def announce(self, worker: str) -> None:
        """Say that the worker is alive; it counts as such for ten seconds."""
        self._announce(keys=[keys.WORKERS], args=[worker, _FORGET_S])

    def leave(self, worker: str) -> None:
        """Forget the worker."""
        self._redis.zrem(keys.WORKERS, worker)

    def alive(self) -> set[str]:
        """Return the workers heard of within ten seconds."""
        now_s, _ = self._redis.time()
        return {text(raw) for raw in self._redis.zrangebyscore(keys.WORKERS, now_s - LEASE_S, "+inf")}

    def hold(self, worker: str, job_id: str) -> bool:
        """Take the lease on a job, or take it again, for ten seconds; False when another worker has it."""
        held = self._hold(keys=[keys.job_lease(job_id), keys.held_by(worker)], args=[worker, job_id, LEASE_S])
        return bool(held)

    def renew(self, worker: str) -> str | None:
        """Prolong the worker's lease, if it has one; returns the job it is on."""
        job_id = self._renew(keys=[keys.held_by(worker)], args=[worker, LEASE_S])
        return None if job_id is None else text(job_id)

    def release(self, worker: str, job_id: str) -> None:
        """Give the lease up, if it is this worker's."""
        self._release(keys=[keys.job_lease(job_id), keys.held_by(worker)], args=[worker])

    def held_by(self, worker: str) -> str | None:
        """Return the job that the worker has in hand."""
        raw = self._redis.hget(keys.held_by(worker), "job")
        return None if raw is None else text(raw)
