"""Exports of one person however they were packed and written on the way, and with one odd thing among the others."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from typing import Any

import pytest

from candor.formats import ArchiveError, is_archive, pack_wanted, read_archive
from candor.formats.compression import unpacked_head, zstd
from candor.formats.lines import LONGEST_LINE_BYTES
from tests.formats.dump_files import AT, zipped

ADA = "https://m.example/users/ada"
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
NOTE = {"id": f"{ADA}/1", "type": "Note", "content": "<p>hops</p>", "to": [PUBLIC]}
CREATE = {
    "id": f"{ADA}/1/activity",
    "type": "Create",
    "actor": ADA,
    "published": f"{AT}Z",
    "to": [PUBLIC],
    "object": NOTE,
}
OUTBOX = json.dumps({"@context": "x", "type": "OrderedCollection", "orderedItems": [CREATE]}).encode()
TABLE = (
    "topic_title,categories,is_pm,post_raw,url,created_at\n"
    f"T,Hops,No,text,https://f.example/t/t/7/2,{AT.replace('T', ' ')} UTC\n"
).encode()


def tar(files: dict[str, bytes], mode: str) -> bytes:
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode=mode) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return body.getvalue()


@pytest.mark.parametrize(
    "body",
    [
        gzip.compress(OUTBOX),
        zstd.compress(OUTBOX),
        gzip.compress(zstd.compress(OUTBOX)),
        OUTBOX.decode().encode("utf-16"),
        gzip.compress(OUTBOX.decode().encode("utf-16")),
        zstd.compress(tar({"outbox.json": OUTBOX}, "w:")),
        tar({"outbox.json": OUTBOX}, "w:gz"),
        gzip.compress(TABLE),
        TABLE.decode().encode("utf-16"),
    ],
)
def test_what_an_export_was_packed_with_on_the_way_and_how_its_letters_are_stored_does_not_matter(body, tmp_path):
    assert is_archive(body[:65_536], "")
    whose = "ada" if b"is_pm" in unpacked_head(body, 2_000).replace(b"\0", b"") else "@ada@m.example"
    assert len(read_archive(io.BytesIO(body), whose).activities) == 1
    (tmp_path / "export").write_bytes(body)
    packed = io.BytesIO()
    pack_wanted(tmp_path / "export", packed)
    assert len(read_archive(packed, whose).activities) == 1


@pytest.mark.parametrize(("mode", "advice"), [("w:bz2", "bzip2"), ("w:xz", "with xz")])
def test_an_export_that_is_packed_in_another_way_is_named(mode, advice):
    with pytest.raises(ArchiveError, match=advice):
        read_archive(io.BytesIO(tar({"outbox.json": OUTBOX}, mode)))


def test_one_activity_may_stand_without_a_list_and_an_actor_that_is_broken_loses_no_post():
    alone = json.dumps({"type": "OrderedCollection", "orderedItems": CREATE}).encode()
    reading = read_archive(io.BytesIO(zipped({"outbox.json": alone, "actor.json": b"{"})))
    assert [each.actor for each in reading.activities] == ["@ada@m.example"]


def tweets(*found: Any) -> bytes:
    account = 'window.YTD.account.part0 = [{"account": {"username": "ada"}}]'
    listed = f"window.YTD.tweets.part0 = {json.dumps(found)}"
    return zipped({"data/account.js": account.encode(), "data/tweets.js": listed.encode()})


TWEET = {"tweet": {"id_str": "1", "created_at": "Mon Jan 05 08:36:41 +0000 2026", "full_text": "hops"}}


@pytest.mark.parametrize("odd", [None, 7, "x", [], {"tweet": None}, {"tweet": {"id_str": "2", "created_at": "x"}}])
def test_what_is_no_post_among_posts_of_x_is_counted(odd):
    reading = read_archive(io.BytesIO(tweets(TWEET, odd)))
    assert len(reading.activities) == 1
    assert sum(reading.left_out.values()) == 1


def test_a_post_of_x_that_is_too_long_to_be_held_is_counted_and_loses_no_other():
    others = [{"tweet": {**TWEET["tweet"], "id_str": str(key)}} for key in range(2, 9)]
    huge = {"tweet": {**TWEET["tweet"], "id_str": "99", "full_text": "x" * 2 * LONGEST_LINE_BYTES}}
    reading = read_archive(io.BytesIO(tweets(*others[:3], huge, *others[3:])))
    assert (len(reading.activities), reading.left_out) == (7, {"malformed": 1})


def test_a_time_of_x_may_count_milliseconds():
    reading = read_archive(io.BytesIO(tweets({"tweet": {**TWEET["tweet"], "created_at": 1767602201000}})))
    assert reading.activities[0].published.isoformat() == f"{AT}+00:00"


ABOUT = {"profile_user": [{"string_map_data": {"Username": {"value": "ada"}, "Private Account": {"value": "False"}}}]}


@pytest.mark.parametrize(
    "like",
    [
        {"title": "bo", "string_list_data": [{"href": "https://www.instagram.com/p/A/", "timestamp": 0}]},
        {"title": "bo", "string_list_data": [{"href": "https://www.instagram.com/p/A/"}]},
        {"timestamp": 0, "label_values": [{"label": "URL", "value": "https://www.instagram.com/p/A/"}]},
        {"label_values": [{"label": "URL", "value": "https://www.instagram.com/p/A/"}]},
    ],
)
def test_a_like_of_the_year_1970_has_no_time(like):
    post = [{"media": [], "title": "hops", "creation_timestamp": 1767602201}]
    files = {
        "personal_information.json": ABOUT,
        "posts_1.json": post,
        "liked_posts.json": {"likes_media_likes": [like]},
    }
    reading = read_archive(io.BytesIO(zipped(files)))
    assert ([each.type for each in reading.activities], reading.left_out) == (["note"], {"undated": 1})


def test_an_export_of_facebook_is_named_however_old_it_is():
    with pytest.raises(ArchiveError, match="export of Facebook"):
        read_archive(io.BytesIO(zipped({"posts/your_posts_1.json": [{"timestamp": 1767602201}]})))
