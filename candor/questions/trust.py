"""Trust: whether the trust of the people chosen reaches those who used somebody's help, on whatever topic."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from candor.scoring.acts import NAMED, Acts
from candor.scoring.arrays import distinct, is_among, pair_key
from candor.scoring.columns import microseconds
from candor.scoring.recognition import find_acts
from candor.scoring.standing import Vouches, flow_standing, half_at_of, root_weights, saturated
from candor.scoring.vouches import VouchRows, find_vouches

if TYPE_CHECKING:
    from datetime import datetime

    from candor.questions.formula import Formula
    from candor.questions.index import Index
    from candor.scoring.arrays import Bools, Ints
    from candor.scoring.columns import Columns
    from candor.scoring.method import Method, Profile
    from candor.scoring.trust_root import TrustRoot


@dataclass(frozen=True, eq=False)
class Recognised:
    """Who used whose help in a community, and who vouched for whom: at any time, as the method finds them."""

    columns: Columns
    profile: Profile
    granted_rights: bool

    @cached_property
    def acts(self) -> Acts:
        """Acts of recognition by those who are named."""
        profile = self.profile
        found = find_acts(
            self.columns, replies_are_answers=profile.replies_are_answers, granted_rights=self.granted_rights
        )
        return found.take(NAMED[found.kind])

    @cached_property
    def vouches(self) -> VouchRows:
        """Vouches, along which trust flows."""
        return find_vouches(self.acts, self.columns, self.profile)


@dataclass(frozen=True, eq=False)
class TrustReach:
    """Of each person (by number): whether it is `chosen` itself, how many used its help, and how many of them count.

    `trusted` are those whom the trust of the people chosen reaches without a vouch of the person's own.
    """

    chosen: Bools
    people: Ints
    trusted: Ints

    @property
    def reached(self) -> Bools:
        """Say whom trust reaches: who is chosen, or whose help somebody trusted used."""
        return self.chosen | (self.trusted > 0)


@dataclass(frozen=True, kw_only=True)
class RecognitionRules:
    """What decides which acts are recognition: profile, method, and whether the records say who may merge changes."""

    profile: str
    method: Method
    granted_rights: bool


def reach(index: Index, community: RecognitionRules, root: TrustRoot, formula: Formula, as_of: datetime) -> TrustReach:
    """Find whom the trust of a root's people reaches. Only acts before `as_of` count."""
    key = (community.profile, community.method.version, community.granted_rights)
    if key not in index.kept:
        index.kept[key] = Recognised(
            index.columns, community.method.profiles[community.profile], community.granted_rights
        )
    known: Recognised = index.kept[key]
    columns, people, rule = index.columns, index.people, community.method.standing
    published, until = columns.published, microseconds(as_of)
    acts, rows = known.acts, known.vouches
    before = published[rows.row] < until
    vouches = Vouches.of_pairs(rows.voucher[before], rows.vouched[before], people)
    weights = root_weights(root, columns.person_of)
    pairs = distinct(pair_key(acts.recognised, acts.recogniser, people)[published[acts.row] < until])
    recognised, recogniser = np.divmod(pairs, max(people, 1))
    flow = flow_standing(vouches, weights, rule, root.people)
    own = is_among(pair_key(recogniser, recognised, people), distinct(_keys(vouches, people)))
    vouched = flow.vouched[recogniser] - np.where(own, flow.lent[recognised], 0.0)
    seen = saturated(np.maximum(vouched, 0.0), half_at_of(rule, root.people), rule.steepness)
    standing = np.where(weights[recogniser] > 0, weights[recogniser], seen)
    counts = standing >= formula.trust.standing
    return TrustReach(
        chosen=weights > 0,
        people=np.bincount(recognised, minlength=people),
        trusted=np.bincount(recognised[counts], minlength=people),
    )


def _keys(vouches: Vouches, people: int) -> Ints:
    """Return the pairs (vouched, voucher) as numbers."""
    vouched = np.repeat(np.arange(people), np.diff(vouches.first))
    return pair_key(vouched, vouches.voucher.astype(np.int64), people)
