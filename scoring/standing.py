"""Standing: how far a person's word is trusted, flowing from the declared root along vouches.

The flow is that of personalised PageRank with a floor on the out-degree (Page et al. 1999; Gyöngyi et al. 2004,
TrustRank), so that the standing of any set of invented accounts is bounded by what real accounts vouch for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from scoring.sorting import distinct

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scoring.method import StandingRule
    from scoring.trust_root import TrustRoot

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Vouches:
    """Who vouches for whom, each pair once: `towards[u, w]` is 1 if w vouches for u; `outdegree` counts per w."""

    towards: csr_array
    outdegree: Ints

    @classmethod
    def of_pairs(cls, voucher: Ints, vouched: Ints, people: int) -> Vouches:
        """Build from pairs of person numbers below `people`; repeated pairs count once."""
        pairs = distinct(vouched * people + voucher)
        row, column = np.divmod(pairs, people) if people else (pairs, pairs)
        towards = csr_array((np.ones(pairs.size), (row, column)), shape=(people, people))
        return cls(towards, np.bincount(column, minlength=people))

    def of_person(self, person: int) -> Ints:
        """Return those who vouch for `person`."""
        first, last = self.towards.indptr[person : person + 2]
        return np.asarray(self.towards.indices[first:last], np.int64)


def root_weights(root: TrustRoot, person_of: dict[str, int]) -> Floats:
    """Return each person's weight in the root: 1 for all under `network`, else what the root names, 0 elsewhere."""
    if root.kind == "network":
        return np.ones(len(person_of))
    weights = np.zeros(len(person_of))
    for named in root.accounts:
        if named.account in person_of:
            weights[person_of[named.account]] = max(weights[person_of[named.account]], named.weight)
    return weights


def flow_standing(vouches: Vouches, root: Floats, rule: StandingRule, without: int | None = None) -> Floats:
    """Return h, each person's standing in 0..1, leaving out the vouches of and for the person `without`."""
    left_out = np.full(1, -1) if without is None else np.array([without])
    return np.asarray(flow_many(vouches, root, rule, left_out)[0])


def flow_many(vouches: Vouches, root: Floats, rule: StandingRule, without: Ints) -> Floats:
    """Return a row of standings for each person of `without` (-1 for nobody left out), side by side.

    Together they take a fraction of the time, as each vouch is looked up once for all.
    """
    share = np.repeat(rule.passed_on / np.maximum(vouches.outdegree, rule.least_outdegree)[:, None], without.size, 1)
    silent = np.flatnonzero(without >= 0)
    for place in silent.tolist():
        vouchers = vouches.of_person(int(without[place]))
        share[vouchers, place] = rule.passed_on / np.maximum(vouches.outdegree[vouchers] - 1, rule.least_outdegree)
    share[without[silent], silent] = 0.0
    standing = np.repeat(root[:, None], without.size, 1)
    settled = standing.copy()
    left, silenced = np.arange(without.size), (without[silent], silent)
    for _ in range(rule.most_rounds):
        gained = np.asarray(vouches.towards @ (share * standing))
        gained[silenced] = 0.0
        gained += root[:, None]
        following = np.minimum(1.0, gained, out=gained)
        moves = np.abs(following - standing).max(axis=0, initial=0.0) >= rule.tolerance
        standing = following
        if not moves.all():
            settled[:, left] = standing
            left, share, standing = left[moves], share[:, moves], standing[:, moves]
            heard = np.flatnonzero(without[left] >= 0)
            silenced = (without[left][heard], heard)
        if not left.size:
            break
    settled[:, left] = standing
    return np.ascontiguousarray(settled.T)
