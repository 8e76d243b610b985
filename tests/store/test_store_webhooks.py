"""Webhooks as they are kept: secrets that are nowhere, owners apart, each event told once and lost by nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest

from candor.store import Store, open_store
from candor.store.client import UnknownCursorError
from candor.store.deliveries import LEASE, MOST_LOGGED, Attempt, Notification, ResourceRef, tried
from candor.store.job_problems import TIMED_OUT
from candor.store.models import JobResult
from candor.store.webhooks import EVENTS, MOST_WEBHOOKS, TooManyWebhooksError, Webhook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from candor.store.deliveries import Delivery
    from candor.store.models import Job
    from tests.conftest import NewJob

URL = "https://hooks.example.org/candor"


@dataclass
class Clock:
    """A clock that moves when told to."""

    now: datetime = datetime(2026, 11, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def timed(redis_url: str, data_dir: Path, clock: Clock) -> Iterator[Store]:
    """An empty store that goes by the test's clock."""
    opened = open_store(redis_url, data_dir, clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def webhook(timed: Store) -> Webhook:
    """One that is told of everything."""
    return timed.webhooks.create("local", URL, EVENTS)


@pytest.fixture
def ended(timed: Store, new_job: NewJob, webhook: Webhook) -> Callable[..., Job]:
    """Makes a job that ends."""

    def end(**changes: str) -> Job:
        job = new_job(**{"webhook": webhook.id, **changes})
        timed.jobs.create(job, b"")
        timed.jobs.finish(job.id, "succeeded", ())
        return job

    return end


def notification(subject: str = "job_1") -> Notification:
    data = ResourceRef(id=subject, url=f"/v1/jobs/{subject}")
    return Notification(type="job.succeeded", timestamp=datetime(2026, 11, 1, tzinfo=UTC), data=data)


def told(store: Store, webhook: Webhook) -> list[str]:
    """What the webhook is told, newest first."""
    return [each.notification.type for each in store.deliveries.list(webhook.owner, webhook.id)[0]]


def everything_kept(store: Store) -> str:
    """All keys and values in Redis, and their members."""
    said = []
    for key in store.redis.keys("*"):
        kind = store.redis.type(key)
        read = {b"string": store.redis.get, b"hash": store.redis.hgetall, b"set": store.redis.smembers}
        said.append(f"{key} {read[kind](key) if kind in read else store.redis.zrange(key, 0, -1)}")
    return "\n".join(said)


def test_a_secret_is_nowhere_in_redis(timed: Store, webhook: Webhook) -> None:
    (secret,) = timed.webhooks.secrets(webhook)
    assert webhook.id in everything_kept(timed)
    assert secret.removeprefix("whsec_") not in everything_kept(timed)


def test_each_webhook_has_a_secret_of_its_own_that_stays(timed: Store, webhook: Webhook, data_dir: Path) -> None:
    other = timed.webhooks.create("local", URL, EVENTS)
    again = open_store("redis://nobody", data_dir).webhooks
    assert timed.webhooks.secrets(webhook) == again.secrets(webhook) != timed.webhooks.secrets(other)


def test_the_secret_before_signs_for_a_day(timed: Store, webhook: Webhook, clock: Clock) -> None:
    (old,) = timed.webhooks.secrets(webhook)
    rotated = timed.webhooks.rotate("local", webhook.id)
    new, before = timed.webhooks.secrets(rotated)
    assert before == old != new
    clock.now += timedelta(days=1)
    assert timed.webhooks.secrets(rotated) == (new,)


def test_another_owners_webhook_is_not_there(timed: Store, webhook: Webhook) -> None:
    assert timed.webhooks.get("bob", webhook.id) is None
    assert timed.webhooks.list("bob") == []
    assert timed.webhooks.rotate("bob", webhook.id) is None
    assert not timed.webhooks.delete("bob", webhook.id)
    assert timed.webhooks.list("local") == [webhook]


def test_an_owner_has_twenty_webhooks_at_most(timed: Store) -> None:
    for _ in range(MOST_WEBHOOKS):
        timed.webhooks.create("local", URL, EVENTS)
    with pytest.raises(TooManyWebhooksError):
        timed.webhooks.create("local", URL, EVENTS)
    assert timed.webhooks.create("bob", URL, EVENTS)


@pytest.mark.parametrize("status", ["succeeded", "failed", "canceled"])
def test_the_end_of_a_job_is_told(timed: Store, new_job: NewJob, webhook: Webhook, status: str) -> None:
    job = new_job(webhook=webhook.id)
    timed.jobs.create(job, b"")
    ways = {
        "succeeded": lambda: timed.jobs.finish(job.id, "succeeded", ()),
        "failed": lambda: timed.jobs.fail(job.id, TIMED_OUT),
        "canceled": lambda: timed.jobs.cancel("local", job.id),
    }
    ways[status]()
    timed.deliveries.drain_outbox()
    delivery = timed.deliveries.claim().delivery
    assert delivery.notification.type == f"job.{status}"
    assert delivery.notification.timestamp == timed.jobs.find(job.id).finished_at
    assert delivery.notification.data == ResourceRef(id=job.id, url=f"/v1/jobs/{job.id}")


def test_nothing_is_told_before_the_job_has_ended(timed: Store, new_job: NewJob, webhook: Webhook) -> None:
    timed.jobs.create(new_job(webhook=webhook.id), b"")
    timed.deliveries.drain_outbox()
    assert timed.deliveries.claim() is None


def test_a_job_without_a_webhook_leaves_no_trace(timed: Store, ended: Callable[..., Job], webhook: Webhook) -> None:
    ended(webhook=None)
    assert timed.deliveries.drain_outbox() == 0
    assert told(timed, webhook) == []


def test_what_a_webhook_did_not_ask_for_is_not_told(timed: Store, ended: Callable[..., Job]) -> None:
    quiet = timed.webhooks.create("local", URL, ["job.failed"])
    ended(webhook=quiet.id)
    assert timed.deliveries.drain_outbox() == 1
    assert told(timed, quiet) == []
    assert timed.deliveries.drain_outbox() == 0


def test_another_owners_webhook_is_not_told(timed: Store, ended: Callable[..., Job]) -> None:
    bobs = timed.webhooks.create("bob", URL, EVENTS)
    ended(webhook=bobs.id)
    timed.deliveries.drain_outbox()
    assert told(timed, bobs) == []


def test_what_nobody_collected_before_dying_is_collected_by_the_next(
    ended: Callable[..., Job], webhook: Webhook, redis_url: str, data_dir: Path
) -> None:
    ended()
    other = open_store(redis_url, data_dir)
    other.deliveries.drain_outbox()
    assert told(other, webhook) == ["job.succeeded"]
    other.close()


def test_what_two_collect_at_once_is_told_once(timed: Store, ended: Callable[..., Job], webhook: Webhook) -> None:
    job = ended()
    timed.deliveries.drain_outbox()
    timed.redis.sadd("candor:outbox", job.id)
    timed.deliveries.drain_outbox()
    assert told(timed, webhook) == ["job.succeeded"]
    assert timed.deliveries.drain_outbox() == 0


def test_of_a_job_in_parts_the_whole_is_told_once(timed: Store, new_job: NewJob, webhook: Webhook) -> None:
    whole = new_job("a", "b", accounts=(), dataset="town", webhook=webhook.id)
    timed.jobs.create(whole)
    timed.job_parts.fan_out(whole)
    for number, topic in enumerate("ab"):
        assert timed.deliveries.drain_outbox() == 0
        result = JobResult(account=None, topic=topic, board_id=f"bd_{topic}")
        timed.jobs.finish(f"{whole.id}-{number}", "succeeded", (result,))
    timed.deliveries.drain_outbox()
    (delivery,), _ = timed.deliveries.list("local", webhook.id)
    assert delivery.notification.data.id == whole.id


def test_a_webhook_is_in_the_hands_of_one_sender(timed: Store, webhook: Webhook, clock: Clock) -> None:
    for subject in ("job_1", "job_2"):
        timed.deliveries.add(webhook, notification(subject))
    assert timed.deliveries.claim()
    assert timed.deliveries.claim() is None
    clock.now += LEASE
    assert timed.deliveries.claim(), "its sender died, so another has it"


def test_webhooks_take_turns(timed: Store, webhook: Webhook, clock: Clock) -> None:
    for subject in ("job_1", "job_2", "job_3"):
        timed.deliveries.add(webhook, notification(subject))
    clock.now += timedelta(seconds=1)
    late = timed.webhooks.create("bob", URL, EVENTS)
    timed.deliveries.add(late, notification())
    clock.now += timedelta(seconds=1)
    turns = []
    while claim := timed.deliveries.claim():
        turns.append(claim.webhook.owner)
        timed.deliveries.record_result(after(claim.delivery, clock.now))
    assert turns == ["local", "bob", "local", "local"]


def after(delivery: Delivery, now: datetime, again_at: datetime | None = None) -> Delivery:
    """The delivery after a try: it arrived, unless it is to be tried again."""
    attempt = Attempt(at=now, status=204, error=None, duration_s=0.1)
    return tried(delivery, attempt, delivered=again_at is None, again_at=again_at)


def test_owners_who_have_enough_in_hand_are_passed_over(timed: Store, webhook: Webhook) -> None:
    timed.deliveries.add(webhook, notification())
    assert timed.deliveries.claim(["local"]) is None
    assert timed.deliveries.claim(["bob"])


def test_a_delivery_comes_back_when_it_is_due_again(timed: Store, webhook: Webhook, clock: Clock) -> None:
    timed.deliveries.add(webhook, notification())
    again_at = clock.now + timedelta(minutes=5)
    timed.deliveries.record_result(after(timed.deliveries.claim().delivery, clock.now, again_at))
    clock.now += timedelta(minutes=4)
    assert timed.deliveries.claim() is None
    clock.now = again_at
    assert len(timed.deliveries.claim().delivery.attempts) == 1


def test_a_webhook_that_rests_is_left_alone(timed: Store, webhook: Webhook, clock: Clock) -> None:
    timed.deliveries.add(webhook, notification())
    timed.deliveries.record_result(
        after(timed.deliveries.claim().delivery, clock.now, clock.now), rest=timedelta(seconds=10)
    )
    timed.deliveries.add(webhook, notification("job_2"))
    assert timed.deliveries.claim() is None
    clock.now += timedelta(seconds=10)
    assert timed.deliveries.claim()


def test_a_deleted_webhook_leaves_nothing_behind(timed: Store, webhook: Webhook, clock: Clock) -> None:
    timed.deliveries.add(webhook, notification())
    claim = timed.deliveries.claim()
    timed.webhooks.delete("local", webhook.id)
    timed.deliveries.forget("local", webhook.id)
    timed.deliveries.record_result(after(claim.delivery, clock.now, clock.now))
    assert timed.redis.keys("*") == []


def test_what_is_due_at_a_webhook_that_vanished_is_dropped(timed: Store, webhook: Webhook) -> None:
    timed.deliveries.add(webhook, notification())
    timed.webhooks.delete("local", webhook.id)
    assert timed.deliveries.claim() is None
    assert not timed.redis.exists("candor:webhooks:due", "candor:webhooks:held")


def test_a_delivery_whose_time_is_over_is_dropped(timed: Store, webhook: Webhook) -> None:
    gone = timed.deliveries.add(webhook, notification())
    kept = timed.deliveries.add(webhook, notification("job_2"))
    timed.redis.delete(f"candor:delivery:local:{gone.id}")
    assert timed.deliveries.claim().delivery.id == kept.id


def test_the_log_is_read_page_by_page(timed: Store, webhook: Webhook, clock: Clock) -> None:
    made = []
    for number in range(3):
        clock.now += timedelta(seconds=1)
        made.append(timed.deliveries.add(webhook, notification(f"job_{number}")))
    first, cursor = timed.deliveries.list("local", webhook.id, limit=2)
    rest, end = timed.deliveries.list("local", webhook.id, limit=2, cursor=cursor)
    assert [*first, *rest] == made[::-1]
    assert end is None
    with pytest.raises(UnknownCursorError):
        timed.deliveries.list("local", webhook.id, cursor="msg_nowhere")


def test_the_log_holds_the_newest_thousand(timed: Store, webhook: Webhook, clock: Clock) -> None:
    log = f"candor:webhook:local:{webhook.id}:log"
    timed.redis.zadd(log, {f"msg_{number}": number for number in range(MOST_LOGGED)})
    timed.deliveries.add(webhook, notification())
    assert timed.redis.zcard(log) == MOST_LOGGED
    assert timed.redis.zscore(log, "msg_0") is None


def test_deliveries_are_kept_as_long_as_jobs(timed: Store, webhook: Webhook) -> None:
    made = timed.deliveries.add(webhook, notification())
    timed.deliveries.record_result(after(timed.deliveries.claim().delivery, made.created_at))
    assert timed.redis.ttl(f"candor:delivery:local:{made.id}") == pytest.approx(7 * 86_400, abs=60)


def test_the_body_is_thin() -> None:
    body = msgspec.json.encode(notification())
    assert msgspec.json.decode(body) == {
        "type": "job.succeeded",
        "timestamp": "2026-11-01T00:00:00Z",
        "data": {"id": "job_1", "url": "/v1/jobs/job_1"},
    }
