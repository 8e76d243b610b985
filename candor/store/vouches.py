"""Vouches seen in jobs, owner by owner, so that standing flows further the more a service is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from candor.store import redis_keys
from candor.store.client import keys_like, text
from candor.store.models import DAY_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from redis import Redis

    from candor.scoring.redaction import DataSubject
    from candor.scoring.vouches import Vouch
    from candor.store.models import Retention

MOST_PAIRS = 200_000
_KEEP = """
for i = 3, #ARGV, 2 do
  redis.call('ZADD', KEYS[1], 'GT', ARGV[i + 1], ARGV[i])
  redis.call('ZADD', KEYS[2], ARGV[1], ARGV[i])
end
redis.call('EXPIRE', KEYS[1], ARGV[2])
redis.call('EXPIRE', KEYS[2], ARGV[2])
"""
_PRUNE = """
local function drop(members)
  for i = 1, #members, 1000 do
    local some = {unpack(members, i, math.min(i + 999, #members))}
    redis.call('ZREM', KEYS[1], unpack(some))
    redis.call('ZREM', KEYS[2], unpack(some))
  end
end
drop(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', '(' .. ARGV[1]))
local over = redis.call('ZCARD', KEYS[2]) - tonumber(ARGV[2])
if over > 0 then drop(redis.call('ZRANGE', KEYS[2], 0, over - 1)) end
"""
_BATCH = 1000
_SEEN = ":seen"


class Vouches:
    """Pairs of who vouched for whom, with the time of the act. A pair ends `vouches_days` after it was last seen.

    Of an owner and network 200,000 are kept; beyond that those seen longest ago go first.
    """

    def __init__(
        self, redis: Redis, retention: Retention, clock: Callable[[], datetime], most_pairs: int = MOST_PAIRS
    ) -> None:
        self._redis = redis
        self._life_s = retention.vouches_days * DAY_S
        self._clock = clock
        self._most_pairs = most_pairs
        self._keep = redis.register_script(_KEEP)
        self._prune = redis.register_script(_PRUNE)
        self._decoder = msgspec.json.Decoder(tuple[str, str])

    def keep(self, owner: str, network: str, vouches: Iterable[Vouch]) -> None:
        """Note these as seen now."""
        if self._life_s <= 0:
            return
        stated = [part for v in vouches for part in (msgspec.json.encode((v.voucher, v.vouched)), v.at.timestamp())]
        for start in range(0, len(stated), 2 * _BATCH):
            batch = stated[start : start + 2 * _BATCH]
            self._keep(keys=_names(owner, network), args=[self._now_s, self._life_s, *batch])

    def between(self, owner: str, network: str, start: datetime, end: datetime) -> list[tuple[str, str]]:
        """Return the pairs whose act was from `start` up to and without `end`, in order."""
        self._prune(keys=_names(owner, network), args=[self._now_s - self._life_s, self._most_pairs])
        found = self._redis.zrangebyscore(redis_keys.vouches(owner, network), start.timestamp(), f"({end.timestamp()}")
        return sorted(self._decoder.decode(text(raw)) for raw in found)

    def kept_of(self, subject: DataSubject, owner: str | None) -> Iterator[dict[str, Any]]:
        """Yield the pairs, voucher first."""
        for key, pairs in self._naming(subject, owner):
            for pair in pairs:
                yield {"at": key, "pair": self._decoder.decode(pair)}

    def erase(self, subject: DataSubject, owner: str | None) -> Mapping[str, int]:
        """Keep nothing of the person, neither what it vouched nor who vouched for it."""
        gone = 0
        for key, pairs in self._naming(subject, owner):
            self._redis.zrem(key, *pairs)
            gone += 0 if key.endswith(_SEEN) else len(pairs)
        return {"vouches": gone}

    def _naming(self, subject: DataSubject, owner: str | None) -> Iterator[tuple[str, list[bytes]]]:
        """Yield the pairs that name the person, in both orders in which they are kept."""
        for pattern in _names(owner, subject.network) if subject.names else ():
            for key in keys_like(self._redis, pattern):
                pairs = [raw for raw, _ in self._redis.zscan_iter(key, count=_BATCH)]
                if theirs := [raw for raw in pairs if not set(subject.names).isdisjoint(self._decoder.decode(raw))]:
                    yield key, theirs

    @property
    def _now_s(self) -> float:
        return self._clock().timestamp()


def _names(owner: str | None, network: str) -> list[str]:
    return [redis_keys.vouches(owner, network), redis_keys.vouches_seen(owner, network)]
