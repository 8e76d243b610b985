"""API keys, kept as a digest and checked at each request, and the sessions of the page that were opened with one."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from candor.store import redis_keys
from candor.store.client import keys_like, token_digest
from candor.store.models import Scope
from candor.store.sealed import Sealed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from redis import Redis


LIFE_S = 12 * 60 * 60
_USED = "used"
USE_IS_NOTED_EVERY = timedelta(minutes=1)
_NOTE_USE = "if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('SET', KEYS[2], ARGV[1]) end"
"""KEYS: a key, its last use. ARGV: time. A key that was revoked meanwhile leaves nothing behind."""


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """An API key without its secret. An expired key stays in lists and authenticates nobody.

    `last_used_at` is right to the minute, and null for a key that was never used.
    """

    id: str
    owner: str
    name: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None


class ApiKeys:
    """The keys of all owners. A secret is shown once and only its SHA-256 is kept.

    A damaged key opens nothing. Which digest an id stands for is found by looking through all keys where that is
    damaged, so that a key can always be revoked.
    """

    def __init__(self, redis: Redis, clock: Callable[[], datetime]) -> None:
        self._redis = redis
        self._clock = clock
        self._kept = Sealed[ApiKey](redis, ApiKey)
        self._times = Sealed[datetime](redis, datetime)
        self._digests = Sealed[str](redis, str)
        self._note_use = redis.register_script(_NOTE_USE)

    def create(
        self, owner: str, name: str, scopes: Sequence[Scope], expires_at: datetime | None = None
    ) -> tuple[ApiKey, str]:
        """Make a key with a new secret of 256 random bits."""
        secret = f"ck_{secrets.token_urlsafe(32)}"
        key = ApiKey(
            id="key_" + secrets.token_hex(8),
            owner=owner,
            name=name,
            scopes=tuple(scopes),
            created_at=self._clock(),
            expires_at=expires_at,
        )
        with self._redis.pipeline() as pipe:
            place = redis_keys.api_key(token_digest(secret))
            pipe.set(place, self._kept.written(place, key))
            pipe.hset(redis_keys.API_KEYS, key.id, self._indexed(key.id, token_digest(secret)))
            pipe.execute()
        return key, secret

    def authenticate(self, secret: str) -> ApiKey | None:
        """Return the key of this secret unless it is unknown, revoked or expired, and note its use once a minute.

        The look-up is by digest, so its time says nothing about any secret kept.
        """
        return self._good(token_digest(secret))

    def find(self, key_id: str) -> ApiKey | None:
        """Return the key of this id as `authenticate` does: for a session that was opened with it."""
        digest = self._digest_of(key_id)
        return None if digest is None else self._good(digest)

    def list(self, owner: str | None = None) -> list[ApiKey]:
        """Return the owner's keys, or everybody's, oldest first."""
        digests = list(self._index().values())
        if not digests:
            return []
        stored = self._redis.mget([place for digest in digests for place in _places(digest)])
        pairs = zip(digests, stored[::2], stored[1::2], strict=True)
        found = [key for digest, raw, used in pairs if (key := self._decode(digest, raw, used))]
        return sorted((key for key in found if owner in {None, key.owner}), key=lambda key: (key.created_at, key.id))

    def may_act(self, owner: str) -> bool:
        """Tell whether the owner has a key that works now."""
        now = self._clock()
        return any(key.expires_at is None or key.expires_at > now for key in self.list(owner))

    def revoke(self, key_id: str) -> bool:
        """Forget the key at once, a damaged one too; False when there is none."""
        digest = self._digest_of(key_id)
        if digest is None:
            return False
        with self._redis.pipeline() as pipe:
            pipe.delete(*_places(digest))
            pipe.hdel(redis_keys.API_KEYS, key_id)
            pipe.execute()
        return True

    def _indexed(self, key_id: str, digest: str) -> bytes:
        return self._digests.written(f"{redis_keys.API_KEYS} {key_id}", digest)

    def _digest_of(self, key_id: str) -> str | None:
        raw = self._redis.hget(redis_keys.API_KEYS, key_id)
        place = f"{redis_keys.API_KEYS} {key_id}"
        return self._digests.read_or_none(place, raw) or self._index().get(key_id)

    def _index(self) -> dict[str, str]:
        """Return the digests of all keys by their ids; where one of these is damaged, it is made anew from the keys."""
        kept: dict[Any, Any] = self._redis.hgetall(redis_keys.API_KEYS)
        ids = {field: field.decode(errors="replace") for field in kept}
        index = {
            field: self._digests.read_or_none(f"{redis_keys.API_KEYS} {key_id}", kept[field])
            for field, key_id in ids.items()
        }
        if damaged := [field for field, digest in index.items() if digest is None]:
            return self._mended_index(damaged)
        return {ids[field]: digest for field, digest in index.items() if digest is not None}

    def _mended_index(self, damaged: Sequence[bytes]) -> dict[str, str]:
        index: dict[str, str] = {}
        for place in keys_like(self._redis, redis_keys.api_key(None)):
            digest = place.rpartition(":")[2]
            if digest != _USED and (key := self._decode(digest, self._redis.get(place), None)) is not None:
                index[key.id] = digest
        with self._redis.pipeline() as pipe:
            pipe.hdel(redis_keys.API_KEYS, *damaged)
            if index:
                pipe.hset(
                    redis_keys.API_KEYS, mapping={name: self._indexed(name, each) for name, each in index.items()}
                )
            pipe.execute()
        return index

    def _good(self, digest: str) -> ApiKey | None:
        places, now = _places(digest), self._clock()
        key = self._decode(digest, *self._redis.mget(places))
        if key is None or (key.expires_at is not None and key.expires_at <= now):
            return None
        if key.last_used_at is None or now - key.last_used_at >= USE_IS_NOTED_EVERY:
            self._note_use(keys=places, args=[self._times.written(places[1], now)])
        return key

    def _decode(self, digest: str, raw: object, used: object) -> ApiKey | None:
        place, place_used = _places(digest)
        key = self._kept.read_or_none(place, raw)
        used_at = self._times.read_or_none(place_used, used)
        return key if key is None or used_at is None else replace(key, last_used_at=used_at)


class Sessions:
    """Random ids, of which only the SHA-256 is kept, each with the id of the key that opened it."""

    def __init__(self, redis: Redis, api_keys: ApiKeys) -> None:
        self._redis = redis
        self._keys = api_keys
        self._key_ids = Sealed[str](redis, str)

    def open(self, key: ApiKey) -> str:
        """Return the id of a new session of the key; it ends after `LIFE_S`, or with the key."""
        session_id = secrets.token_urlsafe(32)
        place = redis_keys.session(token_digest(session_id))
        self._redis.set(place, self._key_ids.written(place, key.id), ex=LIFE_S)
        return session_id

    def key_of(self, session_id: str) -> ApiKey | None:
        """Return the key behind a session, or None when either has ended or is damaged."""
        key_id = self._key_ids.readable(redis_keys.session(token_digest(session_id)))
        return None if key_id is None else self._keys.find(key_id)

    def close(self, session_id: str) -> None:
        """End the session."""
        self._redis.delete(redis_keys.session(token_digest(session_id)))


def _places(digest: str) -> list[str]:
    return [redis_keys.api_key(digest), redis_keys.api_key_used(digest)]
