"""Trust roots: the person is no longer among those named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from candor.scoring.trust_root import TrustRoot
from candor.store import keys
from candor.store.replies import text
from candor.store.subjects.places import SCAN_AT_ONCE, revise

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from redis import Redis

    from candor.scoring.subject import Subject


class NamedInRoots:
    """The trust roots of every owner."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._decoder = msgspec.json.Decoder(TrustRoot)

    def show(self, subject: Subject, owner: str | None) -> Iterator[dict[str, Any]]:
        """Yield how each root names the person."""
        for key, root_id, root in self._found(subject, owner):
            named = [msgspec.to_builtins(a) for a in root.accounts if a.account in subject.names]
            yield {"at": key, "root": root_id, "named": named}

    def erase(self, subject: Subject, owner: str | None, at: datetime) -> Mapping[str, int]:
        """See Place."""
        del at

        def _change(fields: list[bytes | None]) -> Mapping[str, bytes] | None:
            root = None if fields[0] is None else self._decoder.decode(fields[0]).without(subject.names)
            return None if root is None else {root_id: msgspec.json.encode(root)}

        found = list(self._found(subject, owner))
        for key, root_id, _ in found:
            revise(self._redis, key, [root_id], _change)
        return {"trust_roots": len(found)}

    def _found(self, subject: Subject, owner: str | None) -> Iterator[tuple[str, str, TrustRoot]]:
        for key in self._redis.scan_iter(keys.trust_roots(owner), count=SCAN_AT_ONCE):
            for root_id, raw in self._redis.hgetall(key).items():
                root = self._decoder.decode(raw)
                if root.network == subject.network and root.without(subject.names) != root:
                    yield key.decode(), text(root_id), root
