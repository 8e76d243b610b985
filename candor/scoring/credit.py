"""Credit: of all acts of one person on one contribution, the best of help and the best of soft recognition."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from candor.scoring.kinds import KINDS
from candor.scoring.recognition import SOFT
from candor.scoring.sorting import changes, is_among, pair_key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from candor.scoring.recognition import Acts

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

BY_RECOGNISER = np.array([kind.by_recogniser for kind in KINDS])
NAMED = np.array([not kind.face_value_only for kind in KINDS])


@dataclass(frozen=True, eq=False)
class Ledger:
    """Lines of (recognised, recogniser, contribution), grouped into pairs of people.

    Per line: `pair` numbers its pair, `help` and `soft` are the largest strengths of each class (without prominence; 0
    where there is none), `help_act` and `soft_act` the acts they come from (-1). Per pair: `recognised` and
    `recogniser`.
    """

    pair: Ints
    contribution: Ints
    help: Floats
    soft: Floats
    help_act: Ints
    soft_act: Ints
    recognised: Ints
    recogniser: Ints

    @cached_property
    def per_pair(self) -> Floats:
        """The sums c1 of each pair: every contribution once, by its stronger class, prominence left out."""
        return sum_by(self.pair, np.maximum(self.help, self.soft), self.recognised.size)


def strengths(kind: Ints, age_days: Floats, q: dict[str, float], half_life_days: float) -> Floats:
    """Strength of each act: q of its kind, halved every `half_life_days`."""
    return np.array([q[each.id] for each in KINDS])[kind] * 0.5 ** (age_days / half_life_days)


def credit(acts: Acts, chosen: Ints, strength: Floats) -> Ledger:
    """Credit the `chosen` acts (pair by pair), each contribution of a pair once a class; ties go to the oldest act.

    `strength` is that of the chosen.
    """
    soft = SOFT[acts.kind[chosen]]
    new_pair = changes(acts.recognised[chosen], acts.recogniser[chosen])
    new_line = new_pair | changes(acts.contribution[chosen])
    best = oldest_of_strongest(strength, new_line | changes(soft))
    lines, acts_of = chosen[new_line], chosen[new_pair]
    values, sources = {}, {}
    for name, of_class in (("help", ~soft[best]), ("soft", soft[best])):
        values[name], sources[name] = np.zeros(lines.size), np.full(lines.size, -1)
        place = best[of_class]
        line = slice(None) if place.size == lines.size else (np.cumsum(new_line) - 1)[place]
        values[name][line] = strength[place]
        sources[name][line] = chosen[place]
    return Ledger(
        pair=(np.cumsum(new_pair) - 1)[new_line],
        contribution=acts.contribution[lines],
        help=values["help"],
        soft=values["soft"],
        help_act=sources["help"],
        soft_act=sources["soft"],
        recognised=acts.recognised[acts_of],
        recogniser=acts.recogniser[acts_of],
    )


def returned(ledger: Ledger, given: Ledger, people: int) -> Floats:
    """Look up, for each pair of the ledger, what its recognised gave the other: `given` is by giver and receiver."""
    wanted = pair_key(ledger.recognised, ledger.recogniser, people)
    known = pair_key(given.recogniser, given.recognised, people)
    hit = np.flatnonzero(is_among(wanted, known))
    found = np.zeros(wanted.size)
    found[hit] = given.per_pair[np.searchsorted(known, wanted[hit])]
    return found


def sum_by(group: Ints, values: Floats, groups: int) -> Floats:
    """Sum `values` by group number."""
    return np.bincount(group, weights=values, minlength=groups).astype(np.float64, copy=False)


def oldest_of_strongest(strength: Floats, new: Bools) -> Ints:
    """Return the place of the strongest in each group, the first of equals; `new` marks where groups begin."""
    start = np.flatnonzero(new)
    size = np.diff(start, append=new.size)
    several = size > 1
    if not several.any():
        return start
    among = np.flatnonzero(np.repeat(several, size))
    first = np.cumsum(size[several]) - size[several]
    group = np.repeat(np.arange(first.size), size[several])
    top = np.flatnonzero(strength[among] == np.maximum.reduceat(strength[among], first)[group])
    start[several] = among[top[changes(group[top])]]
    return start
