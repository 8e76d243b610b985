"""Digest of a record: of the fields that it has, so that a data set keeps its digest when records get new ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from hashlib import blake2b, sha256

import numpy as np
from msgspec.structs import replace

from candor.scoring.activity import Activity
from candor.scoring.record_digest import combined, record_digest

LIKE = Activity(type="like", id="l", actor="ada", object="1", published=datetime(2026, 10, 1, tzinfo=UTC))
AS_JSON = b'{"type":"like","published":"2026-10-01T00:00:00Z","id":"l","actor":"ada","object":"1"'


def digest_of(raw: bytes) -> bytes:
    return blake2b(raw, digest_size=16).digest()


def test_a_record_has_the_digest_of_the_fields_that_it_has():
    assert record_digest(LIKE) == digest_of(AS_JSON + b"}")


def test_a_field_that_few_records_have_is_in_the_digest_of_those():
    assert record_digest(replace(LIKE, via="r1")) == digest_of(AS_JSON + b',"via":"r1"}')


def test_one_moment_has_one_digest_wherever_it_was_written():
    east = LIKE.published.astimezone(timezone(timedelta(hours=2)))
    assert record_digest(replace(LIKE, published=east)) == record_digest(LIKE)


def test_the_first_moment_of_all_has_a_digest_also_east_of_greenwich():
    first = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=2)))
    assert len(record_digest(replace(LIKE, published=first))) == len(record_digest(LIKE))


def test_the_digest_of_all_sorts_those_that_begin_alike_by_what_follows():
    alike = [bytes(8) + bytes([last]) * 8 for last in (3, 1, 2)]
    digests = np.frombuffer(b"".join([b"\xff" * 16, *alike]), np.uint8)
    assert combined(digests) == "sha256:" + sha256(b"".join([*sorted(alike), b"\xff" * 16])).hexdigest()
