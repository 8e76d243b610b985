"""Originals: which of the texts that others took up repeat an earlier one, by how much recognition each has."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from candor.scoring.arrays import distinct, pair_key, ranges, sum_by, where_true

if TYPE_CHECKING:
    from candor.scoring.arrays import Bools, Floats, Ints
    from candor.scoring.copies import Copies


TIE = 1e-6
"""Recognition, in standing, and shares of it that make no difference: sums of the same differ by less."""


@dataclass(frozen=True, eq=False)
class Originals:
    """The texts that others took up and that have a near-copy which others took up too.

    `row` is their records, ascending, and `author` who wrote them; those of which `repeats_self` holds are copies
    whoever is trusted, and are here without one too. Person `recogniser[i]` took up text `text[i]`, each pair once.
    `by_group` are the texts in an order in which `group` ascends. Text `later[i]` has a near-copy before it at place
    `earlier[i]` of that order, and in the same group at each place before.
    """

    row: Ints
    author: Ints
    repeats_self: Bools
    text: Ints
    recogniser: Ints
    by_group: Ints
    group: Ints
    later: Ints
    earlier: Ints

    @classmethod
    def of(cls, copies: Copies, said: Ints, recogniser: Ints) -> Originals:
        """Find them among near-copies by acts of recognition: each by a person, of the text in row `said`, -1 for none.

        Rows of `copies` ascend.
        """
        some = copies.among(distinct(said[said >= 0]))
        row, people = some.row, int(recogniser.max(initial=-1)) + 1
        place = row.searchsorted(said)
        place[place == row.size] = 0
        chosen = where_true(row[place] == said) if row.size else said[:0]
        text, by = np.divmod(distinct(pair_key(place[chosen], recogniser[chosen], people)), max(people, 1))
        by_group = np.argsort(some.group, kind="stable")
        later, earlier = _said_before(some, by_group)
        return cls(row, some.author, some.repeats_self, text, by, by_group, some.group[by_group], later, earlier)

    @cached_property
    def recognisers(self) -> Ints:
        """Whose standing decides which are copies, ascending."""
        return distinct(self.recogniser)

    @cached_property
    def shared_authors(self) -> Ints:
        """Of whose texts it depends on who is trusted whether they are copies, ascending."""
        return distinct(self.author[self.later])

    def void(self, standing: Floats) -> Bools:
        """Say of each text whether it is a copy, everybody having so much standing.

        That is where its author said nearly the same earlier, or somebody else in a text that was recognised no less
        than its copies together: the standing of each who took it up is shared out among all copies that it is held
        against, in proportion to their recognition, so that nobody's word voids more than it weighs.
        """
        void = self.repeats_self.copy()
        recognised = sum_by(self.text, standing[self.recogniser], self.row.size)
        copy, original = self._copied(np.rint(recognised / TIE))
        against = sum_by(original, recognised[copy], void.size)
        held = sum_by(self.recogniser, against[self.text], standing.size)
        share = standing[self.recogniser] / np.maximum(held[self.recogniser], TIE)
        void[copy] |= sum_by(self.text, share, void.size)[original] >= 1 - TIE
        return void

    def _copied(self, recognised: Floats) -> tuple[Ints, Ints]:
        """Return the texts that have a recognised near-copy before them, and the one most recognised, or the first."""
        texts = self.row.size
        if not self.later.size:
            return self.later, self.later
        order = np.lexsort((-np.arange(texts), recognised))
        rank = np.empty(texts, np.int64)
        rank[order] = np.arange(texts)
        highest = np.maximum.accumulate(pair_key(self.group, rank[self.by_group], texts)) % texts
        most = np.full(texts, -1)
        np.maximum.at(most, self.later, highest[self.earlier])
        copy = where_true(most >= 0)
        original = order[most[copy]]
        is_recognised = recognised[original] > 0
        return copy[is_recognised], original[is_recognised]


def _said_before(copies: Copies, by_group: Ints) -> tuple[Ints, Ints]:
    """Return for each text and group in which nearly the same was said before it the last such text in that group.

    Both are places: of the text among all, of the other in the order `by_group`. Those that are copies anyway are left
    out.
    """
    rows = int(copies.row.max(initial=-1)) + 1
    order = np.argsort(copies.similar[0], kind="stable")
    near, ends = copies.similar[1][order], np.bincount(copies.similar[0]).cumsum()
    texts = where_true(~copies.repeats_self)
    last = ends[copies.group[texts]]
    first = last - np.bincount(copies.similar[0])[copies.group[texts]]
    group, later = near[ranges(first, last)], texts.repeat(last - first)
    begins = copies.group[by_group].searchsorted(group)
    key = pair_key(copies.group[by_group], copies.row[by_group], rows)
    earlier = key.searchsorted(pair_key(group, copies.row[later], rows)) - 1
    before = earlier >= begins
    return later[before], earlier[before]
