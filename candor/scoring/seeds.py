"""Seeds: the people of the trust root, and whose trust each voice rests on, followed back along the vouches.

A seed is bounded by where trust comes from, not by how many accounts it passes through: its own voice and those of all
whom its trust reaches are together worth less than `seed_cap`. The term is that of TrustRank (Gyöngyi et al. 2004).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csr_array

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from candor.scoring.method import StandingRule, VoiceRule
    from candor.scoring.standing import Vouches

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]


MANY, FEW = 10_000, 256  # people, and seeds: each of these reaches most of those


@dataclass(frozen=True, eq=False)
class SeedAttribution:
    """What of the voices about each subject rests on each seed, in voices; rows stand by subject."""

    subject: Ints
    person: Ints
    trust: Floats

    def of_each(self, people: Ints) -> Floats:
        """Return the trust of each of some people, where there is one subject."""
        order = np.argsort(self.person)
        known, trust = np.append(self.person[order], -1), np.append(self.trust[order], 0.0)
        place = np.searchsorted(known[:-1], people)
        return np.where(known[place] == people, trust[place], 0.0)

    def worth(self, rule: VoiceRule) -> Floats:
        """What each seed's trust is worth, below `rule.seed_cap`."""
        return np.asarray(self.trust / (1 + self.trust / rule.seed_cap), np.float64)


@dataclass(frozen=True, eq=False)
class Seeds:
    """The people of the root, with their weights, and the vouches along which their trust flows.

    Where standings reach 1 and gain no more, trust is followed on: what rests on each is an upper bound.
    """

    vouches: Vouches
    root: Floats
    rule: StandingRule

    def attribute(self, subject: Ints, person: Ints, worth: Floats, subjects: int) -> SeedAttribution:
        """Attribute voices about so many subjects, nobody's vouches left out: trust is followed once.

        Voice by voice, ascending by subject: whom it is about, whose it is, what it is worth with a standing of one.
        """
        first = np.searchsorted(subject, np.arange(subjects + 1))
        votes = csr_array((worth, person, first), (subjects, self.root.size))
        return self._attribution(votes.astype(self.reached.dtype) @ self.reached)

    def attribute_each(self, subject: Ints, person: Ints, worth: Floats, shares: Floats) -> SeedAttribution:
        """Attribute voices about a few subjects, trust followed back from each.

        `shares` has a row for each subject: what part of each person's standing one vouch passes on.
        """
        first = np.searchsorted(subject, np.arange(len(shares) + 1))
        found = np.zeros((len(shares), self._people.size))
        for place, share in enumerate(shares):
            some = slice(first[place], first[place + 1])
            found[place] = self._trace(person[some], worth[some], share)
        return self._attribution(csr_array(found))

    def _trace(self, person: Ints, worth: Floats, share: Floats) -> Floats:
        """Return what of some people's voices rests on each seed."""
        resting = np.zeros(share.size)
        resting[person] = worth
        own, followed = resting[self._people], resting.copy()
        for _ in range(1, self.rule.most_rounds):
            speaking = np.flatnonzero(resting)
            resting = share * (self.vouches.towards[speaking].T @ resting[speaking])
            followed += resting
        found: Floats = own + share[self._people] * (self.by_root.T @ followed)
        return found

    def _attribution(self, found: Any) -> SeedAttribution:  # noqa: ANN401 # sparse or not
        weights = self.root[self._people]
        if isinstance(found, np.ndarray):
            subject, person = (places.ravel() for places in np.indices(found.shape))
            return SeedAttribution(subject, self._people[person], (found * weights).ravel())
        subject = np.repeat(np.arange(found.shape[0]), np.diff(found.indptr))
        return SeedAttribution(subject, self._people[found.indices], found.data * weights[found.indices])

    @cached_property
    def _people(self) -> Ints:
        return np.flatnonzero(self.root)

    @cached_property
    def by_root(self) -> csr_array:
        """The vouches of the seeds alone."""
        vouches: csr_array = self.vouches.towards[:, self._people]
        return vouches

    @cached_property
    def reached(self) -> Any:  # noqa: ANN401 # sparse, or in single precision for many people and a small root
        """Whom the trust of each seed reaches, and how much of it: people by seeds."""
        share, towards, size = self.vouches.shares(self.rule), self.vouches.towards, self._people.size
        itself: Any = csr_array((np.ones(size), (self._people, np.arange(size))), (share.size, size))
        passed: Any = self.by_root * share[self._people]
        if share.size > MANY and size < FEW:
            itself, passed, towards, share = (
                itself.toarray().astype(np.float32),
                passed.toarray().astype(np.float32),
                towards.astype(np.float32),
                share.astype(np.float32),
            )
        found = itself + passed
        for _ in range(1, self.rule.most_rounds):
            passed = towards @ (passed * share[:, None])
            found = found + passed
        return found
