"""Links: signed addresses that stand for a key where none can be sent, as in an image tag. Each opens one thing."""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING

import msgspec

from candor.store import keys
from candor.store.models import Link
from candor.store.replies import text

if TYPE_CHECKING:
    from redis import Redis

    from candor.store.secret import Secret

_PURPOSE = "links"
_MAX_TOKEN = 200


class Links:
    """The links of all owners: one a score or board, kept as long as it. A copy of Redis alone opens nothing."""

    def __init__(self, redis: Redis, secret: Secret) -> None:
        self._redis = redis
        self._secret = secret
        self._decoder = msgspec.json.Decoder(Link)

    def make(self, owner: str, thing_id: str, life_s: int) -> str:
        """Return the token of the link to a score or board, kept or new. It holds for `life_s` from now."""
        place = keys.link_to(owner, thing_id)
        self._redis.set(place, secrets.token_hex(16), nx=True, ex=life_s)
        link_id = text(self._redis.get(place))
        with self._redis.pipeline() as pipe:
            pipe.set(keys.link(link_id), msgspec.json.encode(Link(owner=owner, thing_id=thing_id)), ex=life_s)
            pipe.expire(place, life_s)
            pipe.execute()
        return f"{link_id}.{self._signature(link_id)}"

    def find(self, token: str) -> Link | None:
        """Return what a token opens, or None when it is wrong, revoked or expired."""
        link_id, _, signature = token[:_MAX_TOKEN].partition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(link_id).encode()):
            return None
        raw = self._redis.get(keys.link(link_id))
        return None if raw is None else self._decoder.decode(raw)

    def revoke(self, owner: str, thing_id: str) -> bool:
        """Forget the link to a score or board at once; False when there is none."""
        link_id = self._redis.getdel(keys.link_to(owner, thing_id))
        return link_id is not None and bool(self._redis.delete(keys.link(text(link_id))))

    def _signature(self, link_id: str) -> str:
        return self._secret.digest(_PURPOSE, link_id.encode())
