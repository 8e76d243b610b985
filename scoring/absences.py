"""Absences: everybody's standing with one person left out, found from the flow that is shared.

What one person's absence changes in a large community is small: single precision and a few rounds find it to about a
millionth of each standing, which is how far a flow of its own is from settled when its rounds are over. Each round
follows the slowest direction, known beforehand, to its end, which takes it out of the error and leaves every other as
it was (Brauer 1952).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from scoring.method import StandingRule
    from scoring.standing import Vouches

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Reals = NDArray[np.floating]

ROUNDS_TO_SLOWEST = 12
LARGE = 10_000  # people; in smaller communities one may be all the standing of another, and time is no matter
SETTLED = 1e-7  # the last change of a standing in a large one: what is left is worth less than a millionth of a point


@dataclass(frozen=True, eq=False)
class Absences:
    """The flow shared by all: vouches, everybody's weight in the root, and `standing`, where it settled."""

    vouches: Vouches
    root: Floats
    standing: Floats
    rule: StandingRule

    def without(self, people: Ints) -> Floats:
        """Return a row of standings for each of `people`, as if it had neither vouched nor been vouched for."""
        vouchers = [self.vouches.of_person(person) for person in people.tolist()]
        by, place = np.concatenate(vouchers), np.repeat(np.arange(people.size), [each.size for each in vouchers])
        rule, outdegree = self.rule, self.vouches.outdegree[by]
        more = rule.passed_on / np.maximum(outdegree - 1, rule.least_outdegree) - self._share[by]
        more, more_at_first = (each.astype(self._precision) for each in (more, more * self.standing[by]))
        at, gone = by * people.size + place, people * people.size + np.arange(people.size)
        passed_by_gone = self._share[people] * self.standing[people]
        direction, further = self._slowest
        settled = SETTLED if self.standing.size >= LARGE else rule.tolerance
        lost = np.zeros((self.standing.size, people.size), self._precision)
        passed = np.empty_like(lost)
        for _ in range(rule.most_rounds):
            np.multiply(self._shares, lost, out=passed)
            passed.ravel()[at] -= more_at_first - more * lost.ravel()[at]
            passed.ravel()[gone] = passed_by_gone
            following = self._towards @ passed
            following -= self._beyond_one
            np.maximum(self._headroom, following, out=following)
            following.ravel()[gone] = 0.0
            change = np.subtract(following, lost, out=passed)
            is_settled = max(change.max(initial=0.0), -change.min(initial=0.0)) < settled
            np.multiply(direction, further * change.sum(axis=0), out=lost)
            lost += following
            lost.ravel()[gone] = 0.0
            if is_settled:
                break
        left = np.subtract(self.standing, lost.T)
        left[left < rule.tolerance] = 0.0
        left[np.arange(people.size), people] = self.root[people]
        return left

    @cached_property
    def _share(self) -> Floats:
        return self.vouches.shares(self.rule)

    @cached_property
    def _shares(self) -> Reals:
        return self._column(self._share)

    @cached_property
    def _towards(self) -> csr_array:
        precise: csr_array = self.vouches.towards.astype(self._precision)
        return precise

    @cached_property
    def _headroom(self) -> Reals:
        """The most that each standing can gain, as a loss."""
        return self._column(self.standing - 1.0)

    @cached_property
    def _beyond_one(self) -> Reals:
        """What reaches each person in vain, as its standing is 1 already."""
        gained = self.root + self.vouches.towards @ (self._share * self.standing)
        return self._column(np.maximum(0.0, gained - 1.0))

    @cached_property
    def _slowest(self) -> tuple[Reals, float]:
        """Return the direction in which changes fade most slowly (sum 1), and how far it leads after a round."""
        direction, kept = np.where(self.standing < 1.0, 1.0, 0.0), 0.0
        for _ in range(ROUNDS_TO_SLOWEST):
            following = np.where(self.standing < 1.0, self.vouches.towards @ (self._share * direction), 0.0)
            kept = float(following.sum() / max(direction.sum(), 1.0))
            direction = following / (following.sum() or 1.0)
        return self._column(direction), kept / (1.0 - kept)

    @property
    def _precision(self) -> type[np.floating]:
        return np.float32 if self.standing.size >= LARGE else np.float64

    def _column(self, values: Floats) -> Reals:
        return values.astype(self._precision)[:, None]
