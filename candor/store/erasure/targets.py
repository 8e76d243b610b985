"""What every target does where something of a person may be kept, and how a hash is changed in one step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from redis import Redis
    from redis.client import Pipeline

    from candor.scoring.redaction import DataSubject


SCAN_AT_ONCE = 1000
READ_AT_ONCE = 100


class ErasureTarget(Protocol):
    """One kind of thing that may hold something of a person. `owner` None means everybody's."""

    def show(self, subject: DataSubject, owner: str | None) -> Iterator[dict[str, Any]]:
        """Yield what is kept of the person, as JSON, each with where it is."""

    def erase(self, subject: DataSubject, owner: str | None, at: datetime) -> Mapping[str, int]:
        """Take the person out; return what was changed, counted by kind. Doing it twice changes nothing more."""


def hash_fields(redis: Redis, pattern: str, *fields: str) -> Iterator[tuple[str, list[bytes | None]]]:
    """Yield the keys of a pattern with some fields of the hash that each holds."""
    waiting: list[str] = []
    for key in redis.scan_iter(pattern, count=SCAN_AT_ONCE, _type="HASH"):
        waiting.append(key.decode())
        if len(waiting) == READ_AT_ONCE:
            yield from _read(redis, waiting, fields)
            waiting = []
    yield from _read(redis, waiting, fields)


def revise(
    redis: Redis,
    key: str,
    fields: Sequence[str],
    change: Callable[[list[bytes | None]], Mapping[str, bytes] | None],
    also: Callable[[Pipeline], object] = lambda _: None,
) -> bool:
    """Change fields of a hash by what they hold, in one step; False when `change` gives None, and nothing happens.

    `also` may add commands to the same step.
    """
    changed = False

    def _attempt(pipe: Pipeline) -> None:
        nonlocal changed
        new = change(pipe.hmget(key, list(fields)))  # type: ignore[arg-type] # while watching, it answers at once
        pipe.multi()
        changed = bool(new)
        if new:
            pipe.hset(key, items=[part for field in new.items() for part in field])
            also(pipe)

    redis.transaction(_attempt, key)
    return changed


def _read(redis: Redis, names: list[str], fields: tuple[str, ...]) -> Iterator[tuple[str, list[bytes | None]]]:
    with redis.pipeline(transaction=False) as pipe:
        for name in names:
            pipe.hmget(name, list(fields))
        yield from zip(names, pipe.execute(), strict=True)
