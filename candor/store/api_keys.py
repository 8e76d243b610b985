"""API keys, kept as a digest and checked at each request, and the sessions of the page that were opened with one."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from candor.store import redis_keys
from candor.store.client import text
from candor.store.models import Key, Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from redis import Redis


LIFE_S = 12 * 60 * 60
USE_IS_NOTED_EVERY = timedelta(minutes=1)
_NOTE_USE = "if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('SET', KEYS[2], ARGV[1]) end"
"""KEYS: a key, its last use. ARGV: time. A key that was revoked meanwhile leaves nothing behind."""


class ApiKeys:
    """The keys of all owners. A secret is shown once and only its SHA-256 is kept."""

    def __init__(self, redis: Redis, clock: Callable[[], datetime]) -> None:
        self._redis = redis
        self._clock = clock
        self._decoder = msgspec.json.Decoder(Key)
        self._note_use = redis.register_script(_NOTE_USE)

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
            pipe.set(redis_keys.api_key(_digest(secret)), msgspec.json.encode(key))
            pipe.hset(redis_keys.API_KEYS, key.id, _digest(secret))
            pipe.execute()
        return key, secret

    def authenticate(self, secret: str) -> Key | None:
        """Return the key of this secret unless it is unknown, revoked or expired, and note its use once a minute.

        The look-up is by digest, so its time says nothing about any secret kept.
        """
        return self._good(_digest(secret))

    def find(self, key_id: str) -> Key | None:
        """Return the key of this id as `authenticate` does: for a session that was opened with it."""
        digest = self._redis.hget(redis_keys.API_KEYS, key_id)
        return None if digest is None else self._good(text(digest))

    def list(self, owner: str | None = None) -> list[Key]:
        """Return the owner's keys, or everybody's, oldest first."""
        digests = [text(digest) for digest in self._redis.hvals(redis_keys.API_KEYS)]
        if not digests:
            return []
        stored = self._redis.mget([place for digest in digests for place in _places(digest)])
        found = [key for pair in zip(stored[::2], stored[1::2], strict=True) if (key := self._decode(*pair))]
        return sorted((key for key in found if owner in {None, key.owner}), key=lambda key: (key.created_at, key.id))

    def may_act(self, owner: str) -> bool:
        """Tell whether the owner has a key that works now."""
        now = self._clock()
        return any(key.expires_at is None or key.expires_at > now for key in self.list(owner))

    def revoke(self, key_id: str) -> bool:
        """Forget the key at once; False when there is none."""
        digest = self._redis.hget(redis_keys.API_KEYS, key_id)
        if digest is None:
            return False
        with self._redis.pipeline() as pipe:
            pipe.delete(*_places(text(digest)))
            pipe.hdel(redis_keys.API_KEYS, key_id)
            pipe.execute()
        return True

    def _good(self, digest: str) -> Key | None:
        places, now = _places(digest), self._clock()
        key = self._decode(*self._redis.mget(places))
        if key is None or (key.expires_at is not None and key.expires_at <= now):
            return None
        if key.last_used_at is None or now - key.last_used_at >= USE_IS_NOTED_EVERY:
            self._note_use(keys=places, args=[now.isoformat()])
        return key

    def _decode(self, raw: object, used: object) -> Key | None:
        if not isinstance(raw, bytes):
            return None
        key = self._decoder.decode(raw)
        return key if used is None else replace(key, last_used_at=datetime.fromisoformat(text(used)))


class Sessions:
    """Random ids, of which only the SHA-256 is kept, each with the id of the key that opened it."""

    def __init__(self, redis: Redis, api_keys: ApiKeys) -> None:
        self._redis = redis
        self._keys = api_keys

    def open(self, key: Key) -> str:
        """Return the id of a new session of the key; it ends after `LIFE_S`, or with the key."""
        session_id = secrets.token_urlsafe(32)
        self._redis.set(redis_keys.session(_digest(session_id)), key.id, ex=LIFE_S)
        return session_id

    def key_of(self, session_id: str) -> Key | None:
        """Return the key behind a session, or None when either has ended."""
        key_id = self._redis.get(redis_keys.session(_digest(session_id)))
        return None if key_id is None else self._keys.find(text(key_id))

    def close(self, session_id: str) -> None:
        """End the session."""
        self._redis.delete(redis_keys.session(_digest(session_id)))


def _places(digest: str) -> list[str]:
    return [redis_keys.api_key(digest), redis_keys.api_key_used(digest)]


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
