"""Near-copies among the texts of a table as bytes, beside it at hand: finding them costs more than a document else."""

from __future__ import annotations

import hashlib
import unicodedata
from importlib import resources
from io import BytesIO
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from candor.scoring.columns import posts_of
from candor.scoring.copies import Copies, find_copies
from candor.scoring.table import text_columns

if TYPE_CHECKING:
    from candor.scoring.method import CopyRule
    from candor.scoring.table import Table

WORTH_KEEPING = 1_000
"""Texts: among fewer they are found as fast as read."""
_SEAL_BYTES = 32
_CODE = ("copies.py", "words.py")


def copies_in(table: Table, rule: CopyRule) -> Copies:
    """Find the near-copies among all posts of a table; people are as it numbers them."""
    posts = posts_of(text_columns(table, slice(0, len(table))), table.type)
    return find_copies(posts, table.actor, rule)


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
    code = [resources.files("candor.scoring").joinpath(name).read_text("utf-8") for name in _CODE]
    made_from = msgspec.json.encode([msgspec.to_builtins(rule), unicodedata.unidata_version, code])
    seal = hashlib.blake2b(made_from, digest_size=_SEAL_BYTES)
    seal.update(np.ascontiguousarray(table.digests).data)
    seal.update(body)
    return seal.digest()
