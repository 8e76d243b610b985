"""Shelf: small named things of one kind that belong to an owner, kept until they are deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

    from redis import Redis
    from redis.client import Pipeline


Thing = TypeVar("Thing", bound=msgspec.Struct)
Check: TypeAlias = "Callable[[Thing | None], object]"
"""Looks at what is there (None: nothing) and raises what stops a change. It may be called more than once."""


def accept(_current: object) -> None:
    """Let any change pass."""


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

    def put(self, owner: str, thing_id: str, thing: Thing, check: Check[Thing] = accept) -> bool:
        """Keep the thing under the id; True when the id is new. What `check` raises stops it."""
        key, body = self._key_of(owner), msgspec.json.encode(thing)
        return self._change(key, thing_id, check, lambda pipe: pipe.hset(key, thing_id, body))

    def delete(self, owner: str, thing_id: str, check: Check[Thing] = accept) -> bool:
        """Forget the thing; False when there was none. What `check` raises stops it."""
        key = self._key_of(owner)
        return self._change(key, thing_id, check, lambda pipe: pipe.hdel(key, thing_id))

    def list(self, owner: str) -> list[Thing]:
        """Return all the owner's things, by id."""
        raw = self._redis.hgetall(self._key_of(owner))
        return [self._decoder.decode(raw[thing_id]) for thing_id in sorted(raw)]

    def _change(self, key: str, thing_id: str, check: Check[Thing], change: Callable[[Pipeline], object]) -> bool:
        """Change what is there only if it is still what `check` saw; else let it look again."""

        def _step(pipe: Pipeline) -> None:
            raw = pipe.hget(key, thing_id)
            check(self._decoder.decode(raw) if isinstance(raw, bytes) else None)
            pipe.multi()
            change(pipe)

        (changed,) = self._redis.transaction(_step, key) or (0,)
        return bool(changed)
