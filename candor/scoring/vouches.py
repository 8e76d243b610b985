"""Vouches in records: who vouched for whom and when, for standing to flow along and for whoever keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from candor.scoring.acts import VOUCHING
from candor.scoring.arrays import where_true
from candor.scoring.columns import moment
from candor.scoring.recognition import find_acts
from candor.scoring.window import columns_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from candor.scoring.activity import Activity
    from candor.scoring.acts import Acts
    from candor.scoring.arrays import Bools, Ints
    from candor.scoring.columns import Columns
    from candor.scoring.method import Method, Profile
    from candor.scoring.question import Question


@dataclass(frozen=True, eq=False)
class VouchRows:
    """Person `voucher` vouched for person `vouched` by the record in row `row`; pairs may stand more than once."""

    voucher: Ints
    vouched: Ints
    row: Ints


class Vouch(NamedTuple):
    """`voucher` vouched for `vouched`, last at `at`."""

    voucher: str
    vouched: str
    at: datetime


def find_vouches(acts: Acts, columns: Columns, profile: Profile) -> VouchRows:
    """Return every vouch: acts of recognition that are one, and answers to whoever asked."""
    chosen = where_true(VOUCHING[acts.kind])
    answering = _answering(columns, replies_answer=profile.replies_are_answers)
    rows = where_true(answering).astype(acts.row.dtype)
    return VouchRows(
        np.concatenate((acts.recogniser[chosen], columns.actor[rows])),
        np.concatenate((acts.recognised[chosen], columns.target[rows])),
        np.concatenate((acts.row[chosen], rows)),
    )


def vouches_in(activities: Iterable[Activity] | Columns, question: Question, method: Method) -> list[Vouch]:
    """Return each pair once, with its last time before `as_of`. Raises ValueError as `score` does."""
    profile = method.profile_of(question.network, question.profile)
    columns = columns_of(activities, question)
    acts = find_acts(columns, replies_are_answers=profile.replies_are_answers, granted_rights=question.granted_rights)
    seen = find_vouches(acts, columns, profile)
    last: dict[tuple[int, int], int] = {}
    published = columns.published[seen.row].tolist()
    for *pair, at in zip(seen.voucher.tolist(), seen.vouched.tolist(), published, strict=True):
        last[pair[0], pair[1]] = max(at, last.get((pair[0], pair[1]), 0))
    names = columns.people
    return [Vouch(names[w], names[u], moment(at)) for (w, u), at in last.items()]


def _answering(columns: Columns, *, replies_answer: bool) -> Bools:
    """Say which records answer somebody's question or review somebody's change."""
    answering = columns.is_type("answer", "review")
    if replies_answer:  # a reply to a note is none: angry ones would vouch
        under = columns.object_row
        answering |= columns.is_type("reply") & (under >= 0) & columns.is_type("question")[under]
    apart = (columns.actor >= 0) & (columns.target >= 0) & (columns.actor != columns.target)
    return np.asarray(answering & apart)
