"""Deliveries: what webhooks are told, when it is due, and what came of it."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from candor.store import delivery_scripts, keys
from candor.store.models import DAY_S
from candor.store.notifications import Delivery, Notification, end_of
from candor.store.replies import text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from redis import Redis
    from redis.client import Pipeline

    from candor.store.jobs import Jobs
    from candor.store.models import Retention
    from candor.store.webhooks import Webhook, Webhooks

LEAST_DAYS = 2
MOST_LOGGED = 1_000
AT_ONCE = 100
LEASE = timedelta(minutes=2)


class Claim(NamedTuple):
    """A delivery in hand, and where it is to go."""

    webhook: Webhook
    delivery: Delivery


class UnknownDeliveryError(ValueError):
    """The cursor points at no delivery of this webhook."""


class Deliveries:
    """The deliveries of all webhooks, kept as long as jobs and two days at least; a log holds the last thousand."""

    def __init__(
        self, redis: Redis, webhooks: Webhooks, jobs: Jobs, retention: Retention, clock: Callable[[], datetime]
    ) -> None:
        self._redis = redis
        self._webhooks = webhooks
        self._jobs = jobs
        self._life_s = max(LEAST_DAYS, retention.jobs_days) * DAY_S
        self._clock = clock
        self._decoder = msgspec.json.Decoder(Delivery)
        self._add = redis.register_script(delivery_scripts.ADD)
        self._claim = redis.register_script(delivery_scripts.CLAIM)
        self._settle = redis.register_script(delivery_scripts.SETTLE)

    def collect(self) -> int:
        """Make deliveries of jobs that have ended since; returns how many jobs were looked at.

        A job's end puts it into the outbox in the same step, and it stays there until its delivery is recorded.
        """
        ended = [text(raw) for raw in self._redis.srandmember(keys.OUTBOX, AT_ONCE) or ()]
        for job_id in ended:
            job = self._jobs.find(job_id)
            webhook = None if job is None else self._webhooks.get(job.owner, str(job.request.webhook))
            if job is None or webhook is None or not webhook.enabled or f"job.{job.status}" not in webhook.events:
                self._redis.srem(keys.OUTBOX, job_id)
            else:
                self.add(webhook, end_of(job), outbox=job_id)
        return len(ended)

    def announce(self, pipe: Pipeline, owner: str, notification: Notification) -> None:
        """Have every webhook told that asked for this, in the step that `pipe` makes."""
        for webhook in self._webhooks.list(owner):
            if webhook.enabled and notification.type in webhook.events:
                self.add(webhook, notification, client=pipe)

    def add(
        self, webhook: Webhook, notification: Notification, *, outbox: str = "", client: Redis | None = None
    ) -> Delivery:
        """Have the webhook told; the same event is told once, however often this is called."""
        now = self._clock()
        delivery = Delivery(
            id=_delivery_id(webhook, notification),
            owner=webhook.owner,
            webhook=webhook.id,
            notification=notification,
            created_at=now,
            next_attempt_at=now,
        )
        owner, named = webhook.owner, webhook.id
        self._add(
            keys=[
                *(keys.webhooks(owner), keys.delivery(owner, delivery.id), keys.deliveries_due(owner, named)),
                *(keys.deliveries_of(owner, named), keys.WEBHOOKS_DUE, keys.OUTBOX),
            ],
            args=[
                *(named, delivery.id, msgspec.json.encode(delivery), _member(webhook.owner, webhook.id)),
                *(self._life_s, now.timestamp(), MOST_LOGGED, outbox),
            ],
            client=client,
        )
        return delivery

    def claim(self, passed_over: Iterable[str] = ()) -> Claim | None:
        """Take a delivery that is due in hand, of the webhook that has waited longest; None when nothing is due.

        For two minutes nobody else gets anything of that webhook. `passed_over` are owners who have enough in hand.
        """
        now = self._clock()
        until = (now + LEASE).timestamp()
        waiting = [keys.WEBHOOKS_DUE, keys.WEBHOOKS_HELD]
        while member := self._claim(keys=waiting, args=[now.timestamp(), until, _json(list(passed_over))]):
            owner, webhook_id = msgspec.json.decode(member, type=tuple[str, str])
            queue = keys.deliveries_due(owner, webhook_id)
            first = self._redis.zrangebyscore(queue, "-inf", now.timestamp(), start=0, num=1)
            delivery_id = text(first[0]) if first else ""
            webhook, delivery = self._webhooks.get(owner, webhook_id), self.get(owner, delivery_id)
            if webhook is not None and delivery is not None:
                return Claim(webhook, delivery)
            self._let_go(owner, webhook_id, delivery_id)
        return None

    def settle(self, delivery: Delivery, *, rest: timedelta = timedelta(0)) -> None:
        """Keep what came of a delivery in hand; its webhook may be claimed again after `rest`."""
        self._let_go(delivery.owner, delivery.webhook, delivery.id, kept=delivery, rest=rest)

    def get(self, owner: str, delivery_id: str) -> Delivery | None:
        """Return the delivery, or None."""
        raw = self._redis.get(keys.delivery(owner, delivery_id))
        return None if raw is None else self._decoder.decode(raw)

    def list(
        self, owner: str, webhook_id: str, *, cursor: str | None = None, limit: int = 20
    ) -> tuple[list[Delivery], str | None]:
        """Return a page of what the webhook was told, newest first, and the cursor of the next page.

        Raises UnknownDeliveryError.
        """
        log, first = keys.deliveries_of(owner, webhook_id), 0
        if cursor is not None:
            rank = self._redis.zrevrank(log, cursor)
            if not isinstance(rank, int):
                raise UnknownDeliveryError(cursor)
            first = rank + 1
        ids = [text(raw) for raw in self._redis.zrevrange(log, first, first + limit)]
        found = (self.get(owner, delivery_id) for delivery_id in ids[:limit])
        return [each for each in found if each is not None], ids[limit - 1] if len(ids) > limit else None

    def forget(self, owner: str, webhook_id: str) -> None:
        """Forget everything about a webhook that was deleted."""
        log, member = keys.deliveries_of(owner, webhook_id), _member(owner, webhook_id)
        sent = [keys.delivery(owner, text(raw)) for raw in self._redis.zrange(log, 0, -1)]
        with self._redis.pipeline() as pipe:
            pipe.delete(log, keys.deliveries_due(owner, webhook_id), *sent)
            pipe.zrem(keys.WEBHOOKS_DUE, member)
            pipe.zrem(keys.WEBHOOKS_HELD, member)
            pipe.execute()

    def _let_go(
        self,
        owner: str,
        webhook_id: str,
        delivery_id: str,
        *,
        kept: Delivery | None = None,
        rest: timedelta = timedelta(0),
    ) -> None:
        due = None if kept is None else kept.next_attempt_at
        now = self._clock()
        self._settle(
            keys=[
                *(keys.WEBHOOKS_DUE, keys.WEBHOOKS_HELD, keys.deliveries_due(owner, webhook_id)),
                *(keys.delivery(owner, delivery_id), keys.webhooks(owner)),
            ],
            args=[
                *(_member(owner, webhook_id), webhook_id, delivery_id),
                "" if kept is None else msgspec.json.encode(kept),
                "" if due is None else due.timestamp(),
                *(now.timestamp(), (now + rest).timestamp()),
            ],
        )


def _delivery_id(webhook: Webhook, notification: Notification) -> str:
    made_from = [webhook.id, notification.type, notification.data.id, notification.timestamp]
    return "msg_" + hashlib.sha256(_json(made_from)).hexdigest()[:32]


def _member(owner: str, webhook_id: str) -> bytes:
    return _json([owner, webhook_id])


def _json(value: object) -> bytes:
    return msgspec.json.encode(value)
