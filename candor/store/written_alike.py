"""Accounts of a table that somebody may have meant by a name: found among its texts, of which few are read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from candor.scoring.window import newest_claim
from candor.scoring.words import fold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from candor.scoring.table import Table, Texts

_PIECES = re.compile(r"[!#-\[\]-~]+")
"""What stands in JSON as it is in a text: ASCII without spaces, which may be more or fewer, and what is escaped."""


class _Called(msgspec.Struct):
    """Of what an account record says only how it is called."""

    name: str | None = None


_CALLED = msgspec.json.Decoder(_Called)


def written_alike(table: Table, name: str) -> Iterator[str]:
    """Yield the accounts that are written as a name but for case and accents, or whose newest records call them so."""
    wanted = fold(name)
    for place in _places(table.people, wanted):
        if fold(account := table.people.at(place)) == wanted:
            yield account
    once = {int(table.actor[row]) for row in _rows_calling(table, wanted)}
    for account in (table.people.at(number) for number in once if number >= 0):
        claim = newest_claim(table, account)
        if claim is not None and claim.name and fold(claim.name) == wanted:
            yield account


def _rows_calling(table: Table, wanted: str) -> Iterator[int]:
    """Yield the rows of account records, of whatever time, that say a folded name."""
    first = int(np.searchsorted(table.more.row, table.acts))
    for place in _places(table.more, wanted):
        if place >= first and fold(_CALLED.decode(table.more.at(place)).name or "") == wanted:
            yield int(table.more.row[place])


def _places(texts: Texts, folded: str) -> list[int]:
    """Return where texts stand that may hold a folded name: those with the longest part of it, and all not in ASCII."""
    pieces = _PIECES.findall(folded)
    if not len(texts) or not pieces:
        return list(range(len(texts)))
    places: list[int] = texts.holding([max(pieces, key=len)], 0, len(texts)).tolist()
    return places
