"""Credentials: which signed scores are out, so that a status list can say which of them count no longer."""

from __future__ import annotations

import itertools
import secrets
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from candor.store import redis_keys
from candor.store.sealed import Sealed

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


class _Placed(msgspec.Struct, frozen=True):
    """A credential that is out, with its place in its list, which the field that it is kept in may not say any more."""

    index: int
    issued: Issued


class Credentials:
    """What is out, by list and by place in it.

    A damaged one counts no longer, and keeps its place: nobody can tell whether it would have been revoked.
    """

    def __init__(self, redis: Redis, scores: Scores, suppression: Suppression, clock: Callable[[], datetime]) -> None:
        self._redis = redis
        self._scores = scores
        self._suppression = suppression
        self._clock = clock
        self._placed = Sealed[_Placed](redis, _Placed)
        self._places = Sealed[tuple[int, int]](redis, tuple[int, int])

    def note(self, issued: Issued) -> tuple[int, int]:
        """Note that a credential goes out; returns its list and its place there, the same for the same score."""
        place = redis_keys.credential_of(issued.owner, issued.score_id, issued.etag)
        life_s = max(1, int((issued.until - self._clock()).total_seconds()))
        number, index = self._places.readable(place) or self._free(issued)
        key = redis_keys.credentials(str(number))
        self._redis.hset(key, str(index), self._placed.written(key, _Placed(index, issued)))
        self._redis.set(place, self._places.written(place, (number, index)), ex=life_s)
        return number, index

    def revoked(self, number: int) -> set[int] | None:
        """Return the places in a list that count no longer; None when there is no such list. Forgets what has ended."""
        key = redis_keys.credentials(str(number))
        kept = self._redis.hgetall(key)
        if not kept and number != 1:
            return None
        found = {field: self._placed.read_or_none(key, raw) for field, raw in kept.items()}
        now = self._clock()
        if ended := [field for field, placed in found.items() if placed is not None and placed.issued.until <= now]:
            self._redis.hdel(key, *ended)
        out = {placed.index: placed.issued for placed in found.values() if placed and placed.issued.until > now}
        suppressed = self._suppression.holds([issued.account for issued in out.values()])
        damaged = {int(field) for field, placed in found.items() if placed is None and field.isdigit()}
        return {index for index in damaged if index < BITS} | {
            index
            for (index, issued), is_out in zip(out.items(), suppressed, strict=True)
            if is_out or self._scores.etag(issued.owner, issued.score_id) != issued.etag
        }

    def _free(self, issued: Issued) -> tuple[int, int]:
        for number in itertools.count(1):
            key = redis_keys.credentials(str(number))
            while int(self._redis.hlen(key)) < MOST:
                index = secrets.randbelow(BITS)
                if self._redis.hsetnx(key, str(index), self._placed.written(key, _Placed(index, issued))):
                    return number, index
        raise AssertionError  # the lists have no end
