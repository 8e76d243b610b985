"""First answers to requests with an `Idempotency-Key`: one that names the person is forgotten at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from candor.store import keys
from candor.store.idempotency import FirstAnswer
from candor.store.replies import unpack
from candor.store.subjects.places import hash_fields

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from redis import Redis

    from candor.scoring.subject import Subject


class FirstAnswers:
    """The answers kept for every owner's repeated requests."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._decoder = msgspec.msgpack.Decoder(FirstAnswer)

    def show(self, subject: Subject, owner: str | None) -> Iterator[dict[str, Any]]:
        """Yield where an answer names the person."""
        return ({"at": key} for key in self._found(subject, owner))

    def erase(self, subject: Subject, owner: str | None, at: datetime) -> Mapping[str, int]:
        """See Place."""
        del at
        return {"first_answers": sum(int(self._redis.delete(key)) for key in self._found(subject, owner))}

    def _found(self, subject: Subject, owner: str | None) -> Iterator[str]:
        for key, (packed,) in hash_fields(self._redis, keys.every("idempotency", owner), "answer"):
            if packed is None:
                continue
            body = self._decoder.decode(unpack(packed)).body
            if subject.is_among(body) and subject.stands_in(body.decode(errors="replace")):
                yield key
