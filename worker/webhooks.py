"""Webhooks: tells the addresses that owners registered what happened, signed as Standard Webhooks says."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from contextlib import contextmanager, suppress
from datetime import timedelta
from queue import SimpleQueue
from random import SystemRandom
from typing import TYPE_CHECKING, Self

from redis.exceptions import RedisError
from standardwebhooks import Webhook as Signer

from candor.store import utc_now
from candor.store.deliveries import Attempt, tried
from candor.store.models import LOCAL_OWNER
from candor.telemetry.meters import WEBHOOK_SECONDS, WEBHOOK_TRIES, Meters
from worker.outbound import OutboundError, ResponseLimits

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from datetime import datetime
    from random import Random

    from candor.store import Store
    from candor.store.deliveries import ClaimedDelivery
    from candor.store.webhooks import Webhook
    from worker.outbound import Transport

log = logging.getLogger(__name__)

LIMITS = ResponseLimits(connect_s=5.0, read_s=10.0, total_s=15.0, max_bytes=65_536)
GAPS_S = (5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 28_800)
JITTER = 0.2
REST = timedelta(seconds=10)
SENDERS = 8
OWNER_SENDERS = 2
POLL_S = 0.5
STOP_S = 5.0
GONE = 410


class Notifier:
    """Delivers what is due, on threads of its own beside the launcher's.

    A webhook is told one thing at a time and rests ten seconds after a failure, and two senders at most work for one
    owner; so who answers slowly holds up nobody else. `rng` spreads the retries, which go on for a day. Nothing leaves
    for an owner without a key that works, unless they are among `keyless`, who need none.
    """

    def __init__(
        self,
        store: Store,
        transport: Transport,
        *,
        rng: Random | None = None,
        keyless: Collection[str] = (LOCAL_OWNER,),
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._transport = transport
        self._meters = Meters()
        self._rng = rng or SystemRandom()
        self._keyless = keyless
        self._clock = clock
        self._claims: SimpleQueue[ClaimedDelivery] = SimpleQueue()
        self._free = threading.Semaphore(SENDERS)
        self._busy: Counter[str] = Counter()
        self._counting = threading.Lock()
        self._news = threading.Event()
        self._stopped = threading.Event()

    @contextmanager
    def running(self) -> Iterator[Self]:
        """Deliver until the block ends; what is then in hand has five seconds, or is sent again by whoever comes."""
        for number in range(SENDERS):
            threading.Thread(target=self._send, name=f"sender-{number}", daemon=True).start()
        dispatcher = threading.Thread(target=self._dispatch, name="dispatcher", daemon=True)
        dispatcher.start()
        try:
            yield self
        finally:
            self._stopped.set()
            self._news.set()
            deadline_s = time.monotonic() + STOP_S
            dispatcher.join(STOP_S)
            for _ in range(SENDERS):
                self._free.acquire(timeout=max(0.0, deadline_s - time.monotonic()))
            with suppress(RedisError):
                self._meters.flush(self._store.metrics.add)

    def deliver(self, claim: ClaimedDelivery) -> None:
        """Try once, and record what came of it. Raises RedisError: then it is sent again when the lease is over."""
        webhook, delivery = claim
        attempt = self._try(claim)
        delivered = attempt.status is not None and 200 <= attempt.status < 300
        if attempt.status == GONE:
            self._store.webhooks.disable(webhook.owner, webhook.id, "its receiver answered 410 Gone")
        given_up = delivered or attempt.status == GONE or not webhook.enabled or len(delivery.attempts) >= len(GAPS_S)
        again_at = None if given_up else self._clock() + self._gap(len(delivery.attempts))
        done = tried(delivery, attempt, delivered=delivered, again_at=again_at)
        self._store.deliveries.record_result(done, rest=timedelta(0) if delivered else REST)
        self._meters.count(WEBHOOK_TRIES, done.status)
        if webhook.enabled:
            self._meters.observe(WEBHOOK_SECONDS, attempt.duration_s)
        how = attempt.error or f"status {attempt.status}"
        log.info("delivery %s to webhook %s: %s, %s", done.id, webhook.id, done.status, how)

    def _try(self, claim: ClaimedDelivery) -> Attempt:
        at, started_s = self._clock(), time.monotonic()
        status, error = None, None
        try:
            error = self._why_not(claim.webhook)
            if error is None:
                status = self._post(claim, at)
        except OutboundError as failure:
            error = str(failure)
        return Attempt(at=at, status=status, error=error, duration_s=round(time.monotonic() - started_s, 3))

    def _why_not(self, webhook: Webhook) -> str | None:
        """Return why nothing may be sent to a webhook now, or None."""
        if not webhook.enabled:
            return f"not sent: the webhook is disabled, because {webhook.disabled_because}"
        if webhook.owner not in self._keyless and not self._store.keys.may_act(webhook.owner):
            return "not sent: every key of its owner was revoked or has expired"
        return None

    def _post(self, claim: ClaimedDelivery, at: datetime) -> int:
        secrets = self._store.webhooks.secrets(claim.webhook)
        headers = signed_headers(secrets, claim.delivery.id, at, claim.delivery.body)
        return self._transport.tell(self._transport.guard.target(claim.webhook.url), headers, claim.delivery.body)

    def _gap(self, tries_before: int) -> timedelta:
        return timedelta(seconds=GAPS_S[tries_before] * self._rng.uniform(1 - JITTER, 1 + JITTER))

    def _dispatch(self) -> None:
        while not self._stopped.is_set():
            try:
                while self._store.deliveries.drain_outbox() and not self._stopped.is_set():
                    pass
                self._hand_out()
                self._meters.flush(self._store.metrics.add)
            except RedisError as error:
                log.warning("Redis unavailable, so nothing is delivered: %s", error)
            except Exception:  # a fault in one delivery must not end all others
                log.exception("nothing is delivered for now")
            self._news.wait(POLL_S)
            self._news.clear()

    def _hand_out(self) -> None:
        """Give every free sender a delivery, as long as there are any."""
        while not self._stopped.is_set() and self._free.acquire(blocking=False):
            claim = None
            try:
                claim = self._store.deliveries.claim(self._busy_owners())
            finally:
                if claim is None:
                    self._free.release()
            if claim is None:
                return
            self._count(claim, 1)
            self._claims.put(claim)

    def _send(self) -> None:
        while True:
            claim = self._claims.get()
            try:
                self.deliver(claim)
            except RedisError as error:
                log.warning("Redis unavailable: delivery %s is not recorded: %s", claim.delivery.id, error)
            except Exception:  # the sender goes on with others
                log.exception("delivery %s broke", claim.delivery.id)
            finally:
                self._count(claim, -1)
                self._free.release()
                self._news.set()

    def _count(self, claim: ClaimedDelivery, change: int) -> None:
        with self._counting:
            self._busy[claim.webhook.owner] += change
            self._busy += Counter()  # drops owners with nothing in hand

    def _busy_owners(self) -> list[str]:
        with self._counting:
            return [owner for owner, in_hand in self._busy.items() if in_hand >= OWNER_SENDERS]


def signed_headers(secrets: Iterable[str], message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """Return the headers of Standard Webhooks 1.0: id, time in seconds since 1970, and a signature by each secret."""
    signatures = (Signer(secret).sign(message_id, at, body.decode()) for secret in secrets)
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
