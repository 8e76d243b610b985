"""Trust roots: whom an owner trusts, by id, kept until they are deleted; an erased person is named in none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from candor.scoring.trust_root import TrustRoot
from candor.store import redis_keys
from candor.store.client import keys_like, revise_hash, text
from candor.store.owned_hash import OwnedHash

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from redis import Redis

    from candor.scoring.redaction import DataSubject


class TrustRoots(OwnedHash[TrustRoot]):
    """The trust roots of all owners."""

    def __init__(self, redis: Redis) -> None:
        super().__init__(redis, TrustRoot, redis_keys.trust_roots)

    def kept_of(self, subject: DataSubject, owner: str | None) -> Iterator[dict[str, Any]]:
        """Yield how each root names the person."""
        for key, root_id, root in self._naming(subject, owner):
            named = [msgspec.to_builtins(each) for each in root.accounts if each.account in subject.names]
            yield {"at": key, "root": root_id, "named": named}

    def erase(self, subject: DataSubject, owner: str | None) -> Mapping[str, int]:
        """Leave the person out of every root."""
        changed = 0
        for key, root_id, _ in self._naming(subject, owner):

            def _change(fields: list[bytes | None], root_id: str = root_id) -> Mapping[str, bytes] | None:
                left = None if fields[0] is None else self._decoder.decode(fields[0]).without(subject.names)
                return None if left is None else {root_id: msgspec.json.encode(left)}

            changed += revise_hash(self._redis, key, [root_id], _change)
        return {"trust_roots": changed}

    def _naming(self, subject: DataSubject, owner: str | None) -> Iterator[tuple[str, str, TrustRoot]]:
        for key in keys_like(self._redis, redis_keys.trust_roots(owner)):
            for root_id, raw in self._redis.hgetall(key).items():
                root = self._decoder.decode(raw)
                if root.network == subject.network and root.without(subject.names) != root:
                    yield key, text(root_id), root
