"""Pairs: who recognised whom, numbered once for all topics, so that what everybody gave and got is only looked up."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from candor.scoring.acts import BY_RECOGNISER
from candor.scoring.arrays import changes, sparse, sum_by, where_true

if TYPE_CHECKING:
    from candor.scoring.acts import ActIndex, Acts
    from candor.scoring.arrays import Floats, Ints


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs (recognised, recogniser), as acts of recognition stand; `of_act` numbers the pair of each act."""

    recognised: Ints
    recogniser: Ints
    of_act: Ints
    people: int

    @classmethod
    def of(cls, acts: Acts, people: int) -> Pairs:
        """Number the pairs of acts, which are sorted by them."""
        new = changes(acts.recognised, acts.recogniser)
        first = where_true(new)
        of_act = np.asarray(new.cumsum(dtype=np.int32) - np.int32(1), acts.row.dtype)
        return cls(acts.recognised[first], acts.recogniser[first], of_act, people)

    @cached_property
    def mutual(self) -> tuple[Ints, Ints]:
        """The pairs that there are the other way round too, ascending, and which those are."""
        first = np.bincount(self.recognised + 1, minlength=self.people + 1).cumsum()
        shape, numbers = (self.people, self.people), np.arange(1, self.recognised.size + 1, dtype=self.of_act.dtype)
        numbered = sparse((numbers, self.recogniser, first), shape)
        there = sparse((np.ones_like(numbers), self.recogniser, first), shape)
        back = there.multiply(numbered.T.tocsr()).data - 1  # rows ascend in both: they are merged, nothing is sought
        return np.sort(back), back

    def returned(self, sums: Floats) -> Floats:
        """Return by pair what the pair the other way round has of `sums`, and 0 where there is none."""
        these, back = self.mutual
        found = np.zeros(sums.size)
        found[these] = sums[back]
        return found

    def strengths(self, acts: Acts, chosen: Ints, strength: Floats) -> Floats:
        """Sum c1 of each pair: of the `chosen` acts (ascending) the strongest of each contribution; 0 without any."""
        pair = self.of_act[chosen]
        line = where_true(changes(pair, acts.contribution[chosen]))
        strongest = np.maximum.reduceat(strength[chosen], line) if line.size else strength[:0]
        return sum_by(pair[line], strongest, self.recognised.size)


@dataclass(frozen=True, eq=False)
class ActsOfAll:
    """What voices about anybody are weighed from on one topic or on any: found once for all people.

    `strength` is that of each act, `returned` by pair what its recognised gave the other.
    """

    pairs: Pairs
    strength: Floats
    returned: Floats

    @classmethod
    def on(cls, topic: int | None, index: ActIndex, pairs: Pairs, strength: Floats) -> ActsOfAll:
        """Find them on a topic of the index, or on any."""
        counts = BY_RECOGNISER[index.acts.kind]
        given = where_true(counts if topic is None else counts & index.on_topic[:, topic])
        return cls(pairs, strength, pairs.returned(pairs.strengths(index.acts, given, strength)))
