"""Telling words: which earlier questions are like one by what it is about, function words such as "with" left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from candor.questions.formula import function_words
from candor.questions.index import TAG, terms_of
from candor.questions.ranking import worth

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from candor.questions.formula import Formula
    from candor.questions.index import Index
    from candor.questions.ranking import Likeness

    Ints = NDArray[np.int64]


@dataclass(frozen=True)
class TellingLikeness:
    """Which earlier questions are `like` one, and which share of its weight, 0 to 1, is in `known` words."""

    like: frozenset[int]
    known: float

    def is_enough(self, formula: Formula) -> bool:
        """Say whether an answer rests on enough, by the formula's rule."""
        return len(self.like) >= formula.status.enough and self.known >= formula.status.known


def telling_likeness(
    index: Index, formula: Formula, likeness: Likeness, found: Mapping[str, int], asks: int
) -> TellingLikeness:
    """Compare with the first `asks` questions by telling words and tags alone; `found` counts the terms of this one.

    Where it has words a tag alone makes no question like it, and a word and the tag of that name are one.
    """
    rule, average = formula.likeness, likeness.average_length
    terms = [term for term in likeness.terms if is_telling(term.text)]
    length, has_words = float(sum(found.values())), any(not term.startswith(TAG) for term in found)
    here = {term.text: float(worth(term, found[term.text], length, rule, average)) for term in terms}
    points, worded = np.zeros(asks), np.zeros(asks, np.bool_)
    shared = {term.text.removeprefix(TAG): np.zeros(asks, np.bool_) for term in terms}
    for term in terms:
        where, count = index.postings.of(term.text, asks)
        points[where] += worth(term, count, index.length[where], rule, average)
        shared[term.text.removeprefix(TAG)][where] = True
        if not has_words or not term.text.startswith(TAG):
            worded[where] = True
    whole, many = sum(here.values()), min(formula.status.shared, len(shared))
    is_like = worded & (points >= rule.least * whole) & (sum(shared.values(), np.zeros(asks, np.int64)) >= many)
    return TellingLikeness(
        like=frozenset(np.flatnonzero(is_like).tolist()),
        known=sum(here[term.text] for term in terms if term.asks) / whole if whole else 0.0,
    )


def shares_telling_words(index: Index, formula: Formula, ask: int, answered: NDArray[np.bool_]) -> bool:
    """Say whether one earlier question among the `answered` shares enough telling words or tags with a question.

    These are as many as make a question like another, or all it has; words that too many questions have are none.
    """
    record, rule = index.columns.records[int(index.asks[ask])], formula.likeness
    shared: dict[str, Ints] = {}
    for term in filter(is_telling, terms_of(record.content, record.tags or ())):
        having = index.postings.of(term, ask)[0]
        if having.size <= max(rule.most_share * ask, rule.always):
            name = term.removeprefix(TAG)
            shared[name] = np.union1d(shared.get(name, having), having)
    counts = np.bincount(np.concatenate([*shared.values(), np.zeros(0, np.int64)]), minlength=ask)
    return bool(counts[answered[:ask]].max(initial=0) >= min(formula.status.shared, max(1, len(shared))))


def is_telling(term: str) -> bool:
    """Say whether a word or #tag says what a question is about: function words do not."""
    return term not in function_words()
