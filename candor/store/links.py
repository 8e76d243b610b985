"""Links: signed addresses under which a score's pictures or a board's map can be shown to whoever has them."""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING

import msgspec

from candor.store import redis_keys
from candor.store.client import text

if TYPE_CHECKING:
    from redis import Redis

    from candor.store.secret import Secret

_PURPOSE = "links"
_MAX_TOKEN = 200


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """What a signed link opens: the pictures of one score, or the map of one board, whose ids never meet."""

    owner: str
    resource_id: str


class Links:
    """The links of all owners: one a score or board, kept as long as it. A copy of Redis alone opens nothing."""

    def __init__(self, redis: Redis, secret: Secret) -> None:
        self._redis = redis
        self._secret = secret
        self._decoder = msgspec.json.Decoder(Link)

    def make(self, owner: str, resource_id: str, life_s: int) -> str:
        """Return the token of the link to a score or board, kept or new. It holds for `life_s` from now."""
        place = redis_keys.link_to(owner, resource_id)
        self._redis.set(place, secrets.token_hex(16), nx=True, ex=life_s)
        link_id = text(self._redis.get(place))
        with self._redis.pipeline() as pipe:
            pipe.set(
                redis_keys.link(link_id), msgspec.json.encode(Link(owner=owner, resource_id=resource_id)), ex=life_s
            )
            pipe.expire(place, life_s)
            pipe.execute()
        return f"{link_id}.{self._signature(link_id)}"

    def find(self, token: str) -> Link | None:
        """Return what a token opens, or None when it is wrong, revoked or expired."""
        link_id, _, signature = token[:_MAX_TOKEN].partition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(link_id).encode()):
            return None
        raw = self._redis.get(redis_keys.link(link_id))
        return None if raw is None else self._decoder.decode(raw)

    def revoke(self, owner: str, resource_id: str) -> bool:
        """Forget the link to a score or board at once; False when there is none."""
        link_id = self._redis.getdel(redis_keys.link_to(owner, resource_id))
        return link_id is not None and bool(self._redis.delete(redis_keys.link(text(link_id))))

    def _signature(self, link_id: str) -> str:
        return self._secret.digest(_PURPOSE, link_id.encode())
