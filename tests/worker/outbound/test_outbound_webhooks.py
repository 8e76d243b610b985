"""Deliveries as they leave: signed, repeated for a day, ended by 410, to public addresses only, nobody in the way."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

import msgspec
import pytest
from standardwebhooks import Webhook as ReferenceWebhook
from standardwebhooks import WebhookVerificationError

from candor.store import utc_now
from candor.store.deliveries import Notification, ResourceRef
from candor.store.webhooks import EVENTS
from tests.integration.waiting import until
from tests.worker.outbound.misbehaving_server import answer
from tests.worker.outbound.test_outbound_connection import PUBLIC, FakeInternet, Resolver
from worker.outbound import Transport
from worker.webhooks import GAPS_S, OWNER_SENDERS, Notifier, signed_headers

if TYPE_CHECKING:
    from collections.abc import Callable

    from candor.store import Store
    from candor.store.deliveries import Delivery
    from candor.store.webhooks import Webhook
    from tests.worker.outbound.conftest import FakeTime

OK, BROKEN, GONE = answer(204), answer(500), answer(410)


@pytest.fixture(autouse=True)
def real_time(time: FakeTime) -> None:
    """Begins now: the reference library refuses what is old."""
    time.now = utc_now()


@pytest.fixture
def tell(timed_store: Store) -> Callable[..., Webhook]:
    """Registers an address, and has it told that jobs have succeeded."""

    def register(url: str, *jobs: str, owner: str = "local") -> Webhook:
        webhook = timed_store.webhooks.create(owner, url, EVENTS)
        for job_id in jobs or ("job_1",):
            subject = ResourceRef(id=job_id, url=f"/v1/jobs/{job_id}")
            timed_store.deliveries.add(webhook, Notification(type="job.succeeded", timestamp=utc_now(), data=subject))
        return webhook

    return register


@pytest.fixture
def notifier(timed_store: Store, transport: Transport, time: FakeTime) -> Notifier:
    return Notifier(timed_store, transport, rng=Random(1), clock=time)


@pytest.fixture
def work(timed_store: Store, notifier: Notifier) -> Callable[..., None]:
    """Delivers what is due until nothing is."""

    def deliver(by: Notifier = notifier) -> None:
        while claim := timed_store.deliveries.claim():
            by.deliver(claim)

    return deliver


@pytest.fixture
def logged(timed_store: Store) -> Callable[[Webhook], Delivery]:
    """The newest delivery in a webhook's log."""
    return lambda webhook: timed_store.deliveries.list(webhook.owner, webhook.id)[0][0]


def test_the_reference_library_verifies_what_arrives(tell, work, server, timed_store) -> None:
    webhook = tell(server.says("/hook", OK))
    work()
    (heard,) = server.heard
    (secret,) = timed_store.webhooks.secrets(webhook)
    verified = ReferenceWebhook(secret).verify(heard.body, heard.headers)
    assert verified == msgspec.json.decode(heard.body)
    assert verified["data"] == {"id": "job_1", "url": "/v1/jobs/job_1"}
    assert (heard.method, heard.headers["content-type"]) == ("POST", "application/json")


def test_the_example_that_the_specification_publishes_is_signed_as_it_says() -> None:
    at = datetime.fromtimestamp(1614265330, UTC)
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    headers = signed_headers([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}')
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert headers["webhook-timestamp"] == "1614265330"


def test_another_secret_does_not_verify_it(tell, work, server, timed_store) -> None:
    tell(server.says("/hook", OK))
    other = timed_store.webhooks.create("local", server.url("/other"), EVENTS)
    work()
    with pytest.raises(WebhookVerificationError):
        ReferenceWebhook(timed_store.webhooks.secrets(other)[0]).verify(server.heard[0].body, server.heard[0].headers)


def test_what_somebody_recorded_and_sends_again_later_is_refused_and_at_once_has_the_same_id(
    tell, work, server, timed_store
) -> None:
    """As README tells receivers: verify id, time and body together, and remember ids for the minutes that count."""
    webhook = tell(server.says("/hook", OK))
    work()
    (heard,) = server.heard
    (secret,) = timed_store.webhooks.secrets(webhook)
    ReferenceWebhook(secret).verify(
        heard.body, heard.headers
    )  # within five minutes only its id tells it from the first
    later = {**heard.headers, "webhook-timestamp": str(int(heard.headers["webhook-timestamp"]) + 60)}
    other_id = {**heard.headers, "webhook-id": "msg_other"}
    for forged in (later, other_id):
        with pytest.raises(WebhookVerificationError):
            ReferenceWebhook(secret).verify(heard.body, forged)
    old = signed_headers([secret], heard.headers["webhook-id"], utc_now() - timedelta(minutes=6), heard.body)
    with pytest.raises(WebhookVerificationError, match="too old"):
        ReferenceWebhook(secret).verify(heard.body, old)


def test_after_a_new_secret_both_verify(tell, work, server, timed_store) -> None:
    webhook = tell(server.says("/hook", OK))
    rotated = timed_store.webhooks.rotate("local", webhook.id)
    work()
    for secret in timed_store.webhooks.secrets(rotated):
        ReferenceWebhook(secret).verify(server.heard[0].body, server.heard[0].headers)


def test_what_arrived_is_recorded(tell, work, server, logged, time) -> None:
    webhook = tell(server.says("/hook", OK))
    work()
    delivery = logged(webhook)
    (attempt,) = delivery.attempts
    assert (delivery.status, delivery.next_attempt_at) == ("delivered", None)
    assert (attempt.at, attempt.status, attempt.error) == (time.now, 204, None)


def test_a_repetition_has_the_same_id_and_body_and_a_new_time(tell, work, server, logged, time) -> None:
    webhook = tell(server.says("/hook", BROKEN, OK))
    work()
    time.pass_by(seconds=12)
    work()
    first, second = server.heard
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == logged(webhook).id
    assert first.body == second.body
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 12
    assert [attempt.status for attempt in logged(webhook).attempts] == [500, 204]


def test_it_is_tried_for_a_day_with_growing_gaps_and_then_given_up(tell, work, server, logged, time) -> None:
    webhook = tell(server.says("/hook", BROKEN))
    work()
    while (due := logged(webhook).next_attempt_at) is not None:
        time.now = max(due, time.now + timedelta(seconds=10))
        work()
    times = [attempt.at for attempt in logged(webhook).attempts]
    gaps_s = [(later - earlier).total_seconds() for earlier, later in itertools.pairwise(times)]
    assert logged(webhook).status == "failed"
    assert len(server.heard) == len(times) == 1 + len(GAPS_S)
    assert gaps_s[:-1] == sorted(gaps_s[:-1])
    assert timedelta(hours=20) < times[-1] - times[0] < timedelta(hours=28)


def test_no_two_are_repeated_at_the_same_moment(tell, work, server, timed_store) -> None:
    webhooks = [tell(server.says("/hook", BROKEN)) for _ in range(5)]
    work()
    due = {timed_store.deliveries.list("local", webhook.id)[0][0].next_attempt_at for webhook in webhooks}
    assert len(due) == 5


def test_410_ends_it_and_disables_the_webhook(tell, work, server, timed_store, time) -> None:
    webhook = tell(server.says("/hook", GONE), "job_1", "job_2")
    work()
    time.pass_by(days=1)
    work()
    assert len(server.heard) == 1
    assert timed_store.webhooks.get("local", webhook.id).disabled_because == "its receiver answered 410 Gone"
    second, first = timed_store.deliveries.list("local", webhook.id)[0]
    assert {first.status, second.status} == {"failed"}
    assert {attempt.status for each in (first, second) for attempt in each.attempts} == {410, None}


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_is_followed(tell, work, server, other_server, logged, status) -> None:
    webhook = tell(server.url(f"/elsewhere?status={status}&to={other_server.says('/hook', OK)}"))
    work()
    assert other_server.heard == []
    assert (logged(webhook).attempts[0].status, logged(webhook).status) == (status, "pending")


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.7", "169.254.169.254", "::1", "100.64.0.1"])
def test_a_name_that_leads_inside_is_not_told(tell, work, logged, timed_store, time, monkeypatch, address) -> None:
    internet = FakeInternet(monkeypatch)
    webhook = tell("https://hooks.example.org/candor")
    work(Notifier(timed_store, Transport(resolver=Resolver([address])), clock=time))
    assert internet.connected == []
    assert "not a public one" in logged(webhook).attempts[0].error


def test_a_name_that_leads_inside_the_second_time_gains_nothing(
    tell, work, server, logged, timed_store, time, monkeypatch
) -> None:
    internet = FakeInternet(monkeypatch)
    internet.server = server
    server.says("/hook", answer(500, Connection="close"))
    webhook = tell("http://hooks.example.org/hook")
    rebinding = Notifier(timed_store, Transport(resolver=Resolver([PUBLIC], ["127.0.0.1"])), clock=time)
    work(rebinding)
    time.pass_by(minutes=1)
    work(rebinding)
    assert internet.connected == [PUBLIC]
    assert "loopback" in logged(webhook).attempts[1].error


def test_an_address_inside_is_not_told_however_it_got_here(tell, work, server, logged, timed_store, time) -> None:
    webhook = tell(server.says("/hook", OK))
    work(Notifier(timed_store, Transport(), clock=time))
    assert server.heard == []
    assert "loopback" in logged(webhook).attempts[0].error


@pytest.mark.parametrize("way", ["/silent", "/slow-headers", "/reset", "/garbage", "/hang-up", "/endless-headers"])
def test_a_receiver_that_misbehaves_is_tried_again(
    tell, work, server, logged, timed_store, hasty_transport, time, way
) -> None:
    webhook = tell(server.url(way))
    work(Notifier(timed_store, hasty_transport, clock=time))
    delivery = logged(webhook)
    assert (delivery.status, delivery.attempts[0].status) == ("pending", None)
    assert delivery.attempts[0].error


@pytest.mark.parametrize("way", ["/endless-body", "/slow-body", "/bomb", "/promises-too-much", "/not-gzip"])
def test_what_a_receiver_answers_beside_its_status_is_not_read(tell, work, server, logged, way) -> None:
    webhook = tell(server.url(way))
    work()
    assert logged(webhook).status == "delivered"


def test_without_a_key_that_works_an_owner_is_told_nothing_until_there_is_one(
    tell, work, server, logged, timed_store, time
) -> None:
    revoked, _ = timed_store.keys.create("shop", "first", ["read"])
    timed_store.keys.create("shop", "second", ["read"], time() + timedelta(seconds=1))
    timed_store.keys.create("other", "first", ["read"])
    webhook = tell(server.says("/hook", OK), owner="shop")
    timed_store.keys.revoke(revoked.id)
    time.pass_by(seconds=2)
    work()
    assert server.heard == []
    assert logged(webhook).status == "pending"
    assert logged(webhook).attempts[0].error == "not sent: every key of its owner was revoked or has expired"
    timed_store.keys.create("shop", "third", ["read"])
    time.pass_by(minutes=1)
    work()
    assert logged(webhook).status == "delivered"


def test_where_others_reach_the_service_the_owner_of_this_machine_needs_a_key_as_well(
    tell, work, server, transport, timed_store, time
) -> None:
    tell(server.says("/hook", OK))
    work(Notifier(timed_store, transport, keyless=[], clock=time))
    assert server.heard == []


def test_slow_receivers_hold_up_nobody_else(tell, server, timed_store, hasty_transport, time) -> None:
    for owner in ("slow", "other"):
        timed_store.keys.create(owner, "first", ["read"])
    for number in range(12):
        tell(server.url("/silent"), f"job_{number}", owner="slow")
    tell(server.says("/hook", OK), owner="other")
    with Notifier(timed_store, hasty_transport, clock=time).running():
        until(lambda: len(server.heard) > OWNER_SENDERS)
    assert "/hook" in [heard.path for heard in server.heard[: OWNER_SENDERS + 1]]


def test_a_running_notifier_collects_and_delivers_what_ended(server, timed_store, transport, new_job, time) -> None:
    webhook = timed_store.webhooks.create("local", server.says("/hook", OK), EVENTS)
    job = new_job(webhook=webhook.id)
    timed_store.jobs.create(job, b"")
    timed_store.jobs.finish(job.id, "succeeded", ())
    with Notifier(timed_store, transport, clock=time).running():
        until(lambda: server.heard)
    assert msgspec.json.decode(server.heard[0].body)["data"]["id"] == job.id


def test_tries_are_counted_by_what_became_of_the_delivery(tell, notifier, server, timed_store) -> None:
    for path, said in {"/a": OK, "/b": OK, "/c": BROKEN, "/d": GONE}.items():
        tell(server.says(path, said))
    with notifier.running():
        until(lambda: len(server.heard) == 4)
    sums = timed_store.metrics.sums()
    counted = {labels[0][1]: by for (name, labels), by in sums.items() if name == "candor_webhook_tries_total"}
    assert counted == {"delivered": 2, "pending": 1, "failed": 1}
    assert sums["candor_webhook_seconds_count", ()] == 4


def test_what_a_disabled_webhook_was_to_be_told_failed_and_took_no_time(tell, notifier, server, timed_store) -> None:
    webhook = tell(server.says("/hook", OK))
    timed_store.webhooks.disable("local", webhook.id, "a test")
    with notifier.running():
        until(lambda: timed_store.deliveries.list("local", webhook.id)[0][0].attempts)
    assert timed_store.metrics.sums() == {("candor_webhook_tries_total", (("status", "failed"),)): 1}


def test_neither_the_address_nor_the_secret_is_logged(tell, work, server, timed_store, caplog) -> None:
    caplog.set_level("DEBUG")
    webhook = tell(server.url("/silent?token=hidden"), "job_1")
    tell(server.says("/hook", BROKEN))
    timed_store.webhooks.disable("local", webhook.id, "a test")
    work()
    assert "status 500" in caplog.text
    assert not any(hidden in caplog.text for hidden in ("hidden", timed_store.webhooks.secrets(webhook)[0]))
