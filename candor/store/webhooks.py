"""Webhooks: addresses that an owner wants told what happened. Their secrets are derived, so none is kept."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

import msgspec
from msgspec.structs import replace

from candor.store import redis_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from redis import Redis
    from redis.client import Pipeline

    from candor.store.secret import Secret


Event: TypeAlias = Literal[
    "job.succeeded", "job.failed", "job.canceled", "score.disputed", "dispute.decided", "board.updated"
]
EVENTS: tuple[Event, ...] = get_args(Event)
MOST_WEBHOOKS = 20
OLD_SECRET = timedelta(days=1)
_PURPOSE = "webhook"


class TooManyWebhooksError(ValueError):
    """The owner has as many webhooks as one may have."""


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """A registered address. A disabled one gets nothing more; `disabled_because` says why in words.

    `secret_number` counts its secrets; the one before still signs for a day after `secret_since`.
    """

    id: str
    owner: str
    url: str
    events: tuple[Event, ...]
    created_at: datetime
    secret_since: datetime
    secret_number: int = 1
    disabled_at: datetime | None = None
    disabled_because: str | None = None

    @property
    def enabled(self) -> bool:
        """Tell whether it still gets anything."""
        return self.disabled_at is None


class Webhooks:
    """The webhooks of all owners, kept until they are deleted."""

    def __init__(self, redis: Redis, secret: Secret, clock: Callable[[], datetime]) -> None:
        self._redis = redis
        self._secret = secret
        self._clock = clock
        self._decoder = msgspec.json.Decoder(Webhook)

    def create(self, owner: str, url: str, events: Sequence[Event]) -> Webhook:
        """Register an address for these events. Raises TooManyWebhooksError beyond twenty."""
        if self._redis.hlen(redis_keys.webhooks(owner)) >= MOST_WEBHOOKS:
            raise TooManyWebhooksError(owner)
        now = self._clock()
        events = tuple(dict.fromkeys(events))
        made = Webhook(
            id="wh_" + secrets.token_hex(12), owner=owner, url=url, events=events, created_at=now, secret_since=now
        )
        self._redis.hset(redis_keys.webhooks(owner), made.id, msgspec.json.encode(made))
        return made

    def get(self, owner: str, webhook_id: str) -> Webhook | None:
        """Return the owner's webhook, or None."""
        raw = self._redis.hget(redis_keys.webhooks(owner), webhook_id)
        return None if raw is None else self._decoder.decode(raw)

    def list(self, owner: str) -> list[Webhook]:
        """Return the owner's webhooks, oldest first."""
        found = map(self._decoder.decode, self._redis.hvals(redis_keys.webhooks(owner)))
        return sorted(found, key=lambda webhook: (webhook.created_at, webhook.id))

    def delete(self, owner: str, webhook_id: str) -> bool:
        """Forget the webhook; False when there is none. What it was sent is Deliveries' to forget."""
        return bool(self._redis.hdel(redis_keys.webhooks(owner), webhook_id))

    def rotate(self, owner: str, webhook_id: str) -> Webhook | None:
        """Give it a new secret; the old one signs as well for a day, so that no receiver misses a beat."""
        now = self._clock()

        def _renewed(webhook: Webhook) -> Webhook:
            return replace(webhook, secret_number=webhook.secret_number + 1, secret_since=now)

        return self._change(owner, webhook_id, _renewed)

    def disable(self, owner: str, webhook_id: str, because: str) -> None:
        """Send it nothing more."""
        now = self._clock()
        self._change(owner, webhook_id, lambda webhook: replace(webhook, disabled_at=now, disabled_because=because))

    def secrets(self, webhook: Webhook) -> tuple[str, ...]:
        """Return the secrets that sign for it now, as `whsec_` and base64, the newest first."""
        numbers = [webhook.secret_number]
        if webhook.secret_number > 1 and self._clock() < webhook.secret_since + OLD_SECRET:
            numbers.append(webhook.secret_number - 1)
        derived = (self._secret.digest(_PURPOSE, f"{webhook.id}:{number}".encode()) for number in numbers)
        return tuple("whsec_" + base64.b64encode(bytes.fromhex(each)).decode() for each in derived)

    def _change(self, owner: str, webhook_id: str, change: Callable[[Webhook], Webhook]) -> Webhook | None:
        key = redis_keys.webhooks(owner)
        changed: list[Webhook] = []

        def _step(pipe: Pipeline) -> None:
            raw = pipe.hget(key, webhook_id)
            changed[:] = [change(self._decoder.decode(raw))] if isinstance(raw, bytes) else []
            pipe.multi()
            for webhook in changed:
                pipe.hset(key, webhook_id, msgspec.json.encode(webhook))

        self._redis.transaction(_step, key)
        return changed[0] if changed else None
