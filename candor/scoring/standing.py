"""Standing: how far a person's word is trusted, by how many people vouch for it whose own word is.

Trust starts at the declared root and reaches two steps: whom its people vouch for, and whom those vouch for. One who
vouches gives hardly anything, several agreeing ones nearly all of it, so it takes many fooled people to make one
invented account count.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from candor.scoring.arrays import (
    all_of,
    changes,
    distinct,
    is_among,
    sparse,
    sum_by,
    where_true,
)
from candor.scoring.portable import quarter_power

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csc_array, csr_array

    from candor.scoring.arrays import Floats, Ints
    from candor.scoring.method import StandingRule
    from candor.scoring.trust_root import TrustRoot

MANY = 10_000  # vouches: from here on a sparse matrix carries them faster, which takes a while to be made


@dataclass(frozen=True, eq=False)
class Vouches:
    """Who vouches for whom, each pair once: those of `voucher` from `first[u]` up to `first[u + 1]` do for person u."""

    first: NDArray[np.int32]
    voucher: NDArray[np.int32]

    @classmethod
    def of_pairs(cls, voucher: Ints, vouched: Ints, people: int) -> Vouches:
        """Build from pairs of person numbers below `people`; repeated pairs count once."""
        bits = people.bit_length()
        pairs = (vouched.astype(np.int64) << bits) | voucher
        pairs.sort()
        new = changes(pairs)
        pairs = pairs if all_of(new) else pairs[new]
        first = pairs.searchsorted(np.arange(people + 1) << bits).astype(np.int32)
        pairs &= (1 << bits) - 1
        return cls(first, pairs.astype(np.int32))

    @cached_property
    def towards(self) -> csr_array:
        """The same as a matrix: `towards[u, w]` is 1 if w vouches for u."""
        size, people = self.voucher.size, self.first.size - 1
        ones = np.ones(size, np.int8 if size > MANY else np.float64)  # wide where nothing is to be saved
        return sparse((ones, self.voucher, self.first), (people, people))

    @cached_property
    def vouched(self) -> Ints:
        """For whom each voucher vouches."""
        return np.arange(self.first.size - 1).repeat(self.first[1:] - self.first[:-1])

    def add_up(self, weights: Floats) -> Floats:
        """Sum by person the weights of those who vouch for it; `weights` has one for everybody."""
        if self.voucher.size < MANY:
            return sum_by(self.vouched, weights[self.voucher], weights.size)
        return np.asarray(self.towards @ weights)

    @cached_property
    def by_voucher(self) -> csc_array:
        """The same, found by who vouches."""
        return self.towards.tocsc()

    def of(self, people: Ints) -> csr_array:
        """Return the vouches for some people, a row each, in numbers as wide as what they are multiplied by."""
        found = self.towards[people]
        return sparse((np.ones(found.nnz), found.indices, found.indptr), found.shape)

    def carry(self, row: Ints, person: Ints, weights: Floats, rows: int) -> Floats:
        """Return, a row each of so many, what who vouches for people is given by these: each gives its weight.

        `row` ascends, and `person` within it: what is given is added up in that order, where it stands.
        """
        people, end = self.first.size - 1, self.first[person + 1]
        size = end - self.first[person]
        if size.sum() < MANY:
            place = np.arange(person.size).repeat(size)
            voucher = self.voucher[np.arange(place.size) + (end - size.cumsum())[place]]
            return sum_by(row[place] * people + voucher, weights[place], rows * people).reshape(rows, people)
        given = self.of(person)
        voucher = given.indices if rows == 1 else given.indices + np.repeat(row * people, size)
        to_each = sparse((given.data, voucher, given.indptr), (person.size, rows * people)).T
        return np.asarray(to_each @ weights).reshape(rows, people)

    def given_by(self, person: int) -> Ints:
        """Return for whom a person vouches."""
        first, last = self.by_voucher.indptr[person : person + 2]
        return np.asarray(self.by_voucher.indices[first:last])


@dataclass(frozen=True, eq=False)
class SeedVouches:
    """The vouches of the people of the root alone, ascending by whom they are for; `seed` counts within the root."""

    person: Ints
    seed: Ints
    shape: tuple[int, int]

    def add_up(self, weights: Floats) -> Floats:
        """Sum by person the weights of those of the root who vouch for it; `weights` has one each."""
        return sum_by(self.person, weights[self.seed], self.shape[0])

    def carry_back(self, passed: Floats) -> Floats:
        """Return, a row for each of `passed`, what those of the root are given by people: each gets all of theirs.

        It is added up in the order of the people.
        """
        if len(passed) * self.seed.size < MANY:
            return np.array([sum_by(self.seed, row[self.person], self.shape[1]) for row in passed])
        return np.asarray((self.table.T @ passed.T).T)

    @cached_property
    def table(self) -> csr_array:
        """The same, people by seeds: some rows of many are found fast there."""
        first = np.concatenate(([0], np.bincount(self.person, minlength=self.shape[0]).cumsum()))
        return sparse((np.ones(self.seed.size), self.seed, first), self.shape)


@dataclass(frozen=True, eq=False)
class Flow:
    """Everybody's standing h, and where it comes from.

    `by_root` sums the standing of the people of the root who vouch for each person, `lent` is what a vouch of each
    counts (the weight of who is in the root, else the standing after the first step), `vouched` sums what everybody's
    vouches for each person count.
    """

    standing: Floats
    by_root: Floats
    lent: Floats
    vouched: Floats


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
    size: int,
    without: int | None = None,
    *,
    of_root: SeedVouches | None = None,
) -> Flow:
    """Let trust flow from the root, leaving out the vouches of and for the person `without`.

    `size` counts the people of the root, those on no record too. `of_root` are the vouches of the root's people alone,
    where they are at hand: the first step needs no others.
    """
    inside = root > 0
    weights = root.copy()
    if without is not None:
        weights[without] = 0.0
    by_root = vouches.add_up(weights) if of_root is None else of_root.add_up(weights[inside])
    half_at = half_at_of(rule, size)

    def _standing(vouched: Floats) -> Floats:
        standing = np.where(inside, root, saturated(vouched, half_at, rule.steepness))
        if without is not None:
            standing[without] = 0.0
        return standing

    lent = _standing(by_root)
    vouched = vouches.add_up(lent)
    return Flow(_standing(vouched), by_root, lent, vouched)


@dataclass(frozen=True, eq=False)
class FlowDifference:
    """How the flow without one person differs from that of all: `near` after the first step, `far` after the second."""

    without: int
    near: Ints
    by_root: Floats
    lent: Floats
    far: Ints
    vouched: Floats
    standing: Floats

    def beside(self, flow: Flow) -> Flow:
        """Return the flow without that person, from that of all."""
        lent, vouched, standing = map(np.copy, (flow.lent, flow.vouched, flow.standing))
        lent[self.near] = self.lent
        by_root = flow.by_root
        if not np.array_equal(by_root[self.near], self.by_root):  # without somebody outside the root it is the same
            by_root = by_root.copy()
            by_root[self.near] = self.by_root
        vouched[self.far], standing[self.far] = self.vouched, self.standing
        standing[self.without] = 0.0
        return Flow(standing, by_root, lent, vouched)


def difference_without(
    person: int,
    flow: Flow,
    vouches: Vouches,
    root: Floats,
    rule: StandingRule,
    *,
    size: int,
    of_root: SeedVouches,
    asked: Ints | None = None,
) -> FlowDifference:
    """Return what `flow_standing` finds without one person, as a difference to the flow where nobody is left out.

    What is not counted any more is taken off; where that is most of a sum, it is added up anew, so no digits are lost.
    Without somebody outside the root all that change are added up anew, and are the same to the last digit. Where only
    some people are `asked` about (ascending), theirs are added up anew, but for those of the root, whose standing the
    root says, and others are left as they are.
    """
    half_at, inside, given = half_at_of(rule, size), root > 0, vouches.given_by(person)

    def _standing(people: Ints, vouched: Floats) -> Floats:
        return np.where(inside[people], root[people], saturated(vouched, half_at, rule.steepness))

    near, by_root = np.array([person]), flow.by_root[[person]]
    if inside[person]:
        near = distinct(np.append(given, person))
        by_root = of_root.table[near] @ np.where(where_true(inside) == person, 0.0, root[inside])
    lent = flow.lent.copy()
    lent[near] = np.where(near == person, 0.0, _standing(near, by_root))
    if asked is not None:
        far = asked[~inside[asked]]
        far = far if inside[person] else far[is_among(far, given)]
        vouched = vouches.of(far) @ lent
    else:
        taken = vouches.by_voucher[:, near] @ (flow.lent - lent)[near]
        far = where_true(taken)
        vouched = flow.vouched[far] - taken[far]
        anew = where_true(taken[far] > vouched) if inside[person] else np.arange(far.size)
        vouched[anew] = vouches.of(far[anew]) @ lent
    return FlowDifference(person, near, by_root, lent[near], far, vouched, _standing(far, vouched))


def half_at_of(rule: StandingRule, size: int) -> float:
    """Return how many people must vouch until standing is one half, under a root of that size."""
    return min(rule.half_at, (size + 1) / 2)


def saturated(vouched: Floats, half_at: float, steepness: float) -> Floats:
    """Return the standing that so many vouches give: one half at `half_at`, nearly one at twice that."""
    vouched = np.asarray(vouched)
    standing, any_vouch = np.zeros(vouched.shape), vouched != 0  # mostly few: a power takes long
    some = quarter_power(vouched[any_vouch] / half_at, steepness)
    standing[any_vouch] = some / (1 + some)
    return standing
