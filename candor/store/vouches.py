"""Vouches seen in jobs, owner by owner, so that standing flows further the more a service is used."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from candor.store import redis_keys
from candor.store.client import if_damaged, keys_like
from candor.store.models import DAY_S
from candor.store.sealed import Sealed

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


class KeptVouches:
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
        self._pairs = Sealed[tuple[str, str]](redis, tuple[str, str])

    def keep(self, owner: str, network: str, vouches: Iterable[Vouch]) -> None:
        """Note these as seen now."""
        if self._life_s <= 0:
            return
        written = partial(self._pairs.written, redis_keys.vouches(owner, network))
        stated = [part for v in vouches for part in (written((v.voucher, v.vouched)), v.at.timestamp())]
        for start in range(0, len(stated), 2 * _BATCH):
            batch = stated[start : start + 2 * _BATCH]
            self._keep(keys=_names(owner, network), args=[self._now_s, self._life_s, *batch])

    def between(self, owner: str, network: str, start: datetime, end: datetime) -> list[tuple[str, str]]:
        """Return the pairs whose act was from `start` up to and without `end`, in order.

        A damaged one is deleted, as nobody could put it right: it is kept anew when a job sees it again.
        """
        self._prune(keys=_names(owner, network), args=[self._now_s - self._life_s, self._most_pairs])
        key, seen = _names(owner, network)
        found: list[Any] = self._redis.zrangebyscore(key, start.timestamp(), f"({end.timestamp()}")
        pairs = {raw: self._pairs.read_or_none(key, raw) for raw in found}
        if damaged := [raw for raw, pair in pairs.items() if pair is None]:
            self._redis.zrem(key, *damaged)
            self._redis.zrem(seen, *damaged)
        return sorted(pair for pair in pairs.values() if pair is not None)

    def kept_of(self, subject: DataSubject, owner: str | None) -> Iterator[dict[str, Any]]:
        """Yield the pairs, voucher first."""
        for key, pairs in self._naming(subject, owner):
            for pair in pairs.values():
                if pair is not None:
                    yield {"at": key, "pair": pair}

    def erase(self, subject: DataSubject, owner: str | None) -> Mapping[str, int]:
        """Keep nothing of the person, neither what it vouched nor who vouched for it, and nothing that is damaged."""
        gone = damaged = 0
        for key, pairs in self._naming(subject, owner):
            self._redis.zrem(key, *pairs)
            if not key.endswith(_SEEN):
                unread = sum(pair is None for pair in pairs.values())
                damaged += unread
                gone += len(pairs) - unread
        return {"vouches": gone, **if_damaged(damaged)}

    def _naming(
        self, subject: DataSubject, owner: str | None
    ) -> Iterator[tuple[str, dict[bytes, tuple[str, str] | None]]]:
        """Yield the pairs that name the person, in both orders in which they are kept; a damaged one is None."""
        names = set(subject.names)
        for pattern in _names(owner, subject.network) if names else ():
            for key in keys_like(self._redis, pattern):
                place = key.removesuffix(_SEEN)
                kept = [raw for raw, _ in self._redis.zscan_iter(key, count=_BATCH)]
                pairs = {raw: self._pairs.read_or_none(place, raw) for raw in kept}
                theirs = {raw: pair for raw, pair in pairs.items() if pair is None or not names.isdisjoint(pair)}
                if theirs:
                    yield key, theirs

    @property
    def _now_s(self) -> float:
        return self._clock().timestamp()


def _names(owner: str | None, network: str) -> list[str]:
    return [redis_keys.vouches(owner, network), redis_keys.vouches_seen(owner, network)]
