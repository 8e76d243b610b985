"""A large outbox is read item by item: the same records as from a small one, in bounded memory."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

import candor.formats
import candor.formats.reading
from candor.formats import ArchiveError, pack_wanted, read_archive

if TYPE_CHECKING:
    from pathlib import Path

ADA, PUBLIC = "https://m.example/users/ada", ["https://www.w3.org/ns/activitystreams#Public"]
MIB = 2**20
READ = """
import resource, sys
from pathlib import Path
from candor.formats import read_archive

def taken_mib():
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024

folder = Path(sys.argv[2])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with open(sys.argv[1], "rb") as file:
    reading = read_archive(file, None, folder)
print(len(reading.activities), taken_mib())
"""
IMPORT_TABLES = """
from lab.speed.community import write_columns
from candor.store.table_builder import TableBuilder
"""
KEEP = """
with TableBuilder(folder) as builder, write_columns(folder / "columns") as columns:
    for line, record in enumerate(reading.activities):
        builder.add((line,), (record,))
    builder.write(columns)
print(builder.kept(), taken_mib())
"""


def create(number: int, text: str = "orbits", **more: Any) -> dict[str, Any]:
    at = f"2026-10-01T12:{number // 60 % 60:02}:{number % 60:02}Z"
    post = {"id": f"{ADA}/statuses/{number}", "type": "Note", "content": text, "to": PUBLIC, "published": at}
    act = {"id": f"{ADA}/{number}", "type": "Create", "actor": ADA, "published": at, "to": PUBLIC, "object": post}
    return {**act, **more}


OUTBOX = [
    create(1),
    create(2, to=[f"{ADA}/followers"]),
    create(3, published="soon"),
    create(1),
    create(4, object={"type": "Note"}),
    7,
    create(5, 'last, with } and ] and \\" in it'),
]


@pytest.fixture
def large(monkeypatch):
    """Take everything for large."""
    monkeypatch.setattr(candor.formats, "SMALL_BYTES", 0)
    monkeypatch.setattr(candor.formats.reading, "SMALL_BYTES", 0)
    monkeypatch.setattr(candor.formats.reading, "_HELD_BYTES", 1)


def packed(document: object) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("outbox.json", json.dumps(document))
        archive.writestr("actor.json", json.dumps({"id": ADA, "preferredUsername": "ada"}))
    file.seek(0)
    return file


def plain(document: object) -> io.BytesIO:
    return io.BytesIO(b"\xef\xbb\xbf" + json.dumps(document, indent=1).encode())


SHAPES = {
    "collection": {"type": "OrderedCollection", "totalItems": 7, "orderedItems": OUTBOX, "after": {"items": [1]}},
    "page": {"@context": "https://www.w3.org/ns/activitystreams", "items": OUTBOX},
    "list": OUTBOX,
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("file", [packed, plain])
def test_a_large_outbox_gives_the_records_and_counts_of_a_small_one(request, file, shape):
    small = read_archive(file(SHAPES[shape]))
    request.getfixturevalue("large")
    read = read_archive(file(SHAPES[shape]))
    assert (list(read.activities), read.left_out, read.account) == (
        list(small.activities),
        small.left_out,
        small.account,
    )
    assert small.left_out == {"duplicates": 1, "malformed": 3, "private": 1}


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize(
    "body",
    [
        b'{"orderedItems": [{"id": 1}, {"id"',
        b'{"type": "OrderedCollection", "first": "https://m.example/outbox?page=1"}',
        b'{"orderedItems": "none"}',
        b'{"orderedItems": [\xff]}',
        b"{" * 100,
        json.dumps([{"created_at": "2026", "visibility": "public", "in_reply_to_id": None}]).encode(),
    ],
)
def test_what_is_no_outbox_is_refused_however_large(body):
    with pytest.raises(ArchiveError):
        read_archive(io.BytesIO(body))


def test_an_outbox_of_32_mib_is_read_in_24_mib_and_kept_in_80(tmp_path: Path):
    path = tmp_path / "archive.zip"
    with (
        zipfile.ZipFile(path, "w") as archive,
        archive.open("outbox.json", "w") as outbox,
    ):
        written = outbox.write(b'{"orderedItems": [')
        for number in range(16 * 1024):
            text = json.dumps(create(number, os.urandom(800).hex())).encode()
            written += outbox.write((b"," if number else b"") + text)
        outbox.write(b"]}")
    assert written > 30 * MIB
    command = [sys.executable, "-c", IMPORT_TABLES + READ + KEEP, path, tmp_path]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    records, to_read_mib, kept, to_keep_mib = map(int, ran.stdout.split())
    assert records == kept == 16 * 1024
    assert to_read_mib < 24
    assert to_keep_mib < 80  # the files that its texts wait in are mapped, and count


def test_the_outbox_is_sent_as_it_was(tmp_path: Path):
    path = tmp_path / "archive.zip"
    path.write_bytes(packed(SHAPES["collection"]).getvalue())
    into = io.BytesIO()
    assert pack_wanted(path, into) > 0
    assert read_archive(into) == read_archive(packed(SHAPES["collection"]))


def tweet(number: int, text: str) -> dict[str, Any]:
    at = f"Thu Oct 01 12:{number // 60 % 60:02}:{number % 60:02} +0000 2026"
    return {"tweet": {"id_str": str(number), "created_at": at, "full_text": text}}


def assigned(name: str, things: list[Any], end: bytes = b"") -> bytes:
    return f"window.YTD.{name}.part0 = ".encode() + json.dumps(things, indent=1).encode() + end


TWEETS = [tweet(1, "orbits"), 7, tweet(2, '[\\"]'), tweet(1, "orbits"), {"tweet": {}}, tweet(3, "last")]
SHARES = 'Date,ShareLink,ShareCommentary,SharedUrl,MediaUrl,Visibility\n2026-10-01 12:00:00,https://x/{},"{}",,,{}\n'
EXPORTS = {
    "x": {
        "data/account.js": assigned("account", [{"account": {"username": "ada"}}]),
        "data/tweets.js": assigned("tweets", TWEETS, b";\n"),
        "data/like.js": assigned("like", [{"like": {}}, {"like": {}}]),
    },
    "linkedin": {
        "Profile.csv": b"First Name,Last Name\nAda,Lovely\n",
        "Shares.csv": (SHARES.format(1, 'a\n""b""', "PUBLIC") + "\n" + SHARES.format(2, "c", "")).encode(),
        "Comments.csv": b'\xef\xbb\xbfNotes:\n"none"\n\nDate,Link,Message\n2026-10-01 12:00:00,y,"a \\"b\\""\n',
    },
    "instagram": {
        "personal_information.json": b'{"profile_user": [{"string_map_data": {"Username": {"value": "ada"},'
        b' "Private Account": {"value": "False"}}}]}',
        "reels.json": b'{"ig_reels_media": [{"media": [{"uri": "2", "creation_timestamp": 1790000002,'
        b' "title": "] }"}]}]}',
        "igtv_videos.json": b'{"a": [{"media": [{"uri": "3", "creation_timestamp": 1790000003}]}],'
        b' "b": [{"media": [{"uri": "4", "creation_timestamp": 1790000004}]}]}',
        "posts_1.json": json.dumps(
            [{"media": [{"uri": "1", "creation_timestamp": 1790000001, "title": "orbits"}]}]
        ).encode(),
    },
}


def exported(entries: dict[str, bytes]) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, body in entries.items():
            archive.writestr(name, body)
    file.seek(0)
    return file


@pytest.mark.parametrize("kind", EXPORTS)
def test_large_files_of_other_exports_give_the_records_and_counts_of_small_ones(request, kind):
    small = read_archive(exported(EXPORTS[kind]), "ada")
    request.getfixturevalue("large")
    read = read_archive(exported(EXPORTS[kind]), "ada")
    assert len(small.activities) > 0
    assert (list(read.activities), read.left_out, read.account) == (
        list(small.activities),
        small.left_out,
        small.account,
    )


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("body", [b"x = [1, {", b"x = 7"])
def test_what_is_no_list_of_x_is_refused_however_large(body):
    with pytest.raises(ArchiveError):
        read_archive(exported({**EXPORTS["x"], "data/tweets.js": body}))


@pytest.mark.usefixtures("large")
def test_an_item_of_a_large_list_of_x_that_is_no_text_is_counted():
    assert read_archive(exported({**EXPORTS["x"], "data/tweets.js": b'x = [{"a": \xff}]'})).left_out["malformed"] == 1


def written_x(file: Any) -> None:
    file.write(b"window.YTD.tweets.part0 = [")
    for number in range(16 * 1024):
        file.write((b"," if number else b"") + json.dumps(tweet(number, os.urandom(900).hex())).encode())
    file.write(b"]")


def written_linkedin(file: Any) -> None:
    for number in range(16 * 1024):
        head, row, _ = SHARES.format(number, os.urandom(900).hex(), "PUBLIC").split("\n")
        file.write((row if number else f"{head}\n{row}").encode() + b"\n")


def written_instagram(file: Any) -> None:
    file.write(b'{"ig_reels_media": [')
    for number in range(16 * 1024):
        post = {
            "media": [
                {"uri": str(number), "creation_timestamp": 1790000001_790_000_000, "title": os.urandom(900).hex()}
            ]
        }
        file.write((b",\n" if number else b"") + json.dumps(post).encode())
    file.write(b"]}\n")


LARGE = [("data/tweets.js", written_x), ("Shares.csv", written_linkedin), ("reels.json", written_instagram)]


@pytest.mark.parametrize(("name", "write"), LARGE)
def test_30_mib_of_x_linkedin_or_instagram_are_read_in_24_mib(tmp_path: Path, name, write):
    path = tmp_path / "archive.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for of_whom in ("data/account.js", "Profile.csv", "personal_information.json"):
            kind = {"data/tweets.js": "x", "Shares.csv": "linkedin", "reels.json": "instagram"}[name]
            if of_whom in EXPORTS[kind]:
                archive.writestr(of_whom, EXPORTS[kind][of_whom])
        with archive.open(name, "w") as file:
            write(file)
    assert zipfile.ZipFile(path).getinfo(name).file_size > 28 * MIB
    ran = subprocess.run([sys.executable, "-c", READ, path, tmp_path], capture_output=True, text=True, check=True)
    records, to_read_mib = map(int, ran.stdout.split())
    assert records == 16 * 1024
    assert to_read_mib < 24
