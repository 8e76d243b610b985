"""Answers: what networks said lately, kept for a while so that nobody is asked the same thing twice."""

from __future__ import annotations

import logging
import zlib
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from redis.exceptions import OutOfMemoryError

from candor.store import redis_keys
from candor.store.client import text, unpack

if TYPE_CHECKING:
    from collections.abc import Iterable

    from redis import Redis

    from candor.store.models import Retention

log = logging.getLogger(__name__)

DAY_MS = 86_400_000
MOST_BYTES = 64 * 2**20
LARGEST_BYTES = 2**20
_DROP = """
local function drop(id)
  local size = redis.call('HGET', KEYS[2], id)
  if size then redis.call('DECRBY', KEYS[3], size) end
  redis.call('HDEL', KEYS[2], id)
  redis.call('ZREM', KEYS[1], id)
  redis.call('DEL', ARGV[1] .. id)
end
"""
_PUT = (
    _DROP
    + """
redis.call('INCRBY', KEYS[3], 0) -- fails when Redis is full; later in a script nothing does
local id, value, now, life, most = ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
drop(id)
for _, old in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now - life, 'LIMIT', 0, 1000)) do drop(old) end
while tonumber(redis.call('GET', KEYS[3]) or '0') + #value > most do
  local oldest = redis.call('ZRANGE', KEYS[1], 0, 0)[1]
  if not oldest then break end
  drop(oldest)
end
redis.call('SET', ARGV[1] .. id, value, 'PX', ARGV[5])
redis.call('ZADD', KEYS[1], now, id)
redis.call('HSET', KEYS[2], id, #value)
redis.call('INCRBY', KEYS[3], #value)
"""
)
_FORGET = _DROP + "for i = 2, #ARGV do drop(ARGV[i]) end"


class KeptAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A good answer as it came: where from, which headers matter later, the body, and when it was last known true."""

    url: str
    status: int
    headers: dict[str, str]
    body: bytes
    fetched_at: datetime


class Answers:
    """Answers by the digest of their question. Each ends `answers_days` after it was fetched or confirmed.

    Together they take 64 MiB at most, compressed: beyond that the oldest go first. What is over 1 MiB is not kept, nor
    anything while Redis is full.
    """

    def __init__(self, redis: Redis, retention: Retention, most_bytes: int = MOST_BYTES) -> None:
        self._redis = redis
        self._life_ms = retention.answers_days * DAY_MS
        self._most_bytes = most_bytes
        self._decoder = msgspec.msgpack.Decoder(KeptAnswer)
        self._put = redis.register_script(_PUT)
        self._forget = redis.register_script(_FORGET)
        self._index = [redis_keys.ANSWERS, redis_keys.ANSWER_SIZES, redis_keys.ANSWER_BYTES]

    def get(self, answer_id: str) -> KeptAnswer | None:
        """Return the answer, or None."""
        raw = self._redis.get(redis_keys.ANSWER + answer_id)
        return None if raw is None else self._decoder.decode(unpack(raw))

    def put(self, answer_id: str, answer: KeptAnswer) -> None:
        """Keep the answer, in place of an older one."""
        value = zlib.compress(msgspec.msgpack.encode(answer), 1)
        if self._life_ms <= 0 or len(value) > min(LARGEST_BYTES, self._most_bytes):
            return
        now_ms = round(answer.fetched_at.timestamp() * 1000)
        try:
            self._put(
                keys=self._index, args=[redis_keys.ANSWER, answer_id, value, now_ms, self._life_ms, self._most_bytes]
            )
        except OutOfMemoryError:
            log.warning("Redis is full: an answer is not kept")

    def ids(self) -> list[str]:
        """Return the ids of all that is kept."""
        return [text(raw) for raw in self._redis.zrange(redis_keys.ANSWERS, 0, -1)]

    def forget(self, answer_ids: Iterable[str]) -> None:
        """Keep these no longer."""
        if wanted := list(answer_ids):
            self._forget(keys=self._index, args=[redis_keys.ANSWER, *wanted])
