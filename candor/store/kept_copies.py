"""Near-copies among the texts of a table as bytes, beside it at hand: finding them costs more than a document else."""

from __future__ import annotations

import hashlib
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np

from candor.scoring.copies import Copies, copies_among
from candor.store import kept_shingles

if TYPE_CHECKING:
    from candor.scoring.method import CopyRule
    from candor.scoring.table import Table
    from candor.store.kept_shingles import KnownShingles

WORTH_KEEPING = 1_000
"""Texts: among fewer they are found as fast as read."""
_SEAL_BYTES = 32


def copies_in(table: Table, rule: CopyRule, known: KnownShingles) -> tuple[Copies, KnownShingles]:
    """Find the near-copies among all posts of a table; people are as it numbers them. Only new texts are read."""
    shingles, known = kept_shingles.shingles_in(table, rule, known)
    return copies_among(shingles, table.actor, rule), known


def written(copies: Copies, table: Table, rule: CopyRule) -> bytes:
    """Return copies as bytes that are of this very table, rule and code: numbers of rows, no texts and no names."""
    file = BytesIO()
    for column in (copies.row, copies.group, *copies.similar, copies.last_said):
        np.save(file, column.astype(np.int64), allow_pickle=False)
    return _seal(body := file.getvalue(), table, rule) + body


def read(raw: bytes, table: Table, rule: CopyRule) -> Copies | None:
    """Return the copies that bytes hold, or None where these are not as they were written, or of another table."""
    body = raw[_SEAL_BYTES:]
    if raw[:_SEAL_BYTES] != _seal(body, table, rule):
        return None
    file = BytesIO(body)
    row, group, one, other, last_said = (np.load(file, allow_pickle=False) for _ in range(5))
    return Copies(row, group, table.actor[row], (one, other), last_said)


def _seal(body: bytes, table: Table, rule: CopyRule) -> bytes:
    """Return what another table, rule or way to find copies has otherwise: all records in order, rule and code."""
    seal = hashlib.blake2b(kept_shingles.made_by(rule), digest_size=_SEAL_BYTES)
    seal.update(np.ascontiguousarray(table.digests).data)
    seal.update(body)
    return seal.digest()
