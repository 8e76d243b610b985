"""Stray fields: what stands in a hash under a name that nothing is kept under, as the name of a field was damaged."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from candor.store import redis_keys
from candor.store.client import READ_AT_ONCE, SCAN_AT_ONCE, if_damaged, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from redis import Redis

_DOCUMENT = re.compile(rb"body|etag")
_PAGES = re.compile(rb"facts|\d+")
_OF_OWNERS = (
    (redis_keys.score, _DOCUMENT),
    (redis_keys.evidence, _DOCUMENT),
    (redis_keys.board, _PAGES),
    (redis_keys.finding, _PAGES),
    (redis_keys.job_root, re.compile(rb"root|open|until|redacted")),
    (redis_keys.idempotency, re.compile(rb"fingerprint|token|answer")),
)


class StrayFields:
    """Who is in a field of an unknown name cannot be told, as nobody reads it: an erasure deletes what has one."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def erase(self, owner: str | None) -> Mapping[str, int]:
        """Delete what of an owner's has such a field, and what is said of trust roots that are not there."""
        gone = 0
        for key_of, known in _OF_OWNERS:
            for key, names in self._hashes(key_of(owner, None)):
                if not all(map(known.fullmatch, names)):
                    gone += int(self._redis.delete(key))
        for key, names in self._hashes(redis_keys.trust_root_facts(owner)):
            kept = self._redis.hkeys(key.replace(redis_keys.trust_root_facts(""), redis_keys.trust_roots(""), 1))
            if lost := set(names).difference(kept):
                gone += int(self._redis.hdel(key, *lost))
        return if_damaged(gone)

    def _hashes(self, pattern: str) -> Iterator[tuple[str, list[bytes]]]:
        keys = self._redis.scan_iter(pattern, count=SCAN_AT_ONCE, _type="HASH")
        while some := [text(key) for key in itertools.islice(keys, READ_AT_ONCE)]:
            with self._redis.pipeline(transaction=False) as pipe:
                for key in some:
                    pipe.hkeys(key)
                yield from zip(some, pipe.execute(), strict=True)
