"""API keys: made once, kept as a digest, checked at each request."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

import msgspec

from store import keys
from store.models import Key, Scope
from store.replies import text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from redis import Redis


class ApiKeys:
    """The keys of all owners. A secret is shown once and only its SHA-256 is kept."""

    def __init__(self, redis: Redis, clock: Callable[[], datetime]) -> None:
        self._redis = redis
        self._clock = clock
        self._decoder = msgspec.json.Decoder(Key)

    def create(
        self, owner: str, name: str, scopes: Sequence[Scope], expires_at: datetime | None = None
    ) -> tuple[Key, str]:
        """Make a key with a new secret of 256 random bits."""
        secret = f"ck_{secrets.token_urlsafe(32)}"
        key = Key(
            id="key_" + secrets.token_hex(8),
            owner=owner,
            name=name,
            scopes=tuple(scopes),
            created_at=self._clock(),
            expires_at=expires_at,
        )
        with self._redis.pipeline() as pipe:
            pipe.set(keys.api_key(_digest(secret)), msgspec.json.encode(key))
            pipe.hset(keys.API_KEYS, key.id, _digest(secret))
            pipe.execute()
        return key, secret

    def authenticate(self, secret: str) -> Key | None:
        """Return the key of this secret unless it is unknown, revoked or expired.

        The look-up is by digest, so its time says nothing about any secret kept.
        """
        raw = self._redis.get(keys.api_key(_digest(secret)))
        if raw is None:
            return None
        key = self._decoder.decode(raw)
        return None if key.expires_at is not None and key.expires_at <= self._clock() else key

    def list(self, owner: str | None = None) -> list[Key]:
        """Return the owner's keys, or everybody's, oldest first."""
        digests = self._redis.hvals(keys.API_KEYS)
        if not digests:
            return []
        stored = self._redis.mget([keys.api_key(text(digest)) for digest in digests])
        found = (self._decoder.decode(raw) for raw in stored if raw is not None)
        return sorted((key for key in found if owner in {None, key.owner}), key=lambda key: (key.created_at, key.id))

    def revoke(self, key_id: str) -> bool:
        """Forget the key at once; False when there is none."""
        digest = self._redis.hget(keys.API_KEYS, key_id)
        if digest is None:
            return False
        with self._redis.pipeline() as pipe:
            pipe.delete(keys.api_key(text(digest)))
            pipe.hdel(keys.API_KEYS, key_id)
            pipe.execute()
        return True


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
