"""Sessions: somebody who signed in on the page with a key, for as long as that key is good."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

from candor.store import keys
from candor.store.replies import text

if TYPE_CHECKING:
    from redis import Redis

    from candor.store.api_keys import ApiKeys
    from candor.store.models import Key

LIFE_S = 12 * 60 * 60


class Sessions:
    """Random ids, of which only the SHA-256 is kept, each with the id of the key that opened it."""

    def __init__(self, redis: Redis, api_keys: ApiKeys) -> None:
        self._redis = redis
        self._keys = api_keys

    def open(self, key: Key) -> str:
        """Return the id of a new session of the key; it ends after `LIFE_S`, or with the key."""
        session_id = secrets.token_urlsafe(32)
        self._redis.set(keys.session(_digest(session_id)), key.id, ex=LIFE_S)
        return session_id

    def key_of(self, session_id: str) -> Key | None:
        """Return the key behind a session, or None when either has ended."""
        key_id = self._redis.get(keys.session(_digest(session_id)))
        return None if key_id is None else self._keys.find(text(key_id))

    def close(self, session_id: str) -> None:
        """End the session."""
        self._redis.delete(keys.session(_digest(session_id)))


def _digest(session_id: str) -> str:
    return hashlib.sha256(session_id.encode("utf-8", "surrogatepass")).hexdigest()
