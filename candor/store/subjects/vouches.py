"""Vouches: every pair goes that the person gave or was given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from candor.store import keys
from candor.store.subjects.places import SCAN_AT_ONCE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from redis import Redis

    from candor.scoring.subject import Subject


class VouchPairs:
    """The vouches of every owner, in both orders in which they are kept."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._decoder = msgspec.json.Decoder(tuple[str, str])

    def show(self, subject: Subject, owner: str | None) -> Iterator[dict[str, Any]]:
        """Yield the pairs, voucher first."""
        for key, pairs in self._found(subject, owner):
            for pair in pairs:
                yield {"at": key, "pair": self._decoder.decode(pair)}

    def erase(self, subject: Subject, owner: str | None, at: datetime) -> Mapping[str, int]:
        """See Place."""
        del at
        gone = 0
        for key, pairs in self._found(subject, owner):
            self._redis.zrem(key, *pairs)
            gone += 0 if key.endswith(keys.SEEN) else len(pairs)
        return {"vouches": gone}

    def _found(self, subject: Subject, owner: str | None) -> Iterator[tuple[str, list[bytes]]]:
        for pattern in (keys.vouches(owner, subject.network), keys.vouches_seen(owner, subject.network)):
            for key in self._redis.scan_iter(pattern, count=SCAN_AT_ONCE):
                pairs = [raw for raw, _ in self._redis.zscan_iter(key, count=SCAN_AT_ONCE)]
                theirs = [raw for raw in pairs if not set(subject.names).isdisjoint(self._decoder.decode(raw))]
                if theirs:
                    yield key.decode(), theirs
