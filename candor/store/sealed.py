"""Sealed values: one struct a key, behind a checksum that knows the key, so that a flipped bit makes no other value."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec

from candor.store.client import DamagedValueError, seal, unseal

if TYPE_CHECKING:
    from redis import Redis

log = logging.getLogger(__name__)

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
            log.exception("stored value damaged, so it counts as not there: %s", kind_of(key))
            return None


def kind_of(key: str) -> str:
    """Return what a key is for, without the ids in it: the log names nobody."""
    return ":".join(key.split(":")[:2])
