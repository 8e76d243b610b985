"""Backing: whose trust the voices rest on. Followed back along vouches, all standing comes from people of the root.

A person of the root is bounded by where trust comes from, not by how many accounts it passes through: its own voice and
those of all whom its trust reaches are together worth less than `backer_most`.
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
    from candor.scoring.voices import Voices

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]


MANY, FEW = 10_000, 256  # people, and people of the root: each of these reaches most of those


@dataclass(frozen=True, eq=False)
class Backing:
    """What of the voices about each subject rests on each person of the root, in voices; rows stand by subject."""

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
        """What each person's trust is worth, below `rule.backer_most`."""
        return np.asarray(self.trust / (1 + self.trust / rule.backer_most), np.float64)


@dataclass(frozen=True, eq=False)
class Backers:
    """The people of the root, with their weights, and the vouches along which their trust flows.

    Where standings reach 1 and gain no more, trust is followed on: what rests on each is an upper bound.
    """

    vouches: Vouches
    root: Floats
    rule: StandingRule

    def of_all(self, voices: Voices, subjects: int) -> Backing:
        """Return on whom the voices about so many subjects rest, nobody's vouches left out: trust followed once."""
        first = np.searchsorted(voices.subject, np.arange(subjects + 1))
        said = csr_array((voices.worth, voices.person, first), (subjects, self.root.size))
        return self._backing(said.astype(self.reached.dtype) @ self.reached)

    def of_some(self, voices: Voices, shares: Floats) -> Backing:
        """Return on whom the voices about a few subjects rest, followed back from each.

        `shares` has a row for each subject: what part of each person's standing one vouch passes on.
        """
        first = np.searchsorted(voices.subject, np.arange(len(shares) + 1))
        found = np.zeros((len(shares), self._people.size))
        for subject, share in enumerate(shares):
            some = slice(first[subject], first[subject + 1])
            found[subject] = self._rests(voices.person[some], voices.worth[some], share)
        return self._backing(csr_array(found))

    def _rests(self, person: Ints, worth: Floats, share: Floats) -> Floats:
        """Return what of some people's voices rests on each person of the root."""
        said = np.zeros(share.size)
        said[person] = worth
        own, followed = said[self._people], said.copy()
        for _ in range(1, self.rule.most_rounds):
            speaking = np.flatnonzero(said)
            said = share * (self.vouches.towards[speaking].T @ said[speaking])
            followed += said
        found: Floats = own + share[self._people] * (self.by_root.T @ followed)
        return found

    def _backing(self, found: Any) -> Backing:  # noqa: ANN401 # sparse or not
        weights = self.root[self._people]
        if isinstance(found, np.ndarray):
            subject, person = (places.ravel() for places in np.indices(found.shape))
            return Backing(subject, self._people[person], (found * weights).ravel())
        subject = np.repeat(np.arange(found.shape[0]), np.diff(found.indptr))
        return Backing(subject, self._people[found.indices], found.data * weights[found.indices])

    @cached_property
    def _people(self) -> Ints:
        return np.flatnonzero(self.root)

    @cached_property
    def by_root(self) -> csr_array:
        """The vouches of the root's people alone."""
        vouches: csr_array = self.vouches.towards[:, self._people]
        return vouches

    @cached_property
    def reached(self) -> Any:  # noqa: ANN401 # sparse, or in single precision for many people and a small root
        """Whom the trust of each person of the root reaches, and how much of it: people by people of the root."""
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
