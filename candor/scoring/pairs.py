"""Pairs: who recognised whom, numbered once for all topics, so that what everybody gave and got is only looked up."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from candor.scoring.acts import BY_RECOGNISER
from candor.scoring.arrays import changes, group_by, is_among, sum_by, where_true

if TYPE_CHECKING:
    from collections.abc import Callable

    from candor.scoring.acts import ActIndex, Acts
    from candor.scoring.arrays import Bools, Floats, Ints


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
        of_act = new.cumsum(dtype=acts.row.dtype)
        of_act -= 1
        return cls(acts.recognised[first], acts.recogniser[first], of_act, people)

    @cached_property
    def mutual(self) -> tuple[Ints, Ints]:
        """The pairs that there are the other way round too, ascending, and which those are."""
        order, new = group_by(
            np.minimum(self.recognised, self.recogniser), np.maximum(self.recognised, self.recogniser)
        )
        second = where_true(~new)  # of two the same people, in one order and in the other
        one, other = order[second - 1], order[second]
        these, back = np.concatenate((one, other)), np.concatenate((other, one))
        ascending = these.argsort()
        return these[ascending], back[ascending]

    @cached_property
    def acts_of_mutual(self) -> Bools:
        """Say of each act whether its pair is there the other way round too."""
        mutual = np.zeros(self.recognised.size, np.bool_)
        mutual[self.mutual[0]] = True
        return mutual.take(self.of_act)

    def strengths(self, acts: Acts, chosen: Ints, strength: Floats) -> tuple[Ints, Floats]:
        """Return the pairs of the `chosen` acts (ascending) and the sum c1 of each: the strongest of each contribution.

        `strength` is that of the chosen.
        """
        pair = self.of_act[chosen]
        line = where_true(changes(pair, acts.contribution[chosen]))
        strongest = np.maximum.reduceat(strength, line) if line.size else strength
        pair = pair[line]
        new = changes(pair)
        first = where_true(new)
        return pair[first], sum_by(new.cumsum() - 1, strongest, first.size)


@dataclass(frozen=True, eq=False)
class ActsOfAll:
    """What voices about anybody are weighed from on one topic or on any: found once for all people.

    Of each `pair` (ascending) whose recognised gave the other something, `returned` is what that was; `strength_of`
    gives the strengths of some acts.
    """

    pairs: Pairs
    pair: Ints
    returned: Floats
    strength_of: Callable[[Ints], Floats]

    @classmethod
    def on(cls, topic: int | None, index: ActIndex, pairs: Pairs, strength_of: Callable[[Ints], Floats]) -> ActsOfAll:
        """Find them on a topic of the index, or on any."""
        counts = BY_RECOGNISER.take(index.acts.kind) & pairs.acts_of_mutual
        given = where_true(counts if topic is None else counts & index.on_topic[:, topic])
        pair, sums = pairs.strengths(index.acts, given, strength_of(given))
        these, back = pairs.mutual
        returned = back[these.searchsorted(pair)]
        order = returned.argsort()
        return cls(pairs, returned[order], sums[order], strength_of)

    def returned_in(self, pair: Ints) -> Floats:
        """Return what the recognised of each of some pairs (ascending) gave the other."""
        found = np.zeros(pair.size)
        if not pair.size:
            return found
        first, last = self.pair.searchsorted([pair[0], pair[-1] + 1])
        some, returned = self.pair[first:last], self.returned[first:last]
        if some.size < pair.size:
            asked = is_among(some, pair)
            found[pair.searchsorted(some[asked])] = returned[asked]
        else:
            known = is_among(pair, some)
            found[known] = returned[some.searchsorted(pair[known])]
        return found
