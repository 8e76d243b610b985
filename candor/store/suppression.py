"""The suppression list: accounts that are to be kept out, for everybody who uses this service."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import msgspec

from candor.store import redis_keys

if TYPE_CHECKING:
    from collections.abc import Iterable

    from redis import Redis

    from candor.store.secret import Secret

PURPOSE = "suppression"
_AT_ONCE = 10_000


class Suppression:
    """Which accounts are kept out. The list holds keyed digests: without the service's secret it names nobody."""

    def __init__(self, redis: Redis, secret: Secret) -> None:
        self._redis = redis
        self._secret = secret

    def add(self, network: str, accounts: Iterable[str]) -> None:
        """Keep the accounts out from now on."""
        if named := list(accounts):
            with self._redis.pipeline() as pipe:
                pipe.sadd(redis_keys.SUPPRESSED, *self.digests(network, named))
                pipe.incr(redis_keys.SUPPRESSIONS)
                pipe.execute()

    def remove(self, network: str, account: str) -> bool:
        """Let the account in again; False when it was not kept out."""
        return bool(self._redis.srem(redis_keys.SUPPRESSED, *self.digests(network, [account])))

    def version(self) -> int:
        """Return a number that grows whenever somebody is added."""
        return int(self._redis.get(redis_keys.SUPPRESSIONS) or 0)

    def among(self, network: str, accounts: Iterable[str]) -> set[str]:
        """Return those of the accounts that are kept out; about two seconds for a million, nothing while nobody is."""
        if not self._redis.exists(redis_keys.SUPPRESSED):
            return set()
        names = iter(dict.fromkeys(accounts))
        kept_out: set[str] = set()
        while some := list(itertools.islice(names, _AT_ONCE)):
            held = self._redis.smismember(redis_keys.SUPPRESSED, self.digests(network, some))
            kept_out.update(name for name, is_held in zip(some, held, strict=True) if is_held)
        return kept_out

    def digests(self, network: str, accounts: Iterable[str]) -> list[str]:
        """Return the digests by which the list knows these accounts."""
        digest = self._secret.digester(PURPOSE)
        return [digest(msgspec.json.encode([network, account])) for account in accounts]
