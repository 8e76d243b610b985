"""Shelf: small named things of one kind that belong to an owner, kept until they are deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

    from redis import Redis

Thing = TypeVar("Thing", bound=msgspec.Struct)


class Shelf(Generic[Thing]):
    """A hash of things by id, one hash for each owner. `key_of` names the hash."""

    def __init__(self, redis: Redis, kind: type[Thing], key_of: Callable[[str], str]) -> None:
        self._redis = redis
        self._decoder = msgspec.json.Decoder(kind)
        self._key_of = key_of

    def get(self, owner: str, thing_id: str) -> Thing | None:
        """Return the owner's thing of that id, or None."""
        raw = self._redis.hget(self._key_of(owner), thing_id)
        return None if raw is None else self._decoder.decode(raw)

    def put(self, owner: str, thing_id: str, thing: Thing) -> bool:
        """Keep the thing under the id; True when the id is new."""
        return bool(self._redis.hset(self._key_of(owner), thing_id, msgspec.json.encode(thing)))

    def delete(self, owner: str, thing_id: str) -> bool:
        """Forget the thing; False when there was none."""
        return bool(self._redis.hdel(self._key_of(owner), thing_id))

    def list(self, owner: str) -> list[Thing]:
        """Return all the owner's things, by id."""
        raw = self._redis.hgetall(self._key_of(owner))
        return [self._decoder.decode(raw[thing_id]) for thing_id in sorted(raw)]
