"""The suppression list: accounts that are not to be scored or kept, for everybody who uses this service."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import msgspec

from candor.names.accounts import lenient_namer
from candor.names.networks import network_name
from candor.store import redis_keys

if TYPE_CHECKING:
    from collections.abc import Iterable

    from redis import Redis
    from redis.client import Pipeline

    from candor.store.secret import Secret

PURPOSE = "suppression"
_AT_ONCE = 10_000
_BOTH = (redis_keys.SUPPRESSED, redis_keys.SUPPRESSED_AGAIN)


class Suppression:
    """Which accounts are suppressed, whichever way they are written.

    The list holds keyed digests: without the service's secret it names nobody. It is kept twice, and whoever is in
    either is on it: no damage to one of them lets anybody back in.
    """

    def __init__(self, redis: Redis, secret: Secret) -> None:
        self._redis = redis
        self._secret = secret

    def add(self, network: str, accounts: Iterable[str]) -> None:
        """Suppress the accounts from now on."""
        with self._redis.pipeline() as pipe:
            self.add_in(pipe, network, accounts)
            pipe.execute()

    def add_in(self, pipe: Pipeline, network: str, accounts: Iterable[str]) -> None:
        """Put it into what `pipe` writes that the accounts are suppressed."""
        if named := list(accounts):
            digests = self.digests(network, named)
            for key in _BOTH:
                pipe.sadd(key, *digests)
            pipe.incr(redis_keys.SUPPRESSIONS)

    def remove(self, network: str, account: str) -> bool:
        """Lift the suppression; False when there was none."""
        with self._redis.pipeline() as pipe:
            for key in _BOTH:
                pipe.srem(key, *self.digests(network, [account]))
            pipe.incr(redis_keys.SUPPRESSIONS)
            *removed, _ = pipe.execute()
        return any(removed)

    def mend(self) -> int:
        """Put into each copy of the list what only the other has; returns how many digests one of them lacked.

        What was changed by damage stays as the digest of nobody.
        """
        with self._redis.pipeline() as pipe:
            for one, other in (_BOTH, _BOTH[::-1]):
                pipe.sdiff([one, other])
            lacking = list(itertools.chain(*pipe.execute()))
        if lacking:
            with self._redis.pipeline() as pipe:
                for key in _BOTH:
                    pipe.sadd(key, *lacking)
                pipe.execute()
        return len(lacking)

    def version(self) -> int:
        """Return a number that grows whenever the list changes."""
        return int(self._redis.get(redis_keys.SUPPRESSIONS) or 0)

    def is_empty(self) -> bool:
        """Tell whether nobody is suppressed."""
        return not self._redis.exists(*_BOTH)

    def among(self, network: str, accounts: Iterable[str]) -> set[str]:
        """Return those of the accounts on the list; about two seconds for a million, nothing while nobody is."""
        if self.is_empty():
            return set()
        names = iter(dict.fromkeys(accounts))
        suppressed: set[str] = set()
        while some := list(itertools.islice(names, _AT_ONCE)):
            held = self.holds(self.digests(network, some))
            suppressed.update(name for name, is_held in zip(some, held, strict=True) if is_held)
        return suppressed

    def holds(self, digests: list[str]) -> list[bool]:
        """Tell of each digest whether it is on the list."""
        if not digests:
            return []
        with self._redis.pipeline(transaction=False) as pipe:
            for key in _BOTH:
                pipe.smismember(key, digests)
            return [any(held) for held in zip(*pipe.execute(), strict=True)]

    def digests(self, network: str, accounts: Iterable[str]) -> list[str]:
        """Return the digests by which the list knows these accounts."""
        digest, known, name = self._secret.digester(PURPOSE), network_name(network), lenient_namer(network)
        return [digest(msgspec.json.encode([known, name(account)])) for account in accounts]
