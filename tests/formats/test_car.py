"""A Bluesky repository as a CAR file: its keys, its records, and whatever may be wrong with one."""

from __future__ import annotations

from hashlib import sha256
from time import process_time
from typing import TYPE_CHECKING, Any

import cbor2
import pytest

from candor.formats.dumps.dump import DumpError, Run
from candor.formats.dumps.registry import FORMATS

if TYPE_CHECKING:
    from pathlib import Path

ADA, BO = f"did:plc:{'a' * 24}", f"did:plc:{'b' * 24}"
POST = f"at://{BO}/app.bsky.feed.post/1"
AT = "2026-10-01T12:00:00.000Z"


def varint(number: int) -> bytes:
    low = bytes([number & 0x7F | (0x80 if number > 0x7F else 0)])
    return low + (varint(number >> 7) if number > 0x7F else b"")


class Car:
    """A CAR file being made, block by block."""

    def __init__(self) -> None:
        self.body = b""

    def add(self, thing: Any) -> bytes:
        """Add a block and return its link."""
        block = thing if isinstance(thing, bytes) else cbor2.dumps(thing)
        link = b"\x01\x71\x12\x20" + sha256(block).digest()
        self.body += varint(len(link) + len(block)) + link + block
        return link

    def file(self, root: bytes) -> bytes:
        header = cbor2.dumps({"roots": [to(root)], "version": 1})
        return varint(len(header)) + header + self.body


def to(link: bytes) -> cbor2.CBORTag:
    return cbor2.CBORTag(42, b"\x00" + link)


def repository(records: dict[str, Any], split: int = 2, **commit: Any) -> bytes:
    """A repository of these records by key, in a tree of two nodes."""
    car = Car()
    entries, before = [], b""
    for key, value in sorted(records.items()):
        name = key.encode()
        shared = next((n for n in range(min(len(name), len(before)), 0, -1) if name[:n] == before[:n]), 0)
        entries.append({"p": shared, "k": name[shared:], "v": to(car.add(value)), "t": None})
        before = name
    left = car.add({"l": None, "e": entries[:split]})
    rest = entries[split:]
    if rest:
        first = sorted(records)[split].encode()
        rest[0] = {**rest[0], "p": 0, "k": first}
    top = car.add({"l": to(left), "e": rest})
    return car.file(
        car.add({"did": ADA, "version": 3, "data": to(top), "rev": "x", "prev": None, "sig": b"x", **commit})
    )


@pytest.fixture
def read(tmp_path: Path):
    def reading(body: bytes) -> tuple[list[Any], Run]:
        (tmp_path / "repo.car").write_bytes(body)
        run = Run("bluesky")
        return list(FORMATS["car"].records([tmp_path / "repo.car"], run)), run

    return reading


RECORDS = {
    "app.bsky.actor.profile/self": {"$type": "app.bsky.actor.profile", "createdAt": AT},
    "app.bsky.feed.like/3k": {
        "subject": {"uri": POST, "cid": "x"},
        "createdAt": AT,
        "via": {"uri": f"at://{BO}/app.bsky.feed.repost/2", "cid": "y"},
    },
    "app.bsky.feed.post/3k": {"text": "orbits", "createdAt": AT, "langs": ["en"]},
    "app.bsky.feed.post/3l": {
        "text": "it spins",
        "createdAt": AT,
        "reply": {"parent": {"uri": POST}, "root": {"uri": POST}},
    },
    "app.bsky.graph.follow/3k": {"subject": BO, "createdAt": AT},
}


def test_a_repository_holds_what_the_account_did_under_its_keys(read):
    records, run = read(repository(RECORDS))
    assert [(each.type, each.id, each.object, each.target_actor) for each in records] == [
        ("like", f"at://{ADA}/app.bsky.feed.like/3k", POST, BO),
        ("note", f"at://{ADA}/app.bsky.feed.post/3k", None, None),
        ("reply", f"at://{ADA}/app.bsky.feed.post/3l", POST, BO),
        ("follow", f"at://{ADA}/app.bsky.graph.follow/3k", None, BO),
    ]
    assert {each.actor for each in records} == {ADA}
    assert [each.via for each in records if each.via] == [f"at://{BO}/app.bsky.feed.repost/2"]
    assert +run.left_out == {}


@pytest.mark.parametrize("split", [0, 1, 5])
def test_the_keys_are_the_same_however_the_tree_is_cut(read, split):
    assert read(repository(RECORDS, split))[0] == read(repository(RECORDS))[0]


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        ({"createdAt": AT}, None),
        ({"text": "x"}, "undated"),
        ({"text": "x", "createdAt": "soon"}, "undated"),
        ({"text": "x", "createdAt": "2026-10-01T12:00:00"}, "undated"),
        ({"text": "x", "createdAt": "0001-01-01T00:00:00.000Z"}, "undated"),
        ({"text": 7, "createdAt": AT}, None),
        ({"text": "x", "createdAt": AT, "facets": 7}, "fields"),
        (["x"], "malformed"),
        (b"\xff\xff", "malformed"),
    ],
)
def test_one_odd_record_loses_no_other_and_is_counted(read, odd, reason):
    records, run = read(
        repository({"app.bsky.feed.post/1": odd, "app.bsky.feed.post/2": RECORDS["app.bsky.feed.post/3k"]})
    )
    assert records[-1].content == "orbits"
    assert +run.left_out == ({reason: 1} if reason else {})


def test_a_record_that_is_not_in_the_file_is_counted(read):
    car = Car()
    gone = to(b"\x01\x71\x12\x20" + b"x" * 32)
    top = car.add({"l": None, "e": [{"p": 0, "k": b"app.bsky.feed.post/1", "v": gone, "t": None}]})
    assert read(car.file(car.add({"did": ADA, "data": to(top)})))[1].left_out == {"malformed": 1}


def test_a_tree_that_leads_back_to_itself_ends(read):
    car = Car()
    loop = b"\x01\x71\x12\x20" + b"x" * 32
    block = cbor2.dumps({"l": to(loop), "e": []})
    car.body += varint(len(loop) + len(block)) + loop + block
    assert read(car.file(car.add({"did": ADA, "data": to(loop)})))[0] == []


WHOLE = repository(RECORDS)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff" * 20,
        b"\x00",
        b"{}",
        WHOLE[:40],
        WHOLE[:-3],
        varint(3 * 2**20) + b"x" * 10,
        varint(4) + cbor2.dumps({"a": 1}),
        Car().file(b"\x01\x71\x12\x20" + b"x" * 32),
        repository(RECORDS, data=7),
        WHOLE[:60] + b"\x09" + WHOLE[61:],
    ],
)
def test_what_is_no_repository_is_refused(read, body):
    with pytest.raises(DumpError):
        read(body)


def bomb(count: int, key: bytes, record: Any = None) -> bytes:
    """A repository of one record under many keys, each of which begins as the first."""
    car = Car()
    value = to(car.add(record or {"text": "x", "createdAt": AT}))
    keys = [{"p": 0, "k": key, "v": value}, *({"p": len(key), "k": b"%d" % n, "v": value} for n in range(count))]
    return car.file(car.add({"did": ADA, "data": to(car.add({"l": None, "e": keys}))}))


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (bomb(20_000, b"app.bsky.feed.post/" + b"k" * 900_000), "a key in it is longer"),
        (bomb(25_000, b"app.bsky.feed.post/" + b"k" * 900), "again and again"),
        (bomb(20_000, b"app.bsky.feed.post/", {"text": "x" * 1_500_000, "createdAt": AT}), "again and again"),
        (Car().file(b"") + b"\x01" * 1_000_000, "unknown kind"),
        (Car().file(b"") + (b"\x04\x01\x71\x00\x00") * 200_000, "unknown kind"),
        (Car().file(b"") + (b"\x04\x01\x71\x12\x20" + bytes(32)) * 1_000, "shorter than its link"),
    ],
    ids=["a long key", "long keys", "one large record", "blocks of a byte", "blocks without a hash", "overlapping"],
)
def test_a_small_file_that_says_very_much_is_refused_before_it_costs_much(read, body, why):
    with pytest.raises(DumpError, match=why):
        read(body)


def test_of_too_many_blocks_none_is_read(read, monkeypatch):
    monkeypatch.setattr("candor.formats.dumps.car._MOST_BLOCKS", 5)
    with pytest.raises(DumpError, match="more than 5 blocks"):
        read(repository(RECORDS))


def test_blocks_that_are_called_alike_in_their_beginning_are_told_apart_and_of_the_same_the_first_is_read(read):
    car, begin = Car(), b"\x01\x71\x12\x20" + b"x" * 24
    entries = []
    for number in (7, 3, 5, 3):
        link = begin + number.to_bytes(8, "big")
        block = cbor2.dumps({"text": f"{number} of {len(entries)}", "createdAt": AT})
        car.body += varint(len(link) + len(block)) + link + block
        entries.append({"p": 0, "k": f"app.bsky.feed.post/{len(entries)}".encode(), "v": to(link), "t": None})
    top = car.add({"l": None, "e": entries})
    records, _ = read(car.file(car.add({"did": ADA, "data": to(top)})))
    assert [each.content for each in records] == ["7 of 0", "3 of 1", "5 of 2", "3 of 1"]


def test_a_file_of_one_block_many_times_over_takes_no_time_to_search(read):
    car = Car()
    link = car.add({"text": "again", "createdAt": AT})
    once, number = car.body, 20_000
    car.body = once * number
    entries = [{"p": 0, "k": f"app.bsky.feed.post/{n}".encode(), "v": to(link), "t": None} for n in range(number // 10)]
    top = car.add({"l": None, "e": entries})
    began_s = process_time()
    records, _ = read(car.file(car.add({"did": ADA, "data": to(top)})))
    assert (len(records), process_time() - began_s < 5) == (number // 10, True)
