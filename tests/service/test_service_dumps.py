"""Dumps of communities as uploads: the records and counts that `candor import` gives, or a refusal in words."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from candor.formats.compression import zstd
from candor.formats.dumps.dump import Run
from candor.formats.dumps.registry import FORMATS
from service.schemas.queries import UPLOADED
from tests.formats.test_car import RECORDS, WHOLE, repository
from tests.formats.test_dumps import MORE, POSTS

if TYPE_CHECKING:
    from pathlib import Path

NETWORKS = {"stackexchange": "stackexchange:travel", "discourse": "discourse:f.example", "zulip": "zulip:z.example"}
MAIL = """From ada@a.example Mon Jan  5 08:36:41 2026
From: Ada <ada@a.example>
Date: Mon, 5 Jan 2026 08:36:41 +0000
Subject: Which hops?
Message-ID: <1@a.example>

Saaz?
"""
SLACK = {
    "users.json": [{"id": "U1", "name": "ada", "is_admin": True}],
    "channels.json": [{"id": "C1", "name": "brewing"}],
    "brewing/2026-01-05.json": [
        {"type": "message", "user": "U1", "ts": "1767600000.000100", "text": "hops"},
        {"type": 7},
    ],
}
REDDIT = {"id": "x", "created_utc": 1767600000, "author": "Ada", "title": "Hops?", "selftext": "", "subreddit": "beer"}


def zipped(files: dict[str, Any]) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content if isinstance(content, str | bytes) else json.dumps(content))
    return body.getvalue()


BODIES = {
    "stackexchange": zipped({f"travel/{name}": text for name, text in {"Posts.xml": POSTS, **MORE}.items()}),
    "slack": zipped(SLACK),
    "mbox": MAIL.encode(),
    "car": repository({**RECORDS, "app.bsky.feed.post/0": {"text": "x"}}),
    "reddit": zstd.compress(f"{json.dumps(REDDIT)}\n{{\n".encode()),
}


@pytest.fixture
def put(client):
    def upload(name: str, body: bytes, media_type: str = "application/octet-stream", **query: str) -> Any:
        network = NETWORKS.get(name, "bluesky" if name == "car" else "custom:c")
        asked = {"network": network, "format": name, **({"profile": "forum"} if network == "custom:c" else {}), **query}
        return client.put("/v1/datasets/d", query_string=asked, data=body, content_type=media_type)

    return upload


@pytest.mark.parametrize("name", BODIES)
def test_an_upload_has_the_records_and_counts_of_a_file_that_is_read_here(put, client, tmp_path: Path, name):
    path = tmp_path / name
    if name == "stackexchange":
        path.mkdir()
        for file, text in {"Posts.xml": POSTS, **MORE}.items():
            (path / file).write_text(text)
    else:
        path.write_bytes(BODIES[name])
    run = Run(NETWORKS.get(name, "bluesky" if name == "car" else "custom:c"))
    read = list(FORMATS[name].records([path], run))
    answer = put(name, BODIES[name])
    assert (answer.status_code, answer.json["records"]) == (201, len(read))
    assert answer.json["archive"]["left_out"] == {reason: count for reason, count in run.left_out.items() if count}
    kept = [
        json.loads(line)["id"] for line in client.get("/v1/datasets/d/records").data.splitlines() if b'"id"' in line
    ]
    assert sorted(kept) == sorted(each.id for each in read if each.id)


def test_what_is_left_out_is_in_the_facts_and_says_what_the_dump_does_not_have(put):
    archive = put("reddit", BODIES["reddit"]).json["archive"]
    assert archive["left_out"] == {"malformed": 1}
    lost = "votes, awards, what was deleted or removed, also later, or is not for search engines"
    assert archive["shows"] == f"read as Reddit dump; not in it: {lost}"


def test_a_dump_of_which_nothing_can_be_read_says_what_is_wrong_with_the_first_thing(client):
    body = b'{"time_us": 1767600000000000, "kind": "commit"}\n{"did": 7}\n'
    refused = client.put("/v1/datasets/d?format=jetstream", data=body, content_type="application/x-ndjson")
    assert (refused.status_code, refused.json["code"]) == (422, "invalid_records")
    fault = "the first that is malformed: Object missing required field `did`"
    assert refused.json["errors"] == [{"pointer": "", "detail": fault}]


def test_more_of_a_dump_is_added_to_a_data_set(put, client):
    put("mbox", BODIES["mbox"])
    more = MAIL.replace("<1@a.example>", "<2@a.example>").encode()
    answer = client.post("/v1/datasets/d/records?format=mbox", data=more, content_type="application/mbox")
    assert (answer.status_code, answer.json["records"]) == (200, 3)  # two mails, and how their sender is called


@pytest.mark.parametrize("name", sorted(UPLOADED))
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[[]]",
        b"\xff\xfe\x00\x01",
        b"a\rb,c",
        b"PK\x03\x04damaged",
        zipped({}),
        zipped({"realm.json": [], "messages-1.json": []}),
        zipped({"users.json": {}, "a/b.json": "{"}),
        WHOLE[:100],
        b"7z\xbc\xaf\x27\x1cxx",
        zstd.compress(b"{}")[:-2],
    ],
)
def test_what_yields_no_record_is_refused_and_nothing_is_stored(put, client, name, body):
    answer = put(name, body)
    assert answer.status_code in {400, 422}
    assert answer.json["detail"]
    assert client.get("/v1/datasets/d").status_code == 404


def test_what_unpacks_to_far_more_than_it_is_is_refused(put):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Posts.xml", b"<posts>\n" + b" " * 4_000_000)
    answer = put("stackexchange", packed.getvalue())
    assert (answer.json["code"], "times its size" in answer.json["detail"]) == ("invalid_archive", True)


def test_an_unknown_format_is_named(put):
    assert put("records", b"{}").status_code == 422
    assert put("nonsense", b"{}").json["code"] == "invalid"


def test_whom_the_source_trusts_is_kept_as_a_trust_root_that_counts_where_it_is_named(put, client):
    answer = put("slack", BODIES["slack"])
    assert answer.json["trust_root"] == "d-trusted"
    assert [each["account"] for each in client.get("/v1/trust-roots/d-trusted").json["accounts"]] == ["U1"]
    assert client.get("/v1/datasets/d").json["trust_root"] == "d-trusted"
    asked = {"dataset": "d", "accounts": [{"network": "custom:c", "account": "U1"}], "topics": ["space-technology"]}
    assert client.post("/v1/jobs", json=asked).json["request"]["trust_root"] != "d-trusted"


def test_what_is_added_adds_whom_its_source_trusts_and_takes_nobody_out(put, client):
    put("slack", BODIES["slack"])
    later = {**SLACK, "users.json": [{"id": "U2", "is_owner": True}], "brewing/2026-01-06.json": []}
    client.post("/v1/datasets/d/records?format=slack", data=zipped(later), content_type="application/zip")
    assert [each["account"] for each in client.get("/v1/trust-roots/d-trusted").json["accounts"]] == ["U1", "U2"]


def test_a_trust_root_of_that_name_that_is_of_another_kind_stays_as_it_is(put, client):
    client.put("/v1/trust-roots/d-trusted", json={"kind": "network"})
    assert put("slack", BODIES["slack"]).json["trust_root"] is None
    assert client.get("/v1/trust-roots/d-trusted").json["kind"] == "network"


def test_a_dump_whose_source_trusts_nobody_has_no_trust_root(put, client):
    assert put("mbox", BODIES["mbox"]).json["trust_root"] is None
    assert client.get("/v1/trust-roots/d-trusted").status_code == 404


def test_nobody_suppressed_is_among_whom_a_source_trusts(put, client, store):
    store.suppression.add("custom:c", ["U1"])
    put(
        "slack",
        zipped({**SLACK, "brewing/2026-01-06.json": [{"type": "message", "user": "U3", "ts": "1767", "text": "x"}]}),
    )
    assert client.get("/v1/trust-roots/d-trusted").status_code == 404


def test_of_parts_of_a_dump_that_overlap_what_comes_first_counts(put):
    twice = f"{MAIL}\n{MAIL.replace('Saaz', 'Sazz')}"
    counts = put("mbox", twice.encode()).json
    assert (counts["records"], counts["counts"]["bad"]) == (2, 1)  # a mail, and how its sender is called
