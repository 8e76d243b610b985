"""Vouching: who vouches for whom, and by which record. Standing flows along these pairs, whatever their topic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from candor.scoring.kinds import KINDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from candor.scoring.columns import Columns
    from candor.scoring.method import Profile
    from candor.scoring.recognition import Acts

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Vouching:
    """Person `voucher` vouched for person `vouched` by the record in row `row`; pairs may stand more than once."""

    voucher: Ints
    vouched: Ints
    row: Ints


def vouching(acts: Acts, columns: Columns, profile: Profile) -> Vouching:
    """Return every vouch: acts of recognition that are one, and answers to whoever asked."""
    chosen = np.flatnonzero(np.array([kind.vouch for kind in KINDS])[acts.kind])
    voucher, vouched, row = acts.recogniser[chosen], acts.recognised[chosen], acts.row[chosen]
    rows = np.flatnonzero(_answering(columns, replies_answer=profile.replies_are_answers))
    return Vouching(
        np.concatenate((voucher, columns.actor[rows])),
        np.concatenate((vouched, columns.target[rows])),
        np.concatenate((row, rows)),
    )


def _answering(columns: Columns, *, replies_answer: bool) -> Bools:
    """Say which records answer somebody's question or review somebody's change."""
    answering = columns.is_type("answer", "review")
    if replies_answer:  # a reply to a note is none: angry ones would vouch
        under = columns.object_row
        answering |= columns.is_type("reply") & (under >= 0) & columns.is_type("question")[under]
    apart = (columns.actor >= 0) & (columns.target >= 0) & (columns.actor != columns.target)
    return np.asarray(answering & apart)
