"""Vouches seen in jobs, owner by owner, so that standing flows further the more a service is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from candor.store import redis_keys
from candor.store.client import text
from candor.store.models import DAY_S

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from datetime import datetime

    from redis import Redis

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

    def forget(self, owner: str, network: str, accounts: Collection[str]) -> None:
        """Keep nothing of these accounts, neither what they vouched nor who vouched for them."""
        pairs = map(text, self._redis.zrange(redis_keys.vouches(owner, network), 0, -1) if accounts else ())
        theirs = [pair for pair in pairs if not set(accounts).isdisjoint(self._decoder.decode(pair))]
        if theirs:
            for name in _names(owner, network):
                self._redis.zrem(name, *theirs)

    @property
    def _now_s(self) -> float:
        return self._clock().timestamp()


def _names(owner: str, network: str) -> list[str]:
    return [redis_keys.vouches(owner, network), redis_keys.vouches_seen(owner, network)]
