"""Flipped bits in what opens, tells or names: none opens anything to anybody, and no erasure is lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from candor.scoring.redaction import DataSubject
from candor.scoring.vouches import Vouch
from candor.store import redis_keys
from candor.store.client import DamagedValueError
from candor.store.credentials import Issued
from candor.store.deliveries import Notification, ResourceRef
from candor.store.sources import AskedSource
from candor.store.webhooks import EVENTS
from candor.telemetry.meters import Meters
from tests.store.test_damaged_values import bits, flip, read_or_damaged
from worker.launcher import Reaper

if TYPE_CHECKING:
    from collections.abc import Callable

    from candor.store import Store
    from candor.store.api_keys import ApiKeys

AT = datetime(2026, 11, 1, tzinfo=UTC)
DAY = timedelta(days=1)
TOWN = "custom:town"
ASKED = AskedSource(network="discourse:forum.example", max_requests=9, window_days=9)


def at_keys(store: Store, *patterns: str) -> list[tuple[bytes, bytes | None]]:
    """Where values are, under keys like these: a key, and of a hash a field."""
    found: list[tuple[bytes, bytes | None]] = []
    for pattern in patterns:
        for key in sorted(store.redis.scan_iter(pattern)):
            is_hash = store.redis.type(key) == b"hash"
            found += [(key, name) for name in sorted(store.redis.hkeys(key))] if is_hash else [(key, None)]
    return found


def kept_claim(store: Store) -> tuple[Callable[[], object], str]:
    token, _ = store.claims.begin(TOWN, "ada")
    return lambda: store.claims.find(token), "candor:claim:*"


def kept_code(store: Store) -> tuple[Callable[[], object], str]:
    code = store.claims.make_code(TOWN, "ada")
    (key,) = store.redis.keys("candor:claim-code:*")

    def use() -> object:
        kept = store.redis.dump(key)
        used = store.claims.use_code(code)
        store.redis.restore(key, 0, kept, replace=True)
        return used and (used[1].network, used[1].account)

    return use, "candor:claim-code:*"


def kept_key(store: Store) -> tuple[Callable[[], object], str]:
    _, secret = store.keys.create("o", "mine", ("read",))
    return lambda: (key := store.keys.authenticate(secret)) and (key.id, key.owner, key.scopes), "candor:key:*"


def kept_session(store: Store) -> tuple[Callable[[], object], str]:
    key, _ = store.keys.create("o", "mine", ("read",))
    session = store.sessions.open(key)
    return lambda: (found := store.sessions.key_of(session)) and found.id, "candor:session:*"


def kept_link(store: Store) -> tuple[Callable[[], object], str]:
    token, _ = store.links.make("o", "sc_1", "card", 60, AT)
    return lambda: store.links.find(token), "candor:link*"


def kept_receipt(store: Store) -> tuple[Callable[[], object], str]:
    made = store.receipts.make("opt_out", due=DAY, kept=DAY)
    return lambda: store.receipts.find(made.id), "candor:receipt:*"


def kept_webhook(store: Store) -> tuple[Callable[[], object], str]:
    made = store.webhooks.create("o", "https://hooks.example/1", EVENTS)
    return lambda: store.webhooks.get("o", made.id), "candor:webhooks:of:*"


def kept_delivery(store: Store) -> tuple[Callable[[], object], str]:
    webhook = store.webhooks.create("o", "https://hooks.example/1", EVENTS)
    told = Notification(type="job.failed", timestamp=AT, data=ResourceRef(id="j", url="/v1/jobs/j"))
    made = store.deliveries.add(webhook, told)
    return lambda: store.deliveries.get("o", made.id), "candor:delivery:*"


def kept_source(store: Store) -> tuple[Callable[[], object], str]:
    store.sources.follow("o", "town", ASKED)
    return lambda: store.sources.get("o", "town"), "candor:source:*"


def kept_vouches(store: Store) -> tuple[Callable[[], object], str]:
    store.vouches.keep("o", TOWN, [Vouch("ada", "bo", AT)])
    return lambda: store.vouches.between("o", TOWN, AT - DAY, AT + DAY) or None, "candor:vouches:*"


KINDS = [
    *(kept_claim, kept_code, kept_key, kept_session, kept_link, kept_receipt),
    *(kept_webhook, kept_delivery, kept_source),
]


@pytest.mark.parametrize("keep", KINDS)
def test_of_flipped_bits_none_makes_another_value(
    store: Store, keep: Callable[[Store], tuple[Callable[[], object], str]]
):
    read, pattern = keep(store)
    before = read()
    assert before is not None
    for key, name in at_keys(store, pattern):
        for bit in bits(store, key, name):
            flip(store, key, name, bit)
            assert read_or_damaged(read) in (before, None), (key, name, bit)
            flip(store, key, name, bit)
    assert read() == before


def test_a_damaged_pair_is_dropped_and_kept_anew(store: Store) -> None:
    read, _ = kept_vouches(store)
    key, seen = redis_keys.vouches("o", TOWN), redis_keys.vouches_seen("o", TOWN)
    (member,) = store.redis.zrange(key, 0, -1)
    for place in (key, seen):
        store.redis.zrem(place, member)
        store.redis.zadd(place, {member[:-4] + b"z" + member[-3:]: AT.timestamp()})
    assert read() is None
    assert store.redis.zcard(key) + store.redis.zcard(seen) == 0
    kept_vouches(store)
    assert read() == [("ada", "bo")]


def test_a_damaged_pair_goes_with_whoever_is_erased(store: Store) -> None:
    kept_vouches(store)
    for key in (redis_keys.vouches("o", TOWN), redis_keys.vouches_seen("o", TOWN)):
        (member,) = store.redis.zrange(key, 0, -1)
        store.redis.delete(key)
        store.redis.zadd(key, {member[:-4] + b"z" + member[-3:]: AT.timestamp()})
    assert store.vouches.erase(DataSubject(network=TOWN, names=("cy",)), None) == {"vouches": 0, "damaged": 1}
    assert list(store.redis.scan_iter("candor:vouches:*")) == []


@pytest.mark.parametrize("what", ["value", "field"])
def test_a_key_whose_place_in_the_list_is_damaged_can_be_revoked(store: Store, what: str) -> None:
    keys: ApiKeys = store.keys
    key, secret = keys.create("o", "mine", ("read",))
    other, _ = keys.create("o", "other", ("read",))
    if what == "value":
        flip(store, redis_keys.API_KEYS, key.id.encode(), 99)
    else:
        store.redis.hset(redis_keys.API_KEYS, "key_else", store.redis.hget(redis_keys.API_KEYS, key.id))
        store.redis.hdel(redis_keys.API_KEYS, key.id)
    assert {each.id for each in keys.list("o")} == {key.id, other.id}
    assert keys.revoke(key.id)
    assert keys.authenticate(secret) is None
    assert [each.id for each in keys.list("o")] == [other.id]


def test_a_damaged_credential_counts_no_longer_and_stays_so(store: Store) -> None:
    issued = Issued(owner="o", score_id="s", etag="e", account="0" * 64, until=store.now() + DAY)
    number, index = store.credentials.note(issued)
    key = redis_keys.credentials(str(number))
    store.redis.hset(key, "7", store.redis.hget(key, str(index)))  # the name of its field was damaged
    store.redis.hdel(key, str(index))
    assert store.credentials.revoked(number) == {index}  # as the score is not there
    flip(store, key, b"7", 99)
    assert store.credentials.revoked(number) == {7}
    store.redis.hset(key, b"\xff", b"nothing")
    assert store.credentials.revoked(number) == {7}


def test_an_erasure_outlives_damage_to_either_copy(store: Store) -> None:
    asked = store.erasures.create(None, TOWN, "ada")
    for key in (redis_keys.erasure(asked.id), redis_keys.erasure_again(asked.id)):
        for bit in bits(store, key, None):
            flip(store, key, None, bit)
            assert store.erasures.find(asked.id) == asked
            flip(store, key, None, bit)


def test_an_erasure_of_which_both_copies_are_damaged_is_done_all_the_same(store: Store) -> None:
    line = b'{"id": "p1", "type": "note", "actor": "ada", "published": "2026-10-01T00:00:00Z", "content": "rocket"}'
    store.datasets.put("o", "town", network=TOWN, profile="forum", granted_rights=False, lines=[line])
    asked = store.erasures.create(None, TOWN, "ada")
    for key in (redis_keys.erasure(asked.id), redis_keys.erasure_again(asked.id)):
        flip(store, key, None, 300)
    store.queue.remove("batch", asked.id)
    with pytest.raises(DamagedValueError):
        store.erasures.find(asked.id)
    assert store.erasures.start(asked.id) is None
    Reaper(store, Meters()).run(0.0)
    (again,) = (raw.decode() for raw in store.redis.zrange(redis_keys.ERASURES, 0, -1))
    assert again != asked.id
    begun = store.erasures.start(again)
    assert begun is not None
    assert (begun.owner, begun.names) == (None, ("ada",))
    assert store.eraser.run(begun).status == "succeeded"
    assert list(store.datasets.activities("o", "town")) == []
    Reaper(store, Meters()).run(0.0)
    assert store.redis.zcard(redis_keys.ERASURES) == 0


def test_a_damaged_source_is_not_read_and_stops_no_other(store: Store) -> None:
    for name in ("town", "other"):
        store.sources.follow("o", name, ASKED)
        store.queue.remove("batch", store.sources.get("o", name).id)
    damaged, other = (store.sources.get("o", name).id for name in ("town", "other"))
    flip(store, redis_keys.source(damaged), b"asked", 99)
    reaper = Reaper(store, Meters())
    for now_s in (0.0, 20.0, 40.0):
        reaper.run(now_s)
    assert store.queue.waiting() == {other}
    assert set(store.sources.all_of("o")) == {"other"}
    store.sources.follow("o", "town", ASKED)
    assert set(store.sources.all_of("o")) == {"other", "town"}


@pytest.mark.parametrize(("owner", "gone"), [(None, 1), ("o", 1), ("another", 0)])
def test_a_damaged_source_goes_with_whoever_is_erased_next_by_its_owner(
    store: Store, owner: str | None, gone: int
) -> None:
    store.sources.follow("o", "town", ASKED)
    name = store.sources.get("o", "town").id
    flip(store, redis_keys.source(name), b"state", 99)
    erased = store.sources.erase(DataSubject(network=TOWN, names=("ada",)), owner)
    assert erased == {"sources": 0, **({"damaged": 1} if gone else {})}
    assert store.redis.exists(redis_keys.source(name)) == 1 - gone


def test_a_damaged_webhook_is_told_nothing_is_left_out_of_the_list_and_can_be_deleted(store: Store) -> None:
    made = store.webhooks.create("o", "https://hooks.example/1", EVENTS)
    told = Notification(type="job.failed", timestamp=AT, data=ResourceRef(id="j", url="/v1/jobs/j"))
    store.deliveries.add(made, told)
    flip(store, redis_keys.webhooks("o"), made.id.encode(), 99)
    assert store.webhooks.list("o") == []
    assert store.deliveries.claim() is None
    assert store.webhooks.delete("o", made.id)


def test_a_line_of_the_queue_that_names_no_webhook_stands_in_nobodys_way(store: Store) -> None:
    made = store.webhooks.create("o", "https://hooks.example/1", EVENTS)
    told = Notification(type="job.failed", timestamp=AT, data=ResourceRef(id="j", url="/v1/jobs/j"))
    store.deliveries.add(made, told)
    store.redis.zadd(redis_keys.WEBHOOKS_DUE, {b'["o"': 0, b"7": 0, b'["o",\xff]': 0, b"[1,2]": 0})
    claim = store.deliveries.claim()
    assert claim is not None
    assert claim.webhook == made
    assert store.redis.zcard(redis_keys.WEBHOOKS_DUE) == 1


@pytest.mark.parametrize("kept", [b"7x", b"\x11", b"-1"])
def test_who_leaves_is_suppressed_where_the_number_of_changes_is_damaged(store: Store, kept: bytes) -> None:
    store.suppression.add(TOWN, ["ada"])
    store.redis.set(redis_keys.SUPPRESSIONS, kept)
    before = store.suppression.version()
    store.redis.set(redis_keys.SUPPRESSIONS, kept)
    store.erasures.create(None, TOWN, "bo")
    assert store.suppression.among(TOWN, ["ada", "bo"]) == {"ada", "bo"}
    assert store.suppression.version() >= before > 1


@pytest.mark.parametrize("kept", [b"7x", b"\xff"])
def test_a_count_that_is_no_number_any_more_begins_anew(store: Store, kept: bytes) -> None:
    store.claims.count("192.0.2.1")
    (key,) = store.redis.keys("candor:claims-by:*")
    store.redis.set(key, kept)
    assert [store.claims.count("192.0.2.1") for _ in range(2)] == [1, 2]
    assert store.redis.ttl(key) > 0
    store.metrics.add({("a", ()): 1.0, ("b", ()): 2.0})
    store.redis.hset(redis_keys.METRICS, '["a",[]]', kept)
    assert store.metrics.sums() == {("b", ()): 2.0}
    store.metrics.add({("a", ()): 1.0, ("b", ()): 2.0})
    assert store.metrics.sums() == {("a", ()): 1.0, ("b", ()): 4.0}


def test_a_host_of_which_all_numbers_are_damaged_is_asked(store: Store) -> None:
    key = redis_keys.host("a.example")
    for name in ("down", "pause:", "pause:api", "left:api", "reset:api", "failures", "throttles:api"):
        store.redis.hset(key, name, b"\xffx")
    assert store.budgets.acquire("a.example", "api", "t", slots=2, owner="o").verdict == "go"
    assert [each.state for each in store.budgets.health("o")] == ["well"]
    store.budgets.record_failure("a.example", "no answer")
    store.budgets.pause("a.example", "api", store.now() + DAY, "slowly")
    store.budgets.record_remaining("a.example", "api", 3, store.now() + DAY)
    store.budgets.record_throttle("a.example", "other", None)
    assert store.budgets.acquire("a.example", "api", "t", slots=2, owner="o").verdict == "wait"


def test_what_workers_can_read_counts_as_unsaid_where_it_is_damaged(store):
    store.connectors.publish([])
    assert store.connectors.all() == ()
    store.redis.set("candor:connectors", b"x" + store.redis.get("candor:connectors")[1:])
    assert store.connectors.all() == ()
    assert store.connectors.of("github") is None
