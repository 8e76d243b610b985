"""Accounts of a table that somebody may have meant by a name: found among its texts, of which few are read.

They are written so but for case, accents, signs and blanks between letters, letters of other scripts that look the
same, and what stands around a name in an address: `mira.holm`, `https://a.example/u/MiraHolm` and `miraholm@a.example`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from candor.names.account_text import chosen_name
from candor.scoring.window import newest_claim
from candor.scoring.words import fold

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from candor.scoring.table import Table, Texts

_PIECES = re.compile(r"[a-z0-9]+")
_PIECE_LETTERS = 3
"""Of a name so many letters at both ends, half of a short one, are looked for: signs may part the others."""
_LOOK_SAME = str.maketrans("асеорхуіјѕһԁԛԝкмтοναριυκτχ", "aceopxyijshdqwkmtovapiuktx")
"""Letters of Cyrillic and Greek, and those of Latin that look the same."""
_SHORTEST = 2


class _Called(msgspec.Struct):
    """Of what an account record says only how it is called."""

    name: str | None = None


_CALLED = msgspec.json.Decoder(_Called)


def written_alike(table: Table, name: str) -> Iterator[str]:
    """Yield the accounts that are written much like a name, or whose newest records call them so."""
    wanted = frozenset(filter(None, map(_outline, _meant(name))))
    for place in _places(table.people, wanted):
        if _outline(account := table.people.at(place)) in wanted:
            yield account
    once = {int(table.actor[row]) for row in _rows_calling(table, wanted)}
    for account in (table.people.at(number) for number in once if number >= 0):
        claim = newest_claim(table, account)
        if claim is not None and claim.name and _outline(claim.name) in wanted:
            yield account


def _meant(name: str) -> Iterator[str]:
    """Yield what may be meant by a name: itself, and the part of an address that is somebody's."""
    yield name
    last = name.partition("?")[0].rstrip("/").rpartition("/")[2]
    user, at, _ = chosen_name("", last).partition("@")
    if "/" in name or at:
        yield user


def _outline(name: str) -> str:
    """Write a name as a letter after the other, without all that another spelling of it may have; as it is if short."""
    folded = fold(name)
    plain = "".join(filter(str.isalnum, folded)).translate(_LOOK_SAME)
    return plain if len(plain) >= _SHORTEST else folded


def _rows_calling(table: Table, wanted: Collection[str]) -> Iterator[int]:
    """Yield the rows of account records, of whatever time, that say a name of one of these outlines."""
    first = int(np.searchsorted(table.more.row, table.acts))
    for place in _places(table.more, wanted):
        if place >= first and _outline(_CALLED.decode(table.more.at(place)).name or "") in wanted:
            yield int(table.more.row[place])


def _places(texts: Texts, outlines: Collection[str]) -> list[int]:
    """Return where texts stand that may hold a name of these outlines, and all that are not in ASCII.

    Of an outline in ASCII the letters at its beginning or its end stand together in any spelling, unless signs are
    between just these.
    """
    if not len(texts) or not all(map(_PIECES.fullmatch, outlines)):
        return list(range(len(texts)))
    sizes = ((each, max(1, min(_PIECE_LETTERS, len(each) // 2))) for each in outlines)
    ends = {part for each, size in sizes for part in (each[:size], each[-size:])}
    return sorted({int(place) for part in ends for place in texts.holding([part], 0, len(texts))})
