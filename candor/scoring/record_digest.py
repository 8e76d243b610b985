"""Digest of records: one of each record, and one of all of them whatever their order, which names a data set."""

from __future__ import annotations

from datetime import UTC
from hashlib import blake2b, sha256
from operator import attrgetter
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from msgspec.structs import replace

from candor.scoring.arrays import order_of_hashes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from candor.scoring.activity import Activity

DIGEST_BYTES = 16
_EMPTY = blake2b(digest_size=DIGEST_BYTES)
_zone = attrgetter("published.tzinfo")
_encoder = msgspec.json.Encoder()


def record_digest(record: Activity) -> bytes:
    """Return BLAKE2b, 16 bytes, of a record as JSON: the fields that it has, in the order of Activity.

    Its time is written in UTC, so that one moment has one digest.
    """
    return record_digests([record])


def record_digests(records: Sequence[Activity], *, in_utc: bool = False) -> bytes:
    """Return the digests of records, one behind the other: written in one go, as no line's end stands in JSON.

    Whoever knows that all their times are `in_utc` need not have them looked at.
    """
    if not (in_utc or {UTC}.issuperset(map(_zone, records))):
        records = list(map(_in_utc, records))
    digests = []
    for line in _encoder.encode_lines(records).split(b"\n")[:-1]:
        digest = _EMPTY.copy()  # half of what a new one costs
        digest.update(line)
        digests.append(digest.digest())
    return b"".join(digests)


def _in_utc(record: Activity) -> Activity:
    at = record.published
    try:
        return record if at.tzinfo is UTC else replace(record, published=at.astimezone(UTC))
    except OverflowError:  # in the first or the last hours that there are
        return record


def combined(digests: NDArray[np.uint8]) -> str:
    """Return the SHA-256 of the digests of records, one behind the other, sorted."""
    return "sha256:" + sha256(_sorted(digests.view(f"S{DIGEST_BYTES}")).data).hexdigest()


def _sorted(digests: NDArray[np.bytes_]) -> NDArray[np.bytes_]:
    """Sort digests by their first eight bytes as numbers, which costs a third, unless two of them share these."""
    first = digests.view(">u8")[::2].astype(np.uint64)
    order = order_of_hashes(first)
    first = first[order]
    return np.sort(digests) if (first[1:] == first[:-1]).any() else digests[order]


def digest_of_records(records: Iterable[Activity]) -> str:
    """Return the digest of records, whatever their order."""
    return combined(np.frombuffer(record_digests(list(records)), np.uint8))
