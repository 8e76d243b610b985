"""Flipped bits: none in what is kept is read as another value, none lets anybody back in, and none stops the rest."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from candor.scoring.redaction import DataSubject
from candor.scoring.topics import Topic
from candor.scoring.trust_root import RootAccount, TrustRoot
from candor.store import redis_keys
from candor.store.account_kinds import AccountKindRecord
from candor.store.client import DamagedValueError
from candor.store.job_problems import RECORD_DAMAGED
from candor.store.models import Progress
from candor.telemetry.meters import Meters
from worker.launcher import Reaper

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from candor.store import Store
    from candor.store.models import Job
    from tests.conftest import NewJob

AT = datetime(2026, 11, 1, tzinfo=UTC)
SOMEBODY = DataSubject(network="custom:demo", names=("somebody",))
ROOT = TrustRoot(
    kind="accounts", id="elders", network="custom:demo", accounts=tuple(RootAccount(account=f"u{n}") for n in range(9))
)


def kept_topic(store: Store) -> Callable[[], object]:
    store.topics.put("o", "hops", Topic(id="hops", label="Hops", terms=("hop", "hops"), hashtags=("hops",)))
    return lambda: store.topics.get("o", "hops")


def kept_root(store: Store) -> Callable[[], object]:
    store.trust_roots.put("o", "elders", ROOT)
    return lambda: (store.trust_roots.get("o", "elders"), store.trust_roots.known("o", "elders"))


def kept_kind(store: Store) -> Callable[[], object]:
    said = AccountKindRecord(
        network="custom:demo", account="u1", kind="bot", said_by="operator", why="It says so.", at=AT
    )
    store.account_kinds.put("o", said)
    return lambda: store.account_kinds.list("o")


def kept_dataset(store: Store) -> Callable[[], object]:
    line = b'{"id": "p1", "type": "note", "actor": "u1", "published": "2026-10-01T00:00:00Z", "content": "rocket"}'
    store.datasets.put("o", "town", network="custom:demo", profile="forum", granted_rights=False, lines=[line])
    return lambda: store.datasets.get("o", "town")


@pytest.mark.parametrize("keep", [kept_topic, kept_root, kept_kind, kept_dataset])
def test_of_flipped_bits_none_makes_another_value(store: Store, keep: Callable[[Store], Callable[[], object]]) -> None:
    read = keep(store)
    before = read()
    for key, field in places(store):
        for bit in bits(store, key, field):
            flip(store, key, field, bit)
            assert read_or_damaged(read) in (before, None), (key, field, bit)
            flip(store, key, field, bit)
    assert read() == before


def test_of_flipped_bits_in_a_job_none_makes_another_job(store: Store, new_job: NewJob) -> None:
    job = ended(store, new_job)
    key = redis_keys.job(job.id)
    for field in store.redis.hkeys(key):
        for bit in bits(store, key, field):
            flip(store, key, field, bit)
            assert read_or_damaged(lambda: store.jobs.find(job.id)) in (job, None), (field, bit)
            flip(store, key, field, bit)
    assert store.jobs.find(job.id) == job


def ended(store: Store, new_job: NewJob) -> Job:
    """A job that has run its whole course."""
    job = new_job()
    store.jobs.create(job, b"")
    store.jobs.start("local", job.id)
    store.jobs.report(job.id, Progress(done=0, total=1, stage="scoring"))
    store.jobs.finish(job.id, "succeeded", (), progress=Progress(done=1, total=1, stage="done", people=12))
    found = store.jobs.find(job.id)
    assert found is not None
    return found


@pytest.mark.parametrize("field", ["request", "owner", "attempts"])
def test_a_damaged_job_ends_and_stops_no_other(store: Store, new_job: NewJob, field: str) -> None:
    job, other = new_job(), new_job()
    for each in (job, other):
        store.jobs.create(each, b"")
    flip(store, redis_keys.job(job.id), field.encode(), 13)
    for each in (job, other):
        store.queue.remove("interactive", each.id)
    reaper = Reaper(store, Meters(), lambda: 0.0)
    for now_s in (0.0, 20.0, 40.0):
        reaper.run(now_s)
    assert [each.id for each in store.jobs.list("local")[0]] == [other.id]
    assert store.queue.waiting() == {other.id}
    assert store.jobs.count_open() == 1
    assert store.redis.ttl(redis_keys.job(job.id)) > 0
    assert store.redis.hget(redis_keys.job(job.id), "status") == b'"failed"'


@pytest.mark.parametrize("bit", [12, 15])
def test_a_job_of_which_only_the_status_is_damaged_ends_and_says_so(store: Store, new_job: NewJob, bit: int) -> None:
    job = new_job()
    store.jobs.create(job, b"")
    flip(store, redis_keys.job(job.id), b"status", bit)
    store.recovery.requeue(job.id)
    found = store.jobs.find(job.id)
    assert found is not None
    assert (found.status, found.error) == ("failed", RECORD_DAMAGED)


def test_a_part_whose_result_is_damaged_is_a_problem_of_the_whole(store: Store, new_job: NewJob) -> None:
    job = new_job("hops", "malt", accounts=(), dataset="town")
    store.jobs.create(job)
    store.job_parts.fan_out(job)
    parts = [f"{job.id}.{number}" for number in range(2)]
    parts = sorted(name for name in store.queue.waiting() if name != job.id)
    store.jobs.fail(parts[0], RECORD_DAMAGED)
    (field,) = (name for name in store.redis.hkeys(redis_keys.job_parts(job.id)) if name.startswith(b"result:"))
    flip(store, redis_keys.job_parts(job.id), field, 99)
    store.jobs.fail(parts[1], RECORD_DAMAGED)
    found = store.jobs.find(job.id)
    assert found is not None
    assert found.status == "failed"
    assert found.results[0].problem == RECORD_DAMAGED


def test_no_flipped_bit_lets_anybody_back_in(store: Store) -> None:
    names = [f"u{number}" for number in range(20)]
    for name in names:
        store.suppression.add("x", [name])
    for bit, key in enumerate((redis_keys.SUPPRESSED, redis_keys.SUPPRESSED_AGAIN)):
        kept = sorted(store.redis.smembers(key))
        for member in kept:
            store.redis.srem(key, member)
            store.redis.sadd(key, flipped(member, 77 + bit))
        assert store.suppression.among("x", names) == set(names)
        assert not store.suppression.is_empty()
        assert store.suppression.mend() == 2 * len(kept)
        assert set(kept) <= store.redis.smembers(key)
    assert store.suppression.mend() == 0
    for name in names:
        assert store.suppression.remove("x", name)
    assert store.suppression.among("x", names) == set()


def test_a_list_that_is_gone_from_one_place_is_put_back_by_the_launcher(store: Store) -> None:
    store.suppression.add("x", ["ada"])
    store.redis.delete(redis_keys.SUPPRESSED)
    assert store.suppression.among("x", ["ada"]) == {"ada"}
    Reaper(store, Meters()).run(0.0)
    store.redis.delete(redis_keys.SUPPRESSED_AGAIN)
    assert store.suppression.among("x", ["ada"]) == {"ada"}


def test_files_stay_while_it_cannot_be_told_whose_they_are(store: Store, data_dir: Path) -> None:
    kept_dataset(store)
    kept = set((data_dir / "datasets").rglob("*.parquet"))
    key = redis_keys.dataset("o", "town")
    flip(store, key, None, 300)
    Reaper(store, Meters()).run(0.0)
    assert set((data_dir / "datasets").rglob("*.parquet")) == kept != set()
    with pytest.raises(DamagedValueError):
        store.datasets.get("o", "town")
    kept_dataset(store)
    assert store.datasets.get("o", "town") is not None


def test_what_is_damaged_goes_with_whoever_is_erased_next_and_can_be_made_anew(store: Store) -> None:
    for keep in (kept_root, kept_kind, kept_dataset):
        keep(store)
    for key, field in places(store):
        if b"facts" not in key:
            flip(store, key, field, 99)
    ended = store.eraser.run(store.erasures.create(None, "custom:demo", *SOMEBODY.names))
    assert (ended.status, ended.erased["damaged"]) == ("succeeded", 3)
    for keep in (kept_root, kept_kind, kept_dataset):
        assert keep(store)()


KINDS = (b"candor:topics:", b"candor:trust-root", b"candor:account-kinds:", b"candor:dataset:")


def places(store: Store) -> list[tuple[bytes, bytes | None]]:
    """Where values are kept: a key, and of a hash a field."""
    found: list[tuple[bytes, bytes | None]] = []
    for key in sorted(store.redis.scan_iter("candor:*")):
        if key.startswith(KINDS):
            is_hash = store.redis.type(key) == b"hash"
            found += [(key, field) for field in store.redis.hkeys(key)] if is_hash else [(key, None)]
    return found


def value_at(store: Store, key: Any, field: bytes | None) -> bytes:
    found = store.redis.get(key) if field is None else store.redis.hget(key, field)
    assert isinstance(found, bytes)
    return found


def bits(store: Store, key: Any, field: bytes | None) -> list[int]:
    """Sixty of the bits of a value, or all that it has."""
    size = 8 * len(value_at(store, key, field))
    return random.Random(15).sample(range(size), min(60, size))


def flip(store: Store, key: Any, field: bytes | None, bit: int) -> None:
    value = value_at(store, key, field)
    if field is None:
        store.redis.set(key, flipped(value, bit % (8 * len(value))), keepttl=True)
    else:
        store.redis.hset(key, field, flipped(value, bit % (8 * len(value))))


def flipped(value: bytes, bit: int) -> bytes:
    changed = bytearray(value)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def read_or_damaged(read: Callable[[], object]) -> object:
    """What is read, or None where it is said to be damaged."""
    try:
        return read()
    except DamagedValueError:
        return None
