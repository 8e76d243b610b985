"""The suppression list: accounts that are to be kept out, for everybody who uses this service."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

from store import keys

if TYPE_CHECKING:
    from collections.abc import Iterable

    from redis import Redis


class Suppression:
    """Which accounts are kept out. The list holds digests, so that it names nobody itself."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def add(self, network: str, account: str) -> None:
        """Keep the account out from now on."""
        self._redis.sadd(keys.SUPPRESSED, _digest(network, account))

    def remove(self, network: str, account: str) -> bool:
        """Let the account in again; False when it was not kept out."""
        return bool(self._redis.srem(keys.SUPPRESSED, _digest(network, account)))

    def among(self, network: str, accounts: Iterable[str]) -> set[str]:
        """Return those of the accounts that are kept out."""
        names = list(dict.fromkeys(accounts))
        if not names or not self._redis.scard(keys.SUPPRESSED):
            return set()
        held = self._redis.smismember(keys.SUPPRESSED, [_digest(network, name) for name in names])
        return {name for name, kept_out in zip(names, held, strict=True) if kept_out}


def _digest(network: str, account: str) -> str:
    return hashlib.sha256(msgspec.json.encode([network, account])).hexdigest()
