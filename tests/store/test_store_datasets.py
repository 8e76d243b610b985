"""Data sets: all of an upload or nothing, in order, under a digest of their own."""

from __future__ import annotations

import errno
import os
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import msgspec
import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from candor.scoring.activity import Activity
from candor.scoring.record_digest import digest_of_records
from candor.scoring.redaction import DataSubject
from candor.store import redis_keys
from candor.store.models import BadDatasetError
from candor.store.storage import DamagedFileError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from candor.store import Store
    from candor.store.models import Dataset

LINES = [
    b'{"id": "2", "type": "note", "actor": "u2", "published": "2026-10-02T00:00:00Z", "shoe_size": 43}\n',
    b'{"id": "1", "type": "note", "actor": "u1", "published": "2026-10-01T00:00:00Z"}\n',
]
BAD = b'{"id": "3", "type": "boast", "published": "2026-10-01T00:00:00Z"}\n'
SOMEBODY = DataSubject(network="custom:beer", names=("u1",))
DAY_S = 86_400
POST = {"actor": "ä", "content": "Hopfen & Malz ✓", "tags": ("a", "b"), "url": "https://example.org/1"}
WEST = timezone(timedelta(hours=-5))
FULL = [
    Activity(id="1", type="vote", object="2", value=-1.0, published=datetime(2026, 10, 1, tzinfo=UTC)),
    Activity(id="2", type="quote", published=datetime(2026, 10, 2, 1, 2, 3, 456, tzinfo=WEST), **POST),
    Activity(
        id="3",
        type="list",
        actor="u",
        target_actor="ä",
        content="",
        tags=(),
        published=datetime(2026, 10, 3, tzinfo=UTC),
    ),
    Activity(
        type="account",
        actor="ä",
        kind="bot",
        name="",
        followers=0,
        consent=False,
        published=datetime(2026, 10, 1, tzinfo=UTC),
    ),
]


def put(store: Store, lines: object = LINES, *, owner: str = "local", name: str = "beer", **more: object) -> Dataset:
    """Upload the lines."""
    facts = {"network": "custom:beer", "profile": "forum", "granted_rights": False}
    return store.datasets.put(owner, name, lines=lines, **facts, **more)


def files(data_dir: Path) -> list[str]:
    """What lies in the data directory."""
    return sorted(path.name for path in data_dir.rglob("*") if path.is_file())


def test_records_come_back_by_time(store: Store) -> None:
    put(store)
    assert [record.id for record in store.datasets.activities("local", "beer")] == ["1", "2"]


def test_every_field_of_a_record_comes_back(store: Store) -> None:
    put(store, [msgspec.json.encode(record) for record in FULL])
    assert list(store.datasets.activities("local", "beer")) == FULL


def test_records_that_name_unknown_or_later_objects_come_back(store: Store) -> None:
    reply = {"type": "reply", "actor": "u1", "published": "2026-10-01T00:00:00Z"}
    records = [{"id": "1", "object": "2", **reply}, {"id": "2", "object": "nowhere", **reply}]
    put(store, map(msgspec.json.encode, records))
    assert [record.object for record in store.datasets.activities("local", "beer")] == ["2", "nowhere"]


def test_of_repeated_records_one_is_kept_and_the_rest_are_counted(store: Store) -> None:
    kept = put(store, [*LINES, *LINES])
    assert (kept.records, kept.counts.duplicates) == (2, 2)
    assert kept.digest == put(store).digest


def test_an_id_with_two_contents_is_refused_with_both_lines(store: Store) -> None:
    with pytest.raises(BadDatasetError) as raised:
        put(store, [*LINES, LINES[0].replace(b"u2", b"u3")])
    assert [(bad.line, bad.pointer, "record 1 has" in bad.detail) for bad in raised.value.bad] == [(3, "/id", True)]


def test_what_is_known_of_a_data_set_is_found_again(store: Store) -> None:
    uploaded = put(store)
    assert store.datasets.get("local", "beer") == uploaded
    assert (uploaded.records, uploaded.counts.unknown_fields) == (2, 1)


def test_the_digest_hangs_on_the_records_and_not_on_their_order(store: Store) -> None:
    assert put(store).digest == put(store, reversed(LINES)).digest
    assert put(store).digest != put(store, LINES[:1]).digest


def test_what_is_dated_in_the_future_is_counted_and_is_not_the_last_thing_done(store: Store) -> None:
    line = b'{"type":"note","id":"%s","actor":"u1","published":"%s","content":"x"}'
    later, soon = b"2099-01-01T00:00:00Z", datetime.now(UTC) + timedelta(hours=30)
    there = put(store, [line % (b"a", b"2026-10-01T00:00:00Z"), line % (b"b", later)])
    assert (there.records, there.counts.in_future, there.last) == (2, 1, datetime(2026, 10, 1, tzinfo=UTC))
    added = [line % (b"c", later), line % (b"d", soon.isoformat().encode())]
    store.datasets.append("local", "beer", lines=added)
    there = store.datasets.get("local", "beer")
    assert (there.counts.in_future, there.last) == (2, soon)


def test_another_owners_data_set_is_not_there(store: Store) -> None:
    put(store, owner="a")
    assert store.datasets.get("b", "beer") is None
    assert not store.datasets.delete("b", "beer")
    with pytest.raises(LookupError):
        store.datasets.activities("b", "beer")


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b", "é\x00", "x" * 5_000])
def test_no_name_leads_out_of_the_data_directory(store: Store, data_dir: Path, name: str) -> None:
    put(store, name=name)
    assert len(store.datasets.activities("local", name)) == 2
    assert len(files(data_dir / "datasets")) == 1


def test_a_new_upload_replaces_the_old_one(store: Store, data_dir: Path) -> None:
    put(store)
    put(store, LINES[:1])
    assert [record.id for record in store.datasets.activities("local", "beer")] == ["2"]
    assert len(files(data_dir / "datasets")) == 1


def test_a_deleted_data_set_leaves_no_file(store: Store, data_dir: Path) -> None:
    put(store)
    assert store.datasets.delete("local", "beer")
    assert store.datasets.get("local", "beer") is None
    assert files(data_dir) == []


def test_bad_lines_are_reported_and_nothing_is_stored(store: Store, data_dir: Path) -> None:
    with pytest.raises(BadDatasetError) as raised:
        put(store, [*LINES, BAD])
    assert [(bad.line, bad.pointer) for bad in raised.value.bad] == [(3, "/type")]
    assert store.datasets.get("local", "beer") is None
    assert files(data_dir) == []


def test_bad_lines_are_left_out_when_asked_to(store: Store) -> None:
    assert put(store, [*LINES, BAD], skip_bad=True).records == 2


def test_record_types_of_a_source_are_renamed(store: Store) -> None:
    put(store, [LINES[0].replace(b"note", b"like")], rename={"like": "review"})
    assert store.datasets.activities("local", "beer")[0].type == "review"


def test_an_upload_that_breaks_off_leaves_the_old_set(store: Store, data_dir: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield LINES[0]
        raise EOFError

    kept = put(store)
    with pytest.raises(EOFError):
        put(store, broken())
    assert store.datasets.get("local", "beer") == kept
    assert len(files(data_dir / "datasets")) == 1


def test_a_full_disk_leaves_the_old_set(store: Store, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "no space")

    kept = put(store)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        put(store, LINES[:1])
    assert store.datasets.get("local", "beer") == kept
    assert len(files(data_dir / "datasets")) == 1


def test_without_redis_an_upload_leaves_no_file(store: Store, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise RedisConnectionError

    monkeypatch.setattr(store.redis, "transaction", away)
    with pytest.raises(RedisConnectionError):
        put(store)
    assert files(data_dir) == []


def test_files_are_swept_when_their_time_is_over_and_not_before(store: Store, data_dir: Path) -> None:
    put(store)
    left = data_dir / "datasets" / "upload.part"
    left.touch()
    age = left.stat().st_mtime - 2 * DAY_S
    for path in (data_dir / "datasets").iterdir():
        os.utime(path, (age, age))
    store.datasets.delete_expired()
    assert len(files(data_dir / "datasets")) == 1
    assert store.datasets.activities("local", "beer")
    for path in (data_dir / "datasets").iterdir():
        os.utime(path, (age - 30 * DAY_S, age - 30 * DAY_S))
    store.redis.delete(redis_keys.dataset("local", "beer"))
    store.datasets.delete_expired()
    assert files(data_dir) == []


def test_who_is_suppressed_while_an_upload_is_on_its_way_is_not_in_it(store: Store, data_dir: Path) -> None:
    def lines() -> Iterator[bytes]:
        yield from LINES
        store.suppression.add("custom:beer", ["u1"])

    assert put(store, lines()).counts.suppressed == 1
    assert [record.id for record in store.datasets.activities("local", "beer")] == ["2"]
    assert len(list((data_dir / "datasets").iterdir())) == 1


def test_who_is_suppressed_while_an_upload_is_published_is_not_in_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    among = store.suppression.among

    def late(network: str, accounts: Iterable[str]) -> set[str]:
        found = among(network, accounts)
        if not store.redis.exists("candor:suppressed"):
            store.suppression.add("custom:beer", ["u1"])
        return found

    monkeypatch.setattr(store.suppression, "among", late)
    assert put(store).counts.suppressed == 1


def test_a_data_set_whose_file_is_gone_is_gone_in_every_answer(store: Store, data_dir: Path) -> None:
    put(store)
    for path in (data_dir / "datasets").iterdir():
        path.unlink()
    assert store.datasets.get("local", "beer") is None
    with pytest.raises(LookupError):
        store.datasets.activities("local", "beer")
    assert list(store.dataset_erasure.kept_of(SOMEBODY, None)) == []
    assert store.dataset_erasure.erase(SOMEBODY, None) == {"datasets": 0}
    assert not store.datasets.delete("local", "beer")


def test_a_data_set_whose_file_is_gone_can_be_uploaded_anew(store: Store, data_dir: Path) -> None:
    put(store)
    for path in (data_dir / "datasets").iterdir():
        path.unlink()
    put(store)
    assert len(store.datasets.activities("local", "beer")) == 2


@pytest.mark.parametrize(
    "address", ["https://a.example/@u1/7", "https://a.example/post_u1_0", "https://a.example/p/zed%20%c3%b6/1"]
)
def test_an_erasure_takes_addresses_that_name_somebody_out_of_what_others_did(store: Store, address: str) -> None:
    subject = msgspec.structs.replace(SOMEBODY, names=("u1", "zed ö"))
    said = {"id": "7", "type": "note", "published": "2026-10-01T00:00:00Z", "actor": "u2"}
    posts = [{**said, "url": address}, {**said, "id": "8", "url": "https://a.example/u19"}]
    store.datasets.put(
        "local",
        "links",
        network="custom:beer",
        profile=None,
        granted_rights=True,
        lines=map(msgspec.json.encode, posts),
    )
    assert store.dataset_erasure.erase(subject, None) == {"datasets": 1}
    left = store.datasets.activities("local", "links")
    assert [record.url for record in left] == [None, "https://a.example/u19"]
    assert left.digest == digest_of_records(left)
    assert store.dataset_erasure.erase(subject, None) == {"datasets": 0}


def test_addresses_that_name_somebody_suppressed_are_not_kept_of_what_comes_later(store: Store) -> None:
    store.suppression.add("custom:beer", ["u1"])
    said = {"type": "note", "published": "2026-10-01T00:00:00Z"}
    posts = [
        {**said, "id": "6", "actor": "u1"},
        {**said, "id": "7", "actor": "u2", "url": "https://a.example/u1/7"},
    ]
    store.datasets.put(
        "local",
        "links",
        network="custom:beer",
        profile=None,
        granted_rights=True,
        lines=map(msgspec.json.encode, posts),
    )
    assert [record.url for record in store.datasets.activities("local", "links")] == [None]


def test_an_erasure_deletes_a_damaged_data_set_since_who_is_in_it_cannot_be_known(store: Store, data_dir: Path) -> None:
    put(store)
    (path,) = (data_dir / "datasets").iterdir()
    path.write_bytes(path.read_bytes()[:-1])
    assert store.dataset_erasure.erase(SOMEBODY, None) == {"datasets": 1}
    assert (files(data_dir), store.datasets.get("local", "beer")) == ([], None)


def test_what_is_kept_of_somebody_is_not_said_of_a_damaged_data_set(store: Store, data_dir: Path) -> None:
    put(store)
    (path,) = (data_dir / "datasets").iterdir()
    path.write_bytes(b"")
    with pytest.raises(DamagedFileError, match=path.name):
        list(store.dataset_erasure.kept_of(SOMEBODY, None))
