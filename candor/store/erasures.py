"""Erasures: asked for, queued, done, and kept for a while without a name as a receipt."""

from __future__ import annotations

import logging
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace
from redis.exceptions import RedisError

from candor.store import redis_keys
from candor.store.client import text
from candor.store.models import DAY_S, ErasureStatus, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from redis import Redis

    from candor.store.models import Retention
    from candor.store.queue import JobQueue
    from candor.store.suppression import Suppression

log = logging.getLogger(__name__)

FUNCTION = "worker.erasures.erase"
LOOK_AGAIN = timedelta(seconds=2)
MAX_ATTEMPTS = 3


class Erasure(msgspec.Struct, frozen=True, kw_only=True):
    """A person to be erased from everything of an owner, or (owner null) of everybody.

    `names` are gone once it has ended. `after_jobs` were running when it was asked for: what they write has to be
    looked through as well. `erased` counts what was changed, by kind.
    """

    id: str
    owner: str | None
    network: str
    names: tuple[str, ...]
    after_jobs: tuple[str, ...] = ()
    status: ErasureStatus = "queued"
    created_at: datetime
    finished_at: datetime | None = None
    erased: dict[str, int] = {}
    error: Problem | None = None
    attempts: int = 0

    @property
    def ended(self) -> bool:
        """Tell whether it will never change again."""
        return self.status in {"succeeded", "failed"}


class Erasures:
    """The erasures of all owners. One that was acknowledged is run until it ends, whoever dies meanwhile."""

    def __init__(
        self,
        redis: Redis,
        queue: JobQueue,
        suppression: Suppression,
        retention: Retention,
        clock: Callable[[], datetime],
    ) -> None:
        self._redis = redis
        self._queue = queue
        self._suppression = suppression
        self._life_s = retention.jobs_days * DAY_S
        self._clock = clock
        self._decoder = msgspec.json.Decoder(Erasure)

    def create(self, owner: str | None, network: str, account: str) -> Erasure:
        """Suppress the account, and note that it is to be erased."""
        self._suppression.add(network, [account])
        erasure = Erasure(
            id=f"er_{secrets.token_hex(12)}",
            owner=owner,
            network=network,
            names=(account,),
            after_jobs=self._running(),
            created_at=self._clock(),
        )
        with self._redis.pipeline() as pipe:
            pipe.set(redis_keys.erasure(erasure.id), msgspec.json.encode(erasure))
            pipe.zadd(redis_keys.ERASURES, {erasure.id: erasure.created_at.timestamp()})
            pipe.execute()
        try:
            self.push(erasure.id)
        except RedisError:
            log.warning("erasure %s is saved and waits for a sweep to queue it", erasure.id, exc_info=True)
        return erasure

    def get(self, owner: str, erasure_id: str) -> Erasure | None:
        """Return the owner's erasure, or None."""
        erasure = self.find(erasure_id)
        return erasure if erasure is not None and erasure.owner == owner else None

    def find(self, erasure_id: str) -> Erasure | None:
        """Return the erasure, whoever asked for it, or None."""
        raw = self._redis.get(redis_keys.erasure(erasure_id))
        return None if raw is None else self._decoder.decode(raw)

    def start(self, erasure_id: str) -> Erasure | None:
        """Mark it as running; None when it has ended."""
        erasure = self.find(erasure_id)
        if erasure is None or erasure.ended:
            return None
        return self._keep(replace(erasure, status="running", attempts=erasure.attempts + 1))

    def wait(self, erasure: Erasure, erased: Mapping[str, int]) -> Erasure:
        """Look again in two seconds: jobs are still running that may write the name. That is no attempt."""
        due = self._clock() + LOOK_AGAIN
        self._redis.zadd(redis_keys.ERASURES, {erasure.id: due.timestamp()})
        return self._keep(replace(erasure, erased=_sum(erasure.erased, erased), attempts=erasure.attempts - 1))

    def finish(self, erasure: Erasure, erased: Mapping[str, int]) -> Erasure:
        """End it: everything is done."""
        return self._end(replace(erasure, status="succeeded", erased=_sum(erasure.erased, erased)))

    def fail(self, erasure: Erasure, error: Problem) -> Erasure:
        """End it although something may be left. The account stays suppressed."""
        return self._end(replace(erasure, status="failed", error=error))

    def running(self, erasure: Erasure) -> bool:
        """Tell whether one of the jobs is still running that were when it was asked for."""
        return bool(set(erasure.after_jobs) & set(self._running()))

    def orphans(self) -> set[str]:
        """Return erasures that are due, wait in no queue and are in nobody's hands."""
        due = self._redis.zrangebyscore(redis_keys.ERASURES, "-inf", self._clock().timestamp())
        loose = sorted({text(raw) for raw in due} - self._queue.waiting())
        holders = self._redis.mget([redis_keys.job_lease(name) for name in loose]) if loose else []
        return {name for name, holder in zip(loose, holders, strict=True) if holder is None}

    def push(self, erasure_id: str) -> None:
        """Queue it, before everything else there."""
        erasure = self.find(erasure_id)
        if erasure is None or erasure.ended:
            self._redis.zrem(redis_keys.ERASURES, erasure_id)
        else:
            self._queue.push("batch", erasure.owner or "", erasure_id, at_front=True, function=FUNCTION)

    def _running(self) -> tuple[str, ...]:
        """Return the jobs that somebody has in hand."""
        active = sorted(text(raw) for raw in self._redis.smembers(redis_keys.ACTIVE_JOBS))
        holders = self._redis.mget([redis_keys.job_lease(job_id) for job_id in active]) if active else []
        return tuple(job_id for job_id, holder in zip(active, holders, strict=True) if holder is not None)

    def _keep(self, erasure: Erasure) -> Erasure:
        self._redis.set(redis_keys.erasure(erasure.id), msgspec.json.encode(erasure))
        return erasure

    def _end(self, erasure: Erasure) -> Erasure:
        ended = replace(erasure, names=(), after_jobs=(), finished_at=self._clock())
        with self._redis.pipeline() as pipe:
            pipe.set(redis_keys.erasure(ended.id), msgspec.json.encode(ended), ex=self._life_s)
            pipe.zrem(redis_keys.ERASURES, ended.id)
            pipe.execute()
        return ended


def _sum(before: Mapping[str, int], now: Mapping[str, int]) -> dict[str, int]:
    return {kind: before.get(kind, 0) + now.get(kind, 0) for kind in {**before, **now}}
