"""Lease: what a worker writes of the job in hand is kept only while the job is still in its hands."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from redis.exceptions import RedisError, WatchError

from candor.store import redis_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from redis import Redis
    from redis.client import Pipeline
    from redis.commands.core import Script


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
