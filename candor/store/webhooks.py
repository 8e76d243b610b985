"""Webhooks: addresses that an owner wants told what happened. Their secrets are derived, so none is kept."""

from __future__ import annotations

import base64
import logging
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

import msgspec
from msgspec.structs import replace

from candor.store import redis_keys
from candor.store.client import DamagedValueError
from candor.store.sealed import OwnedHash

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from redis import Redis

    from candor.store.secret import Secret


log = logging.getLogger(__name__)

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
    """The webhooks of all owners, kept until they are deleted. A damaged one is told nothing, and can be deleted."""

    def __init__(self, redis: Redis, secret: Secret, clock: Callable[[], datetime]) -> None:
        self._webhooks = OwnedHash(redis, Webhook, redis_keys.webhooks)
        self._secret = secret
        self._clock = clock

    def create(self, owner: str, url: str, events: Sequence[Event]) -> Webhook:
        """Register an address for these events. Raises TooManyWebhooksError beyond twenty."""
        if self._webhooks.count(owner) >= MOST_WEBHOOKS:
            raise TooManyWebhooksError(owner)
        now = self._clock()
        events = tuple(dict.fromkeys(events))
        made = Webhook(
            id="wh_" + secrets.token_hex(12), owner=owner, url=url, events=events, created_at=now, secret_since=now
        )
        self._webhooks.put(owner, made.id, made)
        return made

    def get(self, owner: str, webhook_id: str) -> Webhook | None:
        """Return the owner's webhook, or None. Raises DamagedValueError."""
        return self._webhooks.get(owner, webhook_id)

    def readable(self, owner: str, webhook_id: str) -> Webhook | None:
        """Return what `get` does; a damaged one counts as none, and the log says so."""
        try:
            return self.get(owner, webhook_id)
        except DamagedValueError:
            log.exception("a webhook is damaged, so it is told nothing: %s", webhook_id)
            return None

    def list(self, owner: str) -> list[Webhook]:
        """Return the owner's webhooks, oldest first, without damaged ones."""
        return sorted(self._webhooks.readable(owner), key=lambda webhook: (webhook.created_at, webhook.id))

    def delete(self, owner: str, webhook_id: str) -> bool:
        """Forget the webhook; False when there is none. What it was sent is Deliveries' to forget."""
        return self._webhooks.delete(owner, webhook_id)

    def rotate(self, owner: str, webhook_id: str) -> Webhook | None:
        """Give it a new secret; the old one signs as well for a day, so that no receiver misses a beat."""
        now = self._clock()

        def _renewed(webhook: Webhook) -> Webhook:
            return replace(webhook, secret_number=webhook.secret_number + 1, secret_since=now)

        return self._webhooks.change(owner, webhook_id, _renewed)

    def disable(self, owner: str, webhook_id: str, because: str) -> None:
        """Send it nothing more."""
        now = self._clock()
        self._webhooks.change(
            owner, webhook_id, lambda webhook: replace(webhook, disabled_at=now, disabled_because=because)
        )

    def secrets(self, webhook: Webhook) -> tuple[str, ...]:
        """Return the secrets that sign for it now, as `whsec_` and base64, the newest first."""
        numbers = [webhook.secret_number]
        if webhook.secret_number > 1 and self._clock() < webhook.secret_since + OLD_SECRET:
            numbers.append(webhook.secret_number - 1)
        derived = (self._secret.digest(_PURPOSE, f"{webhook.id}:{number}".encode()) for number in numbers)
        return tuple("whsec_" + base64.b64encode(bytes.fromhex(each)).decode() for each in derived)
