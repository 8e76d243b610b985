"""Standing: how far a person's word is trusted, flowing from the declared root along vouches.

The flow is that of personalised PageRank with a floor on the out-degree (Page et al. 1999; Gyöngyi et al. 2004,
TrustRank), so that the standing of any set of invented accounts is bounded by what real accounts vouch for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from candor.scoring.arrays import chunks_by_person, concat, distinct, map_chunks, pair_key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from candor.scoring.method import StandingRule
    from candor.scoring.trust_root import TrustRoot

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
        chunks = chunks_by_person(vouched, np.arange(vouched.size), people)
        pairs = concat(map_chunks(lambda some: distinct(pair_key(vouched[some], voucher[some], people)), chunks))
        row, column = np.divmod(pairs, max(people, 1))
        first = np.concatenate(([0], np.cumsum(np.bincount(row, minlength=people))))
        towards = csr_array((np.ones(pairs.size), column.astype(np.int32), first.astype(np.int32)), (people, people))
        return cls(towards, np.bincount(column, minlength=people))

    def shares(self, rule: StandingRule, without: int | None = None) -> Floats:
        """Return what part of each person's standing one vouch passes on, vouches of and for `without` left out."""
        share = np.asarray(rule.passed_on / np.maximum(self.outdegree, rule.least_outdegree), np.float64)
        if without is not None:
            vouchers = self.of_person(without)
            share[vouchers] = rule.passed_on / np.maximum(self.outdegree[vouchers] - 1, rule.least_outdegree)
            share[without] = 0.0
        return share

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


def flow_standing(
    vouches: Vouches,
    root: Floats,
    rule: StandingRule,
    without: int | None = None,
    *,
    by_root: csr_array | None = None,
) -> Floats:
    """Return h, each person's standing in 0..1, leaving out the vouches of and for the person `without`.

    `by_root` are the vouches of the root's people alone, where they are at hand: the first round needs no others.
    """
    share = vouches.shares(rule, without)
    standing = root.copy()
    for step in range(rule.most_rounds):
        passed = share * standing
        gained = np.asarray(vouches.towards @ passed if step or by_root is None else by_root @ passed[root > 0])
        if without is not None:
            gained[without] = 0.0
        following = np.minimum(1.0, root + gained)
        change = np.abs(following - standing).max(initial=0.0)
        standing = following
        if change < rule.tolerance:
            break
    return standing
