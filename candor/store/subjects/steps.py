"""History: the steps of the person's own scores go. They hold nobody else's name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from candor.store import keys
from candor.store.replies import text
from candor.store.subjects.places import SCAN_AT_ONCE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from redis import Redis

    from candor.scoring.subject import Subject
    from candor.store.history import History


class Steps:
    """The history of every owner's scores."""

    def __init__(self, redis: Redis, history: History) -> None:
        self._redis = redis
        self._history = history

    def show(self, subject: Subject, owner: str | None) -> Iterator[dict[str, Any]]:
        """Yield the steps of each topic."""
        for name in subject.names:
            pattern = keys.histories(owner, subject.network, name)
            for key in self._redis.scan_iter(pattern, count=SCAN_AT_ONCE):
                yield {"at": key.decode(), "steps": [text(raw) for raw in self._redis.zrange(key, 0, -1)]}

    def erase(self, subject: Subject, owner: str | None, at: datetime) -> Mapping[str, int]:
        """See Place."""
        del at
        return {"histories": sum(self._history.erase(subject.network, name, owner) for name in subject.names)}
