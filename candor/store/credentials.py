"""Credentials: which signed scores are out, so that a status list can say which of them count no longer."""

from __future__ import annotations

import itertools
import secrets
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from candor.store import redis_keys
from candor.store.client import text

if TYPE_CHECKING:
    from collections.abc import Callable

    from redis import Redis

    from candor.store.scores import Scores
    from candor.store.suppression import Suppression

BITS = 131_072
"""As many as the standard asks for, so that a list tells nothing of one credential in it."""
MOST = 100_000  # of a list


class Issued(msgspec.Struct, frozen=True, kw_only=True):
    """A credential that is out. It counts as long as the score is as it was then, and nobody in it has opted out."""

    owner: str
    score_id: str
    etag: str
    account: str
    """The account's keyed digest, as the list of who is suppressed has it."""
    until: datetime


class Credentials:
    """What is out, by list and by place in it."""

    def __init__(self, redis: Redis, scores: Scores, suppression: Suppression, clock: Callable[[], datetime]) -> None:
        self._redis = redis
        self._scores = scores
        self._suppression = suppression
        self._clock = clock
        self._decoder = msgspec.json.Decoder(Issued)

    def note(self, issued: Issued) -> tuple[int, int]:
        """Note that a credential goes out; returns its list and its place there, the same for the same score."""
        place = redis_keys.credential_of(issued.owner, issued.score_id, issued.etag)
        life_s = max(1, int((issued.until - self._clock()).total_seconds()))
        if (kept := self._redis.get(place)) is not None:
            number, index = msgspec.json.decode(text(kept), type=tuple[int, int])
        else:
            number, index = self._free(issued)
        self._redis.hset(redis_keys.credentials(str(number)), str(index), msgspec.json.encode(issued))
        self._redis.set(place, msgspec.json.encode((number, index)), ex=life_s)
        return number, index

    def revoked(self, number: int) -> set[int] | None:
        """Return the places in a list that count no longer; None when there is no such list. Forgets what has ended."""
        key = redis_keys.credentials(str(number))
        found = {int(raw): self._decoder.decode(kept) for raw, kept in self._redis.hgetall(key).items()}
        if not found and number != 1:
            return None
        now = self._clock()
        if ended := [index for index, issued in found.items() if issued.until <= now]:
            self._redis.hdel(key, *map(str, ended))
        out = {index: issued for index, issued in found.items() if issued.until > now}
        suppressed = self._suppression.holds([issued.account for issued in out.values()])
        return {
            index
            for (index, issued), is_out in zip(out.items(), suppressed, strict=True)
            if is_out or self._scores.etag(issued.owner, issued.score_id) != issued.etag
        }

    def _free(self, issued: Issued) -> tuple[int, int]:
        for number in itertools.count(1):
            key = redis_keys.credentials(str(number))
            while int(self._redis.hlen(key)) < MOST:
                index = secrets.randbelow(BITS)
                if self._redis.hsetnx(key, str(index), msgspec.json.encode(issued)):
                    return number, index
        raise AssertionError  # the lists have no end
