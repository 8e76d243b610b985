"""Deliveries: what webhooks are told, when it is due, and what came of it."""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple, TypeAlias

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from candor.scoring.activity import Instant
from candor.store import redis_keys
from candor.store.client import DamagedValueError, newest_ids, text
from candor.store.models import DAY_S
from candor.store.sealed import Sealed
from candor.store.webhooks import EVENTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from redis import Redis
    from redis.client import Pipeline

    from candor.store.jobs import Jobs
    from candor.store.models import Job, Retention
    from candor.store.webhooks import Webhook, Webhooks


log = logging.getLogger(__name__)

ADD = """
local is_new = redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1
  and redis.call('SET', KEYS[2], ARGV[3], 'NX', 'EX', ARGV[5])
if is_new then
  redis.call('ZADD', KEYS[3], ARGV[6], ARGV[2])
  redis.call('ZADD', KEYS[4], ARGV[6], ARGV[2])
  redis.call('ZREMRANGEBYRANK', KEYS[4], 0, -1 - ARGV[7])
  redis.call('EXPIRE', KEYS[3], ARGV[5])
  redis.call('EXPIRE', KEYS[4], ARGV[5])
  redis.call('ZADD', KEYS[5], 'LT', ARGV[6], ARGV[4])
end
redis.call('SREM', KEYS[6], ARGV[8])
return is_new and 1 or 0
"""
"""Records a delivery once, and takes what it is about out of the outbox.

KEYS: webhooks of the owner, delivery, queue, log, due, outbox. ARGV: webhook, id, delivery, member of due, life in
seconds, time, how many the log holds at most, member of the outbox. Returns 1 the first time.
"""

CLAIM = """
local passed_over = {}
for _, owner in ipairs(cjson.decode(ARGV[3])) do passed_over[owner] = true end
for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, 1000)) do
  local held = redis.call('ZSCORE', KEYS[2], member)
  local is_free = not held or tonumber(held) <= tonumber(ARGV[1])
  local is_whole, said = pcall(cjson.decode, member)
  if not is_whole or type(said) ~= 'table' then
    redis.call('ZREM', KEYS[1], member)
  elseif is_free and not passed_over[said[1]] then
    redis.call('ZADD', KEYS[2], ARGV[2], member)
    return member
  end
end
return false
"""
"""KEYS: due, held. ARGV: time, held until, owners to pass over. Returns the webhook that waited longest, or nothing.

What is damaged so that it names no webhook is dropped, as it would stand in the way of all others."""

SETTLE = """
local function forget()
  redis.call('ZREM', KEYS[1], ARGV[1])
  redis.call('ZREM', KEYS[2], ARGV[1])
end
if redis.call('HEXISTS', KEYS[5], ARGV[2]) == 0 then
  redis.call('DEL', KEYS[3], KEYS[4])
  return forget()
end
if ARGV[4] ~= '' then redis.call('SET', KEYS[4], ARGV[4], 'XX', 'KEEPTTL') end
if ARGV[5] == '' then redis.call('ZREM', KEYS[3], ARGV[3]) else redis.call('ZADD', KEYS[3], ARGV[5], ARGV[3]) end
local first = redis.call('ZRANGE', KEYS[3], 0, 0, 'WITHSCORES')[2]
if not first then return forget() end
redis.call('ZADD', KEYS[1], math.max(tonumber(first), tonumber(ARGV[6])), ARGV[1])
redis.call('ZADD', KEYS[2], ARGV[7], ARGV[1])
"""
"""Records what came of a delivery and lets its webhook go, to the end of the line; of a deleted one all is forgotten.

KEYS: due, held, queue, delivery, webhooks of the owner. ARGV: member of due, webhook, id, delivery (else empty), when
it is due again (else empty), time, until when the webhook rests.
"""

PING = "webhook.ping"
DeliveryStatus: TypeAlias = Literal["pending", "delivered", "failed"]

LEAST_DAYS = 2
MOST_LOGGED = 1_000
AT_ONCE = 100
LEASE = timedelta(minutes=2)


class ResourceRef(msgspec.Struct, frozen=True, kw_only=True):
    """What a notification is about."""

    id: Annotated[str, Meta(description="Its id.")]
    url: Annotated[str, Meta(description="Where to read it with a key, relative to the service.")]


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """What is sent to a webhook: that something happened. What it was is to be read at `data.url`."""

    type: Annotated[str, Meta(description=f"What happened: {', '.join(EVENTS)} or {PING}.")]
    timestamp: Annotated[Instant, Meta(description="When it happened.")]
    data: Annotated[ResourceRef, Meta(description="What it is about.")]


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One try to deliver."""

    at: Annotated[Instant, Meta(description="When it began.")]
    status: Annotated[int | None, Meta(description="HTTP status of the answer; null where there was none.")]
    error: Annotated[str | None, Meta(description="Why there was no answer, or null.")]
    duration_s: Annotated[float, Meta(description="How long it took, in seconds.")]


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """A notification on its way to a webhook. `next_attempt_at` is null once it was delivered or given up."""

    id: str
    owner: str
    webhook: str
    notification: Notification
    created_at: datetime
    next_attempt_at: datetime | None
    status: DeliveryStatus = "pending"
    attempts: tuple[Attempt, ...] = ()

    @property
    def body(self) -> bytes:
        """The bytes that are sent and signed, the same at each try."""
        return msgspec.json.encode(self.notification)


def tried(delivery: Delivery, attempt: Attempt, *, delivered: bool, again_at: datetime | None) -> Delivery:
    """Return the delivery after another try."""
    status: DeliveryStatus = "delivered" if delivered else "failed" if again_at is None else "pending"
    return replace(delivery, status=status, attempts=(*delivery.attempts, attempt), next_attempt_at=again_at)


def end_of(job: Job) -> Notification:
    """Return what is to be told of a job that has ended."""
    subject = ResourceRef(id=job.id, url=f"/v1/jobs/{job.id}")
    return Notification(type=f"job.{job.status}", timestamp=job.finished_at or job.created_at, data=subject)


class ClaimedDelivery(NamedTuple):
    """A delivery in hand, and where it is to go."""

    webhook: Webhook
    delivery: Delivery


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
        self._deliveries = Sealed[Delivery](redis, Delivery)
        self._add = redis.register_script(ADD)
        self._claim = redis.register_script(CLAIM)
        self._settle = redis.register_script(SETTLE)

    def drain_outbox(self) -> int:
        """Make deliveries of jobs that have ended since; returns how many jobs were looked at.

        A job's end puts it into the outbox in the same step, and it stays there until its delivery is recorded.
        """
        ended = [text(raw) for raw in self._redis.srandmember(redis_keys.OUTBOX, AT_ONCE) or ()]
        for job_id in ended:
            try:
                job = self._jobs.find(job_id)
            except DamagedValueError:
                log.exception("stored value damaged: what became of job %s is told nobody", job_id)
                job = None
            webhook = None if job is None else self._webhooks.readable(job.owner, str(job.request.webhook))
            if job is None or webhook is None or not webhook.enabled or f"job.{job.status}" not in webhook.events:
                self._redis.srem(redis_keys.OUTBOX, job_id)
            else:
                self.add(webhook, end_of(job), outbox=job_id)
        return len(ended)

    def enqueue(self, pipe: Pipeline, owner: str, notification: Notification) -> None:
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
        keys = [redis_keys.webhooks(owner), redis_keys.delivery(owner, delivery.id)]
        keys += [redis_keys.deliveries_due(owner, named), redis_keys.deliveries_of(owner, named)]
        args = (named, delivery.id, self._written(delivery), _member(owner, named), self._life_s, now.timestamp())
        self._add(
            keys=[*keys, redis_keys.WEBHOOKS_DUE, redis_keys.OUTBOX], args=[*args, MOST_LOGGED, outbox], client=client
        )
        return delivery

    def claim(self, passed_over: Iterable[str] = ()) -> ClaimedDelivery | None:
        """Take a delivery that is due in hand, of the webhook that has waited longest; None when nothing is due.

        For two minutes nobody else gets anything of that webhook. `passed_over` are owners who have enough in hand.
        """
        now = self._clock()
        until = (now + LEASE).timestamp()
        waiting = [redis_keys.WEBHOOKS_DUE, redis_keys.WEBHOOKS_HELD]
        while member := self._claim(
            keys=waiting, args=[now.timestamp(), until, msgspec.json.encode(list(passed_over))]
        ):
            try:
                owner, webhook_id = msgspec.json.decode(member, type=tuple[str, str])
            except msgspec.MsgspecError:
                self._redis.zrem(redis_keys.WEBHOOKS_DUE, member)
                continue
            queue = redis_keys.deliveries_due(owner, webhook_id)
            first = self._redis.zrangebyscore(queue, "-inf", now.timestamp(), start=0, num=1)
            delivery_id = text(first[0]) if first else ""
            webhook, delivery = self._webhooks.readable(owner, webhook_id), self.get(owner, delivery_id)
            if webhook is not None and delivery is not None:
                return ClaimedDelivery(webhook, delivery)
            self._release(owner, webhook_id, delivery_id)
        return None

    def record_result(self, delivery: Delivery, *, rest: timedelta = timedelta(0)) -> None:
        """Keep what came of a delivery in hand; its webhook may be claimed again after `rest`."""
        self._release(delivery.owner, delivery.webhook, delivery.id, kept=delivery, rest=rest)

    def get(self, owner: str, delivery_id: str) -> Delivery | None:
        """Return the delivery, or None. A damaged one is none, and is not sent."""
        return self._deliveries.readable(redis_keys.delivery(owner, delivery_id))

    def list(
        self, owner: str, webhook_id: str, *, cursor: str | None = None, limit: int = 20
    ) -> tuple[list[Delivery], str | None]:
        """Return a page of what the webhook was told, newest first, and the cursor of the next page.

        Raises UnknownCursorError.
        """
        ids, following = newest_ids(self._redis, redis_keys.deliveries_of(owner, webhook_id), cursor, limit)
        found = (self.get(owner, delivery_id) for delivery_id in ids)
        return [each for each in found if each is not None], following

    def forget(self, owner: str, webhook_id: str) -> None:
        """Forget everything about a webhook that was deleted."""
        log, member = redis_keys.deliveries_of(owner, webhook_id), _member(owner, webhook_id)
        sent = [redis_keys.delivery(owner, text(raw)) for raw in self._redis.zrange(log, 0, -1)]
        with self._redis.pipeline() as pipe:
            pipe.delete(log, redis_keys.deliveries_due(owner, webhook_id), *sent)
            pipe.zrem(redis_keys.WEBHOOKS_DUE, member)
            pipe.zrem(redis_keys.WEBHOOKS_HELD, member)
            pipe.execute()

    def _release(
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
        keys = [redis_keys.WEBHOOKS_DUE, redis_keys.WEBHOOKS_HELD, redis_keys.deliveries_due(owner, webhook_id)]
        result = ("" if kept is None else self._written(kept), "" if due is None else due.timestamp())
        times = (now.timestamp(), (now + rest).timestamp())
        self._settle(
            keys=[*keys, redis_keys.delivery(owner, delivery_id), redis_keys.webhooks(owner)],
            args=[_member(owner, webhook_id), webhook_id, delivery_id, *result, *times],
        )

    def _written(self, delivery: Delivery) -> bytes:
        return self._deliveries.written(redis_keys.delivery(delivery.owner, delivery.id), delivery)


def _delivery_id(webhook: Webhook, notification: Notification) -> str:
    made_from = [webhook.id, notification.type, notification.data.id, notification.timestamp]
    return "msg_" + hashlib.sha256(msgspec.json.encode(made_from)).hexdigest()[:32]


def _member(owner: str, webhook_id: str) -> bytes:
    return msgspec.json.encode([owner, webhook_id])
