"""Links: signed addresses under which a score, a map or a path is shown to whoever has them, until they end."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from candor.scoring.activity import Instant
from candor.store import redis_keys
from candor.store.client import text
from candor.store.sealed import Sealed

if TYPE_CHECKING:
    from redis import Redis

    from candor.store.secret import Secret

_PURPOSE = "links"
_MAX_TOKEN = 200
Opens: TypeAlias = Literal["pictures", "card"]


class SignedLink(msgspec.Struct, frozen=True, kw_only=True):
    """What a signed link opens: of a score, board or path, whose ids never meet, the pictures or (score) the card."""

    id: Annotated[str, Meta(description="Its id, which alone opens nothing.")]
    resource_id: Annotated[str, Meta(description="Id of the score, board or path.")]
    opens: Annotated[
        Opens,
        Meta(description="pictures: of the score, the board or the path; card: the whole score as well."),
    ]
    created_at: Annotated[Instant, Meta(description="When it was made.")]
    expires_at: Annotated[Instant, Meta(description="When it ends, unless it is revoked before.")]


class OwnedLink(msgspec.Struct, frozen=True, kw_only=True):
    """A link and whose it is."""

    owner: str
    link: SignedLink


class Links:
    """The links of all owners: one a score, board or path, and what it opens. A copy of Redis alone opens nothing."""

    def __init__(self, redis: Redis, secret: Secret) -> None:
        self._redis = redis
        self._secret = secret
        self._links = Sealed[OwnedLink](redis, OwnedLink)
        self._ids = Sealed[str](redis, str)

    def make(self, owner: str, resource_id: str, opens: Opens, life_s: int, now: datetime) -> tuple[str, SignedLink]:
        """Return the token of the link to a score, board or path, and the link, kept or new; it holds `life_s`."""
        place = redis_keys.link_to(owner, resource_id, opens)
        link_id = self._id_at(place, life_s)
        ends = now + timedelta(seconds=life_s)
        link = SignedLink(id=link_id, resource_id=resource_id, opens=opens, created_at=now, expires_at=ends)
        opened = redis_keys.link(link_id)
        longest = int(self._redis.ttl(redis_keys.links_of(owner)))
        with self._redis.pipeline() as pipe:
            pipe.set(opened, self._links.written(opened, OwnedLink(owner=owner, link=link)), ex=life_s)
            pipe.expire(place, life_s)
            pipe.zremrangebyscore(redis_keys.links_of(owner), "-inf", now.timestamp())
            pipe.zadd(redis_keys.links_of(owner), {link_id: ends.timestamp()})
            pipe.expire(redis_keys.links_of(owner), max(life_s, longest))
            pipe.execute()
        return f"{link_id}.{self._signature(link_id)}", link

    def find(self, token: str) -> OwnedLink | None:
        """Return what a token opens, or None when it is wrong, revoked or expired."""
        link_id, _, signature = token[:_MAX_TOKEN].partition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(link_id).encode()):
            return None
        return self._read(link_id)

    def list(self, owner: str) -> list[SignedLink]:
        """Return the owner's links that still hold, the one that ends first first."""
        ids = self._redis.zrange(redis_keys.links_of(owner), 0, -1)
        found = [self._read(text(raw)) for raw in ids]
        return [owned.link for owned in found if owned is not None and owned.owner == owner]

    def revoke(self, owner: str, link_id: str) -> bool:
        """Forget a link at once; False when the owner has none of that id."""
        owned = self._read(link_id)
        if owned is None or owned.owner != owner:
            return False
        with self._redis.pipeline() as pipe:
            pipe.delete(redis_keys.link(link_id))
            pipe.delete(redis_keys.link_to(owner, owned.link.resource_id, owned.link.opens))
            pipe.zrem(redis_keys.links_of(owner), link_id)
            return bool(pipe.execute()[0])

    def revoke_all(self, owner: str, resource_id: str) -> bool:
        """Forget every link to a score, board or path; False when there is none."""
        revoked = [self.revoke(owner, link.id) for link in self.list(owner) if link.resource_id == resource_id]
        return any(revoked)

    def _read(self, link_id: str) -> OwnedLink | None:
        return self._links.readable(redis_keys.link(link_id))

    def _id_at(self, place: str, life_s: int) -> str:
        """Return the id of the link that is kept for a place, or a new one where none is or it is damaged."""
        new = secrets.token_hex(16)
        self._redis.set(place, self._ids.written(place, new), nx=True, ex=life_s)
        if (kept := self._ids.readable(place)) is None:
            self._redis.set(place, self._ids.written(place, new), ex=life_s)
        return kept or new

    def _signature(self, link_id: str) -> str:
        return self._secret.digest(_PURPOSE, link_id.encode())
