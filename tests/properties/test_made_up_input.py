"""Made-up input: whatever strangers send as records, archives or topics, it is read, or refused in words."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
from contextlib import suppress

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from candor.formats import ArchiveError, read_archive
from candor.scoring.activity import RECORD_TYPES
from candor.scoring.records import RecordReader
from candor.scoring.topics import Matcher, Topic, check_topic
from properties.asking import tried

TEXT = st.text(max_size=60) | st.text(st.characters(exclude_categories=()), max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
FIELDS = ("object", "target_actor", "content", "tags", "url", "value", "visibility", "kind", "name", "bio", "followers")
TIMES = st.sampled_from(["2026-10-01T12:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:60Z", "2026-10-01"])
RECORD = st.fixed_dictionaries(
    {"id": TEXT, "type": st.sampled_from(RECORD_TYPES), "actor": TEXT | st.none(), "published": TIMES},
    optional=dict.fromkeys(FIELDS, JSON),
)
NAMES = st.sampled_from(
    [
        *("outbox.json", "actor.json", "data/tweets.js", "data/account.js", "data/like.js"),
        *("Comments.csv", "Shares.csv", "your_instagram_activity/comments/post_comments_1.json"),
        *("../outbox.json", "/outbox.json", "a/../outbox.json"),
    ]
)
POST = st.fixed_dictionaries({}, optional=dict.fromkeys(("id", "type", "object", "to", "published"), JSON | TIMES))
ITEMS = st.lists(POST | JSON, max_size=4)
OUTBOX = st.fixed_dictionaries({"type": st.just("OrderedCollection"), "orderedItems": ITEMS})
LINE = RECORD.map(lambda record: json.dumps(record).encode("utf-8", "surrogatepass")) | st.binary()
BODIES = st.one_of(
    st.binary(max_size=200),
    (JSON | OUTBOX).map(lambda said: json.dumps(said).encode("utf-8", "surrogatepass")),
    JSON.map(lambda said: b"window.YTD.tweets.part0 = " + json.dumps(said).encode("utf-8", "surrogatepass")),
    st.lists(st.lists(TEXT, max_size=4), max_size=4).map(
        lambda rows: "\n".join(",".join(row) for row in rows).encode("utf-8", "replace")
    ),
)


def as_zip(entries: list[tuple[str, bytes]]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in dict(entries).items():
            archive.writestr(name, body)
    return made.getvalue()


def as_tar(entries: list[tuple[str, bytes]]) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, body in entries:
            entry = tarfile.TarInfo(name)
            entry.size = len(body)
            archive.addfile(entry, io.BytesIO(body))
    return gzip.compress(made.getvalue())


@tried(20)
@given(st.lists(LINE, max_size=6))
def test_whatever_stands_on_a_line_is_a_record_or_left_out_or_a_fault_with_a_pointer(lines: list[bytes]) -> None:
    reader = RecordReader(None)
    reader.feed(lines)
    assert reader.counts.records + reader.counts.skipped == len(lines)
    assert all(0 < bad.line <= len(lines) and (not bad.pointer or bad.pointer[0] == "/") for bad in reader.bad)
    again = RecordReader(None)
    again.feed(msgspec.json.encode(kept) for kept in reader.activities)
    assert not again.bad
    assert again.activities == reader.activities


@tried(20)
@given(st.lists(st.tuples(NAMES, BODIES), max_size=4), st.sampled_from(["zip", "tar"]), st.data())
def test_whatever_an_archive_holds_and_wherever_it_is_damaged_it_is_read_or_refused_in_words(
    entries: list[tuple[str, bytes]], form: str, data: st.DataObject
) -> None:
    packed = bytearray((as_zip if form == "zip" else as_tar)(entries))
    for _ in range(data.draw(st.integers(0, 3))):
        packed[data.draw(st.integers(0, len(packed) - 1))] = data.draw(st.integers(0, 255))
    with suppress(ArchiveError):
        found = read_archive(io.BytesIO(packed))
        reader = RecordReader(None)
        reader.feed(msgspec.json.encode(each) for each in found.activities)
        assert not reader.bad


@tried(20)
@given(st.lists(TEXT, max_size=4), st.lists(TEXT, max_size=3), TEXT | st.none(), st.lists(TEXT, max_size=4))
def test_the_matcher_names_terms_just_where_it_says_that_it_matched(
    terms: list[str], hashtags: list[str], text: str | None, tags: list[str]
) -> None:
    topic = Topic(id="t", label="T", terms=tuple(terms), hashtags=tuple(hashtags))
    try:
        check_topic(topic)
    except ValueError:
        return
    matcher = Matcher([topic])
    assert bool(matcher.match(text, tuple(tags))) == bool(matcher.terms(text, tuple(tags), 0))
