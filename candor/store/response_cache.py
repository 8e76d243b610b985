"""Response cache: what networks answered lately, kept for a while so that nobody is asked the same thing twice."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from redis.exceptions import OutOfMemoryError

from candor.store import redis_keys
from candor.store.client import DamagedValueError, pack, text, unpack

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from redis import Redis

    from candor.scoring.redaction import DataSubject
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
_PUT = """
if (redis.call('GET', KEYS[4]) or '0') ~= ARGV[7] then return end -- whoever was suppressed since may be in it
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
_FORGET = "for i = 2, #ARGV do drop(ARGV[i]) end"


class CachedResponse(msgspec.Struct, frozen=True, kw_only=True):
    """A good response as it came: where from, which headers matter later, the body, and when it was last known true."""

    url: str
    status: int
    headers: dict[str, str]
    body: bytes
    fetched_at: datetime

    def names(self, subject: DataSubject) -> bool:
        """Tell whether it may speak of the person; wrong only in saying yes."""
        return subject.may_occur_in(self.body) or subject.occurs_in(self.url)


class ResponseCache:
    """Responses by the digest of their request. Each ends `response_cache_days` after it was fetched or confirmed.

    Together they take 64 MiB at most, compressed: beyond that the oldest go first. What is over 1 MiB is not kept, nor
    anything while Redis is full.
    """

    def __init__(self, redis: Redis, retention: Retention, most_bytes: int = MOST_BYTES) -> None:
        self._redis = redis
        self._life_ms = retention.response_cache_days * DAY_MS
        self._most_bytes = most_bytes
        self._decoder = msgspec.msgpack.Decoder(CachedResponse)
        self._put = redis.register_script(_DROP + _PUT)
        self._forget = redis.register_script(_DROP + _FORGET)
        self._index = [redis_keys.CACHED_RESPONSES, redis_keys.CACHED_RESPONSE_SIZES, redis_keys.CACHED_RESPONSE_BYTES]

    def get(self, key: str) -> CachedResponse | None:
        """Return the response, or None."""
        raw = self._redis.get(redis_keys.CACHED_RESPONSE + key)
        try:
            return None if raw is None else self._decoder.decode(unpack(raw))
        except DamagedValueError:
            return None

    def fence(self) -> str:
        """Return what is another once somebody was suppressed: take it before asking, for `put`."""
        return text(self._redis.get(redis_keys.SUPPRESSIONS) or b"0")

    def put(self, key: str, response: CachedResponse, fence: str) -> None:
        """Keep the response, in place of an older one; not when somebody was suppressed since the fence was taken."""
        value = pack(msgspec.msgpack.encode(response))
        if self._life_ms <= 0 or len(value) > min(LARGEST_BYTES, self._most_bytes):
            return
        now_ms = round(response.fetched_at.timestamp() * 1000)
        try:
            self._put(
                keys=[*self._index, redis_keys.SUPPRESSIONS],
                args=[redis_keys.CACHED_RESPONSE, key, value, now_ms, self._life_ms, self._most_bytes, fence],
            )
        except OutOfMemoryError:
            log.warning("Redis is full: a response is not kept")

    def keys(self) -> list[str]:
        """Return the keys of all that is kept."""
        return [text(raw) for raw in self._redis.zrange(redis_keys.CACHED_RESPONSES, 0, -1)]

    def forget(self, keys: Iterable[str]) -> None:
        """Keep these no longer."""
        if wanted := list(keys):
            self._forget(keys=self._index, args=[redis_keys.CACHED_RESPONSE, *wanted])

    def kept_of(self, subject: DataSubject, _owner: str | None) -> Iterator[dict[str, Any]]:
        """Yield the responses that name the person, whoever had asked."""
        for key in self.keys():
            response = self.get(key)
            if response is not None and response.names(subject):
                yield {"at": key, "url": response.url, "fetched_at": response.fetched_at}

    def erase(self, subject: DataSubject, _owner: str | None) -> Mapping[str, int]:
        """Forget every response, whoever had asked; of a `custom:` network nothing is ever fetched."""
        keys = [] if subject.network.startswith("custom:") else self.keys()
        self.forget(keys)
        return {"cached_responses": len(keys)}
