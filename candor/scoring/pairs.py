"""Pairs: who recognised whom, numbered once for all topics, so that what everybody gave and got is only looked up."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from candor.scoring.acts import BY_RECOGNISER
from candor.scoring.arrays import changes, index_by, pair_key, sum_by, where_true

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
    def back(self) -> Ints:
        """The pair the other way round; behind the last pair where there is none."""
        order = index_by(self.recogniser, self.people)[0]
        known = pair_key(self.recogniser[order], self.recognised[order], self.people)
        wanted = pair_key(self.recognised, self.recogniser, self.people)  # ascends, as what it is sought in
        place = known.searchsorted(wanted)
        found = np.append(known, -1)[place] == wanted
        return np.where(found, np.append(order, 0)[place], wanted.size).astype(self.of_act.dtype)

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
        sums = np.append(pairs.strengths(index.acts, given, strength), 0.0)
        return cls(pairs, strength, sums[pairs.back])
