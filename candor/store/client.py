"""Connections to Redis: patient for workers, quick to give up for the interface; and what a server must be."""

from __future__ import annotations

import zlib

from redis import Redis
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry

from candor.errors import OperatorError

OLDEST_REDIS = (6, 2)


def text(reply: object) -> str:
    """Return a reply as text. Raises TypeError when it is none."""
    return _raw(reply).decode()


def unpack(reply: object) -> bytes:
    """Return what was kept compressed. Raises TypeError when the reply is no string."""
    return zlib.decompress(_raw(reply))


def _raw(reply: object) -> bytes:
    if not isinstance(reply, bytes):
        raise TypeError(f"expected bytes from Redis, not {type(reply).__name__}")
    return reply


class UnfitServerError(OperatorError):
    """The server is too old, or may throw away what it was given."""


def connect(url: str, *, patient: bool) -> Redis:
    """Return a client for the URL (redis, rediss or unix); it connects at first use.

    A patient client rides out about half a minute without a server (measured: a Redis away for 8 s costs a worker
    nothing). The other gives up within three seconds, so that a caller gets an answer.
    """
    if patient:
        retry = Retry(ExponentialBackoff(cap=2, base=0.2), 20)
        return Redis.from_url(url, retry=retry, socket_connect_timeout=2, socket_timeout=15)
    retry = Retry(ExponentialBackoff(cap=0.5, base=0.1), 3, supported_errors=(RedisConnectionError,))
    return Redis.from_url(url, retry=retry, socket_connect_timeout=1, socket_timeout=2.5)


def check_server(redis: Redis) -> None:
    """Raise UnfitServerError unless the server is Redis 6.2 or newer (or Valkey) and never evicts.

    A hosted Redis may forbid CONFIG; INFO tells the policy as well.
    """
    server = redis.info("server")
    version = str(server["redis_version"])
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_REDIS:
        raise UnfitServerError(f"Redis {version} is too old: {'.'.join(map(str, OLDEST_REDIS))} or newer is needed")
    policy = redis.info("memory")["maxmemory_policy"]
    if policy != "noeviction":
        raise UnfitServerError(
            f"maxmemory-policy is {policy}: a full server would throw away jobs it has accepted. Set it to noeviction."
        )
