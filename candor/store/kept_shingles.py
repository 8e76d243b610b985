"""Shingles of the posts of a data set as bytes, by the digest of each record: what is read of a text is read once.

After an addition only the new texts are cut up again; which of them are near-copies is found among all.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from importlib import resources
from io import BytesIO
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from candor.scoring.activity import POSTS
from candor.scoring.columns import of_types
from candor.scoring.copies import Shingles, shingles_of
from candor.scoring.record_digest import DIGEST_BYTES
from candor.scoring.table import text_columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from candor.scoring.method import CopyRule
    from candor.scoring.table import Table

    Ints = NDArray[np.int64]

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


def written(known: KnownShingles, rule: CopyRule) -> bytes:
    """Return shingles as bytes that are of this rule and code: no texts and no names."""
    file = BytesIO()
    for column in (known.digest.view(np.uint8), known.size, known.value):
        np.save(file, column, allow_pickle=False)
    return _seal(body := file.getvalue(), rule) + body


def read(raw: bytes, rule: CopyRule) -> KnownShingles | None:
    """Return the shingles that bytes hold, or None where these are not as they were written."""
    body = raw[_SEAL_BYTES:]
    if raw[:_SEAL_BYTES] != _seal(body, rule):
        return None
    file = BytesIO(body)
    digest, size, value = (np.load(file, allow_pickle=False) for _ in range(3))
    return KnownShingles(digest.view(f"S{DIGEST_BYTES}"), size, value)


def _seal(body: bytes, rule: CopyRule) -> bytes:
    seal = hashlib.blake2b(made_by(rule), digest_size=_SEAL_BYTES)
    seal.update(body)
    return seal.digest()


def made_by(rule: CopyRule) -> bytes:
    """Return what texts are cut up by: the rule, the version of Unicode and the code."""
    code = [resources.files("candor.scoring").joinpath(name).read_text("utf-8") for name in _CODE]
    return msgspec.json.encode([msgspec.to_builtins(rule), unicodedata.unidata_version, code])
