"""Near-copies and shingles of the texts of a table as bytes, beside it at hand: finding them costs more than all else.

What is read of a text is read once: shingles are known by the digest of each record.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from importlib import resources
from io import BytesIO
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from candor.scoring.activity import POSTS
from candor.scoring.columns import of_types
from candor.scoring.copies import Copies, Shingles, copies_among, shingles_of
from candor.scoring.record_digest import DIGEST_BYTES
from candor.scoring.window import text_columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from candor.scoring.method import CopyRule
    from candor.scoring.table import Table

    Ints = NDArray[np.int64]

WORTH_KEEPING = 1_000
"""Texts: among fewer they are found as fast as read."""
_SEAL_BYTES = 32
_CODE = ("copies.py", "words.py")
_LEFT_OUT = -1


@dataclass(frozen=True, eq=False)
class KnownShingles:
    """Shingles of texts: `size[i]` of `value` are those of the record with `digest[i]`; -1 for a text left out."""

    digest: NDArray[np.bytes_]
    size: Ints
    value: NDArray[np.uint64]


def none_known() -> KnownShingles:
    """Return the shingles of no text."""
    return KnownShingles(np.zeros(0, f"S{DIGEST_BYTES}"), np.zeros(0, np.int64), np.zeros(0, np.uint64))


def copies_in(table: Table, rule: CopyRule, known: KnownShingles) -> tuple[Copies, KnownShingles]:
    """Find the near-copies among all posts of a table; people are as it numbers them. Only new texts are read."""
    shingles, known = shingles_in(table, rule, known)
    return copies_among(shingles, table.actor, rule), known


def shingles_in(table: Table, rule: CopyRule, known: KnownShingles) -> tuple[Shingles, KnownShingles]:
    """Return the shingles of the posts of a table, also as what is known then; only texts not `known` are cut up."""
    digests = np.ascontiguousarray(table.digests).reshape(-1).view(f"S{DIGEST_BYTES}")
    spoken = text_columns(table, slice(0, len(table))).text_rows
    rows = spoken[of_types(table.type[spoken], *POSTS)]
    order = np.argsort(known.digest)
    at = np.searchsorted(known.digest, digests[rows], sorter=order)
    at[at == order.size] = 0
    at = order[at] if order.size else at
    there = known.digest[at] == digests[rows] if order.size else np.zeros(rows.size, np.bool_)
    texts = map(table.contents.at, np.searchsorted(table.contents.row, rows[~there]).tolist())
    new = shingles_of(zip(rows[~there].tolist(), texts, strict=True), rule)
    size, first = np.full(rows.size, _LEFT_OUT), np.zeros(rows.size, np.int64)
    size[there], first[there] = known.size[at[there]], _begin(known.size)[at[there]]
    places = np.searchsorted(rows, new.row)
    size[places], first[places] = new.size, known.value.size + _begin(new.size)
    count = np.maximum(size, 0)
    value = np.concatenate((known.value, new.value))[np.repeat(first - _begin(count), count) + np.arange(count.sum())]
    long = size != _LEFT_OUT
    return Shingles(rows[long], size[long], value), KnownShingles(digests[rows], size, value)


def _begin(size: Ints) -> Ints:
    """Return where each begins of so many, one behind the other."""
    count = np.maximum(size, 0)
    return np.asarray(np.cumsum(count) - count)


def write_copies(copies: Copies, table: Table, rule: CopyRule) -> bytes:
    """Return copies as bytes that are of this very table, rule and code: numbers of rows, no texts and no names."""
    columns = (copies.row, copies.group, *copies.similar, copies.last_said)
    return _sealed([column.astype(np.int64) for column in columns], rule, table.digests)


def read_copies(raw: bytes, table: Table, rule: CopyRule) -> Copies | None:
    """Return the copies that bytes hold, or None where these are not as they were written, or of another table."""
    if (columns := _opened(raw, 5, rule, table.digests)) is None:
        return None
    row, group, one, other, last_said = columns
    return Copies(row, group, table.actor[row], (one, other), last_said)


def write_shingles(known: KnownShingles, rule: CopyRule) -> bytes:
    """Return shingles as bytes that are of this rule and code: no texts and no names."""
    return _sealed([known.digest.view(np.uint8), known.size, known.value], rule, np.zeros(0, np.uint8))


def read_shingles(raw: bytes, rule: CopyRule) -> KnownShingles | None:
    """Return the shingles that bytes hold, or None where these are not as they were written."""
    if (columns := _opened(raw, 3, rule, np.zeros(0, np.uint8))) is None:
        return None
    digest, size, value = columns
    return KnownShingles(digest.view(f"S{DIGEST_BYTES}"), size, value)


def _sealed(columns: list[NDArray[Any]], rule: CopyRule, digests: NDArray[np.uint8]) -> bytes:
    file = BytesIO()
    for column in columns:
        np.save(file, column, allow_pickle=False)
    return _seal(body := file.getvalue(), rule, digests) + body


def _opened(raw: bytes, count: int, rule: CopyRule, digests: NDArray[np.uint8]) -> list[NDArray[Any]] | None:
    body = raw[_SEAL_BYTES:]
    if raw[:_SEAL_BYTES] != _seal(body, rule, digests):
        return None
    file = BytesIO(body)
    return [np.load(file, allow_pickle=False) for _ in range(count)]


def _seal(body: bytes, rule: CopyRule, digests: NDArray[np.uint8]) -> bytes:
    """Return what other records, another rule, version of Unicode or way to find copies has otherwise."""
    code = [resources.files("candor.scoring").joinpath(name).read_text("utf-8") for name in _CODE]
    made_by = msgspec.json.encode([msgspec.to_builtins(rule), unicodedata.unidata_version, code])
    seal = hashlib.blake2b(made_by, digest_size=_SEAL_BYTES)
    seal.update(np.ascontiguousarray(digests).data)
    seal.update(body)
    return seal.digest()
