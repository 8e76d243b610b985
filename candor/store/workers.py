"""Workers: who is alive, which job each has in hand until its lease ends, and which networks they can read."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
from redis.exceptions import RedisError, WatchError

from candor.store import redis_keys
from candor.store.client import DamagedValueError, seal, text, unseal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from redis import Redis
    from redis.client import Pipeline
    from redis.commands.core import Script


_FORGET_S = 3600
_HEARTBEAT = """
local now = tonumber(redis.call('TIME')[1])
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - tonumber(ARGV[2]))
"""
_HOLD = """
local holder = redis.call('GET', KEYS[1])
local version = redis.call('GET', KEYS[3]) or '0'
if holder and holder ~= ARGV[1] then return false end
if not holder and ARGV[4] ~= '' and version ~= ARGV[4] then return false end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[3])
redis.call('HSET', KEYS[2], 'job', ARGV[2], 'lease', KEYS[1])
redis.call('EXPIRE', KEYS[2], ARGV[3])
return version
"""
"""Returns how often the list of who is suppressed has changed, nothing where another has the lease."""
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
        self._heartbeat = redis.register_script(_HEARTBEAT)
        self._hold = redis.register_script(_HOLD)
        self._renew = redis.register_script(_RENEW)
        self._release = redis.register_script(_RELEASE)

    def heartbeat(self, worker: str) -> None:
        """Say that the worker is alive; it counts as such for ten seconds."""
        self._heartbeat(keys=[redis_keys.WORKERS], args=[worker, _FORGET_S])

    def leave(self, worker: str) -> None:
        """Forget the worker."""
        self._redis.zrem(redis_keys.WORKERS, worker)

    def alive(self) -> set[str]:
        """Return the workers heard of within ten seconds, and not before the clock was put back."""
        now_s, _ = self._redis.time()
        heard = self._redis.zrangebyscore(redis_keys.WORKERS, now_s - LEASE_S, now_s + LEASE_S)
        return {text(raw) for raw in heard}

    def hold(self, worker: str, job_id: str, since: int | None = None) -> bool:
        """Take the lease on a job, or take it again, for ten seconds; False when another worker has it.

        One that ended is not taken again when somebody was suppressed since the `since`th change of that list: an
        erasure that waits for leases may be over, and the job has read who was erased.
        """
        return self._held(worker, job_id, since) is not None

    def _held(self, worker: str, job_id: str, since: int | None = None) -> int | None:
        """Take the lease and return how often the list of who is suppressed has changed; None where it is not had."""
        version = self._hold(
            keys=[redis_keys.job_lease(job_id), redis_keys.held_by(worker), redis_keys.SUPPRESSIONS],
            args=[worker, job_id, LEASE_S, "" if since is None else since],
        )
        return None if version is None else int(version)

    def lease(self, worker: str, job_id: str) -> Lease | None:
        """Take the lease on a job for what is to be written of it; None when another worker has it."""
        since = self._held(worker, job_id)
        if since is None:
            return None
        return Lease(redis_keys.job_lease(job_id), worker, partial(self.hold, worker, job_id, since))

    def renew(self, worker: str) -> str | None:
        """Prolong the worker's lease, if it has one; returns the job it is on."""
        job_id = self._renew(keys=[redis_keys.held_by(worker)], args=[worker, LEASE_S])
        return None if job_id is None else text(job_id)

    def release(self, worker: str, job_id: str) -> None:
        """Give the lease up, if it is this worker's."""
        self._release(keys=[redis_keys.job_lease(job_id), redis_keys.held_by(worker)], args=[worker])

    def held_by(self, worker: str) -> str | None:
        """Return the job that the worker has in hand."""
        raw = self._redis.hget(redis_keys.held_by(worker), "job")
        return None if raw is None else text(raw)


class ConnectorFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is published about a connector.

    `family` is the network's name before the colon, `profile` its weights. `terms` says under whose terms the service
    is asked, `limits` how fast; `consent` lists what we take for a no; `unseen` says by a short name what cannot be
    seen there, and why: unknown, not zero. `operator_adds` says what a token of the operator's opens, `tried` against
    what the connector has been tried, where that is less than the real network.
    """

    family: str
    profile: str
    terms: str
    limits: str
    consent: tuple[str, ...]
    unseen: dict[str, str]
    operator_adds: str | None = None
    tried: str | None = None


class Connectors:
    """The facts of all connectors, as the launcher that started last said them."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._decoder = msgspec.json.Decoder(tuple[ConnectorFacts, ...])

    def publish(self, facts: Iterable[ConnectorFacts]) -> None:
        """Say what workers can read."""
        self._redis.set(redis_keys.CONNECTORS, seal(tuple(facts)))

    def all(self) -> tuple[ConnectorFacts, ...]:
        """Return the facts of every connector; nothing where no launcher has ever run, or what one said is damaged."""
        raw = self._redis.get(redis_keys.CONNECTORS)
        try:
            return () if raw is None else unseal(raw, self._decoder)
        except DamagedValueError:
            return ()

    def of(self, network: str) -> ConnectorFacts | None:
        """Return the facts of the connector that reads a network, or None where its records must be brought."""
        family = network.partition(":")[0]
        return next((facts for facts in self.all() if facts.family == family), None)


LEASE_S = 10
GUARD = """
if ARGV[#ARGV] ~= '' and redis.call('GET', KEYS[#KEYS]) ~= ARGV[#ARGV] then return 'lease lost' end
"""
"""Begins a script for `run`, of which the last key is a lease and the last argument whose it has to be."""
_LOST = b"lease lost"


class LeaseLostError(RedisError):
    """The job is no longer in the worker's hands, and somebody was suppressed since; it goes back by itself."""


@dataclass(frozen=True)
class Lease:
    """A worker's lease on a job, under a key; `hold` takes it again where it has ended and nobody was suppressed."""

    key: str
    worker: str
    hold: Callable[[], bool]

    def watch(self, pipe: Pipeline) -> None:
        """Let what is put into `pipe` from here on happen only while the lease holds. Raises LeaseLostError."""
        pipe.watch(self.key)  # type: ignore[no-untyped-call] # redis has no types here
        if pipe.get(self.key) != self.worker.encode():
            if not self.hold():
                raise LeaseLostError(self.key)
            raise WatchError(self.key)
        pipe.multi()


HELD: ContextVar[Lease | None] = ContextVar("lease", default=None)
"""The lease on the job that this process works on; None outside of a worker."""


def holders(redis: Redis, names: Sequence[str]) -> list[bytes | None]:
    """Return the worker that has each job, erasure or reading in hand, or None.

    A lease that would last longer than leases do is of a time when the clock was ahead: it ends as others do.
    """
    with redis.pipeline(transaction=False) as pipe:
        for name in names:
            pipe.get(redis_keys.job_lease(name))
            pipe.ttl(redis_keys.job_lease(name))
        found = pipe.execute()
    for name, left_s in zip(names, found[1::2], strict=True):
        if left_s > LEASE_S:
            redis.expire(redis_keys.job_lease(name), LEASE_S)
    return found[::2]


def write(redis: Redis, put: Callable[[Pipeline], None]) -> list[Any]:
    """Do in one step what `put` puts into a pipeline; nothing when the lease on the job in hand is lost.

    A worker that stood still past its lease knows nothing of an erasure that ended meanwhile. Raises LeaseLostError.
    """
    while True:
        try:
            with redis.pipeline() as pipe:
                if (lease := HELD.get()) is not None:
                    lease.watch(pipe)
                put(pipe)
                return pipe.execute()
        except WatchError:
            if lease is None:
                raise


def run(script: Script, keys: Sequence[str], args: Sequence[Any]) -> Any:  # noqa: ANN401 # whatever the script returns
    """Do what `write` does, by a script that begins with GUARD: in one round trip. Raises LeaseLostError."""
    lease = HELD.get()
    key, worker = ("", "") if lease is None else (lease.key, lease.worker)
    while (reply := script(keys=[*keys, key], args=[*args, worker])) == _LOST and lease is not None:
        if not lease.hold():
            raise LeaseLostError(lease.key)
    return reply
