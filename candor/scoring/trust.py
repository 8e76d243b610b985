"""Trust: how far the root's trust reaches everybody, and how that looks when one person is scored."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from candor.scoring.seeds import Seeds
from candor.scoring.standing import difference_without, flow_standing, root_weights

if TYPE_CHECKING:
    from candor.scoring.arrays import Bools, Floats, Ints
    from candor.scoring.method import Method
    from candor.scoring.standing import Flow, FlowDifference, Vouches
    from candor.scoring.trust_root import TrustRoot


MANY = 20_000  # vouches: from here on a flow is found faster from that of all than alone


@dataclass(frozen=True, eq=False)
class Trust:
    """A root and the vouches along which its trust flows; `weights` is each person's weight in the root."""

    root: TrustRoot
    vouches: Vouches
    method: Method
    person_of: dict[str, int]
    weights: Floats

    @classmethod
    def of(cls, root: TrustRoot, vouches: Vouches, method: Method, person_of: dict[str, int]) -> Trust:
        """Weigh the people of the root."""
        return cls(root, vouches, method, person_of, root_weights(root, person_of))

    def under(self, root: TrustRoot) -> Trust:
        """Return the trust of another root, along the same vouches."""
        return Trust.of(root, self.vouches, self.method, self.person_of)

    @property
    def is_everybody(self) -> bool:
        """Say whether everybody is trusted: at face value."""
        return self.root.kind == "network"

    @cached_property
    def seeds(self) -> Seeds:
        """The people of the root, from whom all standing comes."""
        return Seeds(self.vouches, self.weights, self.root.people, self.method)

    def flow(self, subject: int | None) -> Flow | None:
        """Let trust flow, the vouches of and for the subject left out; None where everybody is trusted."""
        if self.is_everybody:
            return None
        seeds = self.seeds
        if subject is None:
            return seeds.flow
        if self.vouches.voucher.size < MANY:
            known = self.vouches, self.weights, self.method.standing, seeds.size
            return flow_standing(*known, subject, of_root=seeds.of_root)
        return self.difference(subject).beside(seeds.flow)

    def difference(self, subject: int, asked: Ints | None = None) -> FlowDifference:
        """Return how that flow differs from the one of all, for everybody or for some people (ascending)."""
        seeds, known = self.seeds, (self.vouches, self.weights, self.method.standing)
        return difference_without(subject, seeds.flow, *known, size=seeds.size, of_root=seeds.of_root, asked=asked)

    def named_for(self, topic_id: str | None) -> Bools:
        """Say whom the root names for the topic, or for any topic when it is None."""
        named = (a.account for a in self.root.accounts if a.topics and (topic_id is None or topic_id in a.topics))
        mask = np.zeros(self.weights.size, np.bool_)
        if people := [self.person_of[name] for name in named if name in self.person_of]:
            mask[people] = True
        return mask


@dataclass(frozen=True, eq=False)
class View:
    """How one subject, or (None) nobody in particular, sees a community: standing, and acts void as on copies.

    `flow` is where standing comes from, None where everybody is trusted.
    """

    trust: Trust
    subject: int | None
    flow: Flow | None
    standing: Floats
    void: Bools
