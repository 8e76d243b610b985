"""Sealed values: structs behind a checksum that knows their key, so that a flipped bit makes no other value.

One a key, or small named ones in a hash of each owner, kept until they are deleted.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

import msgspec

from candor.store.client import DamagedValueError, keys_like, seal, text, unseal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from redis import Redis
    from redis.client import Pipeline

    from candor.store.damaged import Damaged


log = logging.getLogger(__name__)

"""Keys of hashes, each with a field as it is there: a damaged name may be no text."""
Item = TypeVar("Item", bound=msgspec.Struct)
Check: TypeAlias = "Callable[[Item | None], object]"
"""Looks at what is there (None: nothing) and raises what stops a change. It may be called more than once."""


def no_check(_current: object) -> None:
    """Let any change pass."""


class OwnedHash(Generic[Item]):
    """A hash of items by id, one hash for each owner. `key_of` names the hash."""

    def __init__(self, redis: Redis, kind: type[Item], key_of: Callable[[str], str]) -> None:
        self._redis = redis
        self._decoder = msgspec.json.Decoder(kind)
        self._key_of = key_of

    def get(self, owner: str, item_id: str) -> Item | None:
        """Return the owner's item of that id, or None. Raises DamagedValueError."""
        key = self._key_of(owner)
        raw = self._redis.hget(key, item_id)
        return None if raw is None else self.read(key, item_id, raw)

    def get_all(self, owner: str, item_ids: Sequence[str]) -> Iterator[Item]:
        """Yield those of the owner's items of these ids that there are. Raises DamagedValueError."""
        key = self._key_of(owner)
        for item_id, raw in zip(item_ids, self._redis.hmget(key, item_ids) if item_ids else (), strict=True):
            if raw is not None:
                yield self.read(key, item_id, raw)

    def put(self, owner: str, item_id: str, item: Item, check: Check[Item] = no_check) -> bool:
        """Keep the item under the id; True when the id is new. What `check` raises stops it."""
        key = self._key_of(owner)

        def _put(pipe: Pipeline) -> None:
            pipe.hset(key, item_id, self.written(key, item_id, item))
            self._beside(pipe, owner, item_id, item)

        return self._change(key, item_id, check, _put)

    def put_all(self, owner: str, items: Mapping[str, Item]) -> int:
        """Keep many items, by id, in one step; how many ids are new."""
        if not items:
            return 0
        key = self._key_of(owner)
        with self._redis.pipeline() as pipe:
            pipe.hset(key, mapping={name: self.written(key, name, item) for name, item in items.items()})
            for name, item in items.items():
                self._beside(pipe, owner, name, item)
            return int(pipe.execute()[0])

    def delete(self, owner: str, item_id: str, check: Check[Item] = no_check) -> bool:
        """Forget the item; False when there was none. What `check` raises stops it."""
        key = self._key_of(owner)

        def _delete(pipe: Pipeline) -> None:
            pipe.hdel(key, item_id)
            self._beside(pipe, owner, item_id, None)

        return self._change(key, item_id, check, _delete)

    def change(self, owner: str, item_id: str, change: Callable[[Item], Item]) -> Item | None:
        """Keep what `change` makes of an item, and return that; None when there is none. Raises DamagedValueError."""
        key = self._key_of(owner)
        changed: list[Item] = []

        def _step(pipe: Pipeline) -> None:
            raw = pipe.hget(key, item_id)
            changed[:] = [] if raw is None else [change(self.read(key, item_id, raw))]
            pipe.multi()
            for item in changed:
                pipe.hset(key, item_id, self.written(key, item_id, item))

        self._redis.transaction(_step, key)
        return changed[0] if changed else None

    def count(self, owner: str) -> int:
        """Count the owner's items."""
        return int(self._redis.hlen(self._key_of(owner)))

    def list(self, owner: str) -> list[Item]:
        """Return all the owner's items, by id. Raises DamagedValueError."""
        key = self._key_of(owner)
        raw = self._redis.hgetall(key)
        return [self.read(key, text(item_id), raw[item_id]) for item_id in sorted(raw)]

    def readable(self, owner: str) -> Iterator[Item]:
        """Yield the owner's items, by id, as far as they are as they were written; the log names the others."""
        key = self._key_of(owner)
        for item_id, raw in sorted(self._redis.hgetall(key).items()):
            try:
                yield self.read(key, text(item_id), raw)
            except DamagedValueError:
                log.exception("%s of %s is damaged: it can be sent again, or deleted", text(item_id), key)

    def located(self, keys: str, damaged: Damaged) -> Iterator[tuple[str, str, Item]]:
        """Yield every item under keys like `keys` with its key and id; where unreadable ones are goes to `damaged`."""
        for key in keys_like(self._redis, keys):
            for item_id, raw in self._redis.hgetall(key).items():
                with damaged.noted(key, item_id):
                    yield key, text(item_id), self.read(key, text(item_id), raw)

    def written(self, key: str, item_id: str, item: Item) -> bytes:
        """Return an item as it is kept in a hash: with a checksum that knows where it belongs."""
        return seal(item, f"{key} {item_id}")

    def read(self, key: str, item_id: str, raw: object) -> Item:
        """Return an item that is kept in a hash. Raises DamagedValueError."""
        return unseal(raw, self._decoder, f"{key} {item_id}")

    def _beside(self, pipe: Pipeline, owner: str, item_id: str, item: Item | None) -> None:
        """Put into what `pipe` writes what is kept beside an item; None where the item goes."""

    def _seen(self, key: str, item_id: str, raw: object) -> Item | None:
        """Return what stands in the way of a change: nothing where that is damaged, so that it can be mended."""
        try:
            return self.read(key, item_id, raw) if isinstance(raw, bytes) else None
        except DamagedValueError:
            return None

    def _change(self, key: str, item_id: str, check: Check[Item], change: Callable[[Pipeline], object]) -> bool:
        """Change what is there only if it is still what `check` saw; else let it look again."""

        def _step(pipe: Pipeline) -> None:
            raw = pipe.hget(key, item_id)
            check(self._seen(key, item_id, raw))
            pipe.multi()
            change(pipe)

        changed, *_ = self._redis.transaction(_step, key) or (0,)
        return bool(changed)


Kind = TypeVar("Kind")


class Sealed(Generic[Kind]):
    """Values of one kind, each under a key of its own."""

    def __init__(self, redis: Redis, kind: Any) -> None:  # noqa: ANN401 # a type as msgspec takes it
        self._redis = redis
        self._decoder: msgspec.json.Decoder[Kind] = msgspec.json.Decoder(kind)

    def get(self, key: str) -> Kind | None:
        """Return what is kept under a key, or None. Raises DamagedValueError."""
        raw = self._redis.get(key)
        return None if raw is None else self.read(key, raw)

    def readable(self, key: str) -> Kind | None:
        """Return what `get` does; what is damaged counts as not there, and the log says so."""
        return self.read_or_none(key, self._redis.get(key))

    def written(self, key: str, value: Kind) -> bytes:
        """Return a value as it is kept."""
        return seal(value, key)

    def read(self, key: str, raw: object) -> Kind:
        """Return a value that is kept. Raises DamagedValueError."""
        return unseal(raw, self._decoder, key)

    def read_or_none(self, key: str, raw: object) -> Kind | None:
        """Return a value that is kept; None where there is none or it is damaged, and then the log says so."""
        try:
            return None if raw is None else self.read(key, raw)
        except DamagedValueError:
            log.exception("stored value damaged, so it counts as not there: %s", key_kind(key))
            return None


def key_kind(key: str) -> str:
    """Return what a key is for, without the ids in it: the log names nobody."""
    return ":".join(key.split(":")[:2])
