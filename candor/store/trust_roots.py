"""Trust roots: whom an owner trusts, by id, kept until they are deleted; an erased person is named in none.

A root may name 100,000 accounts, so what lists show of it is kept beside it.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import unquote

import msgspec
from msgspec import Meta

from candor.scoring.redaction import redact_root
from candor.scoring.trust_root import TrustRoot, TrustRootKind
from candor.store import redis_keys
from candor.store.client import DamagedValueError, if_damaged, keys_like, seal, text, unseal
from candor.store.damaged import Damaged
from candor.store.sealed import OwnedHash

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from redis import Redis
    from redis.client import Pipeline

    from candor.scoring.redaction import DataSubject


class TrustRootFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What a trust root is, beside whom it names."""

    id: Annotated[str, Meta(description="Its id.")]
    kind: Annotated[TrustRootKind, Meta(description="accounts, list, network or none.")]
    network: Annotated[str | None, Meta(description="The network that the accounts are on; null for everybody.")]
    list: Annotated[str | None, Meta(description="The list, read when a job runs; null with other kinds.")]
    size: Annotated[int, Meta(description="How many accounts it names; 0 for a list.")]
    digest: Annotated[str, Meta(description="Digest of what it says; it is in every score made with it.")]


class TrustRoots(OwnedHash[TrustRoot]):
    """The trust roots of all owners."""

    def __init__(self, redis: Redis) -> None:
        super().__init__(redis, TrustRoot, redis_keys.trust_roots)
        self._facts = msgspec.json.Decoder(TrustRootFacts)

    def facts(self, owner: str) -> list[TrustRootFacts]:
        """Return what each of the owner's roots is, by id, without whom it names; damaged ones are left out."""
        raw, found = self._redis.hgetall(redis_keys.trust_root_facts(owner)), []
        for root_id in sorted(raw):
            with contextlib.suppress(DamagedValueError):
                found.append(unseal(raw[root_id], self._facts, owner))
        return found

    def known(self, owner: str, root_id: str) -> TrustRootFacts | None:
        """Return what a root is, without whom it names; None where there is none."""
        raw = self._redis.hget(redis_keys.trust_root_facts(owner), root_id)
        return None if raw is None else unseal(raw, self._facts, owner)

    def kept_of(self, subject: DataSubject, owner: str | None) -> Iterator[dict[str, Any]]:
        """Yield how each root names the person."""
        for whose, root_id, root in self._naming(subject, owner, Damaged()):
            named = [msgspec.to_builtins(each) for each in root.accounts if each.account in subject.names]
            yield {"at": redis_keys.trust_roots(whose), "root": root_id, "named": named}

    def erase(self, subject: DataSubject, owner: str | None) -> Mapping[str, int]:
        """Leave the person out of every root; a damaged one goes."""
        damaged = Damaged()
        named = list(self._naming(subject, owner, damaged))
        for whose, root_id in damaged.places:
            for key in (redis_keys.trust_roots(whose), redis_keys.trust_root_facts(whose)):
                self._redis.hdel(key, root_id)
        return {
            "trust_roots": sum(self._redact(whose, name, subject) for whose, name, _ in named),
            **if_damaged(len(damaged.places)),
        }

    def _redact(self, owner: str, root_id: str, subject: DataSubject) -> bool:
        key = redis_keys.trust_roots(owner)

        def _step(pipe: Pipeline) -> None:
            raw = pipe.hget(key, root_id)
            root = self.read(key, root_id, raw) if isinstance(raw, bytes) else None
            left = root and redact_root(root, subject)
            pipe.multi()
            if left is not None and left != root:
                pipe.hset(key, root_id, self.written(key, root_id, left))
                self._beside(pipe, owner, root_id, left)

        return bool(self._redis.transaction(_step, key))

    def _beside(self, pipe: Pipeline, owner: str, item_id: str, item: TrustRoot | None) -> None:
        key = redis_keys.trust_root_facts(owner)
        if item is None:
            pipe.hdel(key, item_id)
            return
        said = {name: getattr(item, name) for name in ("kind", "network", "list", "size", "digest")}
        pipe.hset(key, item_id, seal(TrustRootFacts(id=item_id, **said), owner))

    def _naming(
        self, subject: DataSubject, owner: str | None, damaged: Damaged
    ) -> Iterator[tuple[str, str, TrustRoot]]:
        """Yield owner, id and root of those that name the person; owner and id of unreadable ones go into `damaged`."""
        for key in keys_like(self._redis, redis_keys.trust_roots(owner)):
            whose = unquote(key.rpartition(":")[2])
            for root_id, raw in self._redis.hgetall(key).items():
                with damaged.noted(whose, root_id):  # as it is there: a damaged name may be no text
                    root = self.read(key, text(root_id), raw)
                    if root.network == subject.network and redact_root(root, subject) != root:
                        yield whose, text(root_id), root
