"""Damaged values that an erasure meets: who is in them cannot be known, nor can anybody be shown them, so they go."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from candor.store.client import DamagedValueError, if_damaged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redis import Redis


class Damaged:
    """Collects where they are: a key, or the key of a hash and a field."""

    def __init__(self) -> None:
        self.places: list[tuple[Any, ...]] = []

    @contextmanager
    def noted(self, *place: str | bytes) -> Iterator[None]:
        """Read within the block what is kept at a place; it is noted, and the block left, where that is damaged."""
        try:
            yield
        except DamagedValueError:
            self.places.append(place)

    def delete(self, redis: Redis) -> dict[str, int]:
        """Delete them, and return how many there were, for the receipt of an erasure; nothing where it was none."""
        gone = (redis.delete(place[0]) if len(place) == 1 else redis.hdel(*place) for place in self.places)
        return if_damaged(sum(int(each) for each in gone))
