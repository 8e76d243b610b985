"""Metrics: what all processes have counted, added up, and how long jobs have been waiting."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

import msgspec
from redis.exceptions import RedisError, ResponseError

from candor.store import redis_keys
from candor.store.client import unseal
from candor.store.queue import QUEUE_NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from redis import Redis

    from candor.store.models import QueueName
    from candor.store.queue import JobQueue

log = logging.getLogger(__name__)

_TIME = msgspec.json.Decoder(datetime)
Sample: TypeAlias = tuple[str, tuple[tuple[str, str], ...]]


def metric_field(name: str, labels: tuple[tuple[str, str], ...] = ()) -> str:
    """Return the field under which a sample is kept."""
    return msgspec.json.encode((name, labels)).decode()


class QueueState(msgspec.Struct, frozen=True, kw_only=True):
    """How many jobs wait in a queue, and how long ago the one at its head was asked for; 0 when none waits."""

    depth: int
    oldest_s: float


class ServerState(msgspec.Struct, frozen=True, kw_only=True):
    """Memory that Redis uses, and its limit (0: none), in bytes."""

    used_bytes: int
    limit_bytes: int


class Metrics:
    """Sums by sample: a name and its labels. They outlive every process."""

    def __init__(self, redis: Redis, queue: JobQueue, clock: Callable[[], datetime]) -> None:
        self._redis = redis
        self._queue = queue
        self._clock = clock

    def add(self, counts: Mapping[Sample, float]) -> None:
        """Add what a process has counted."""
        with self._redis.pipeline() as pipe:
            for sample, by in counts.items():
                pipe.hincrbyfloat(redis_keys.METRICS, metric_field(*sample), by)
            added = pipe.execute(raise_on_error=False)
        for (sample, by), sum_or_error in zip(counts.items(), added, strict=True):
            if isinstance(sum_or_error, ResponseError) and self._is_damaged(sample):
                self._redis.hset(redis_keys.METRICS, metric_field(*sample), str(by))
            elif isinstance(sum_or_error, RedisError):
                raise sum_or_error

    def sums(self) -> dict[Sample, float]:
        """Return everything counted. What is damaged is left out, and counted from nothing on."""
        sums: dict[Sample, float] = {}
        for field, value in self._redis.hgetall(redis_keys.METRICS).items():
            try:
                sums[msgspec.json.decode(field, type=Sample)] = float(value)
            except ValueError:
                log.warning("a count is damaged, and begins anew: %r", field)
        return sums

    def server(self) -> ServerState:
        """Return how full the server is."""
        memory = self._redis.info("memory")
        return ServerState(used_bytes=memory["used_memory"], limit_bytes=memory["maxmemory"])

    def queues(self) -> dict[str, QueueState]:
        """Return the state of each queue."""
        depths = self._queue.depths()
        return {name: QueueState(depth=depths[name], oldest_s=self._age_s(name)) for name in QUEUE_NAMES}

    def _is_damaged(self, sample: Sample) -> bool:
        try:
            float(self._redis.hget(redis_keys.METRICS, metric_field(*sample)) or b"0")
        except ValueError:
            return True
        return False

    def _age_s(self, queue: QueueName) -> float:
        job_id = self._queue.first(queue)
        born = None if job_id is None else self._redis.hget(redis_keys.job(job_id), "created_at")
        if born is None:
            return 0.0
        return max(0.0, (self._clock() - unseal(born, _TIME)).total_seconds())
