"""Evidence: what the features of expertise are measured from, for one subject or many at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from candor.scoring.arrays import distinct, pair_key, with_changes
from candor.scoring.kinds import KIND_CODE, KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from candor.scoring.arrays import Bools, Floats
    from candor.scoring.method import Method
    from candor.scoring.totals import Totals
    from candor.scoring.voices import Voices
    from candor.scoring.votes import Votes


Scope = Literal["on_topic", "recent"]


@dataclass(frozen=True, eq=False)
class Evidence:
    """Totals by subject, and the votes that they add up: from these people can be counted by kind of recognition.

    `chosen` says which subjects of the votes the totals are of, None for all of them. `counted` has the people of each
    subject by scope and kinds where they were counted without votes, which nothing else of the features asks for.
    """

    votes: Votes
    totals: Totals
    method: Method
    chosen: Bools | None = None
    counted: Mapping[tuple[Scope, tuple[str, ...]], Floats] | None = None

    def people(self, *kinds: str, scope: Scope = "on_topic") -> Floats:
        """Count by subject the distinct people of enough standing who recognised it in one of these ways.

        Each act is counted as the evidence of a document shows it: of several acts of one person on one contribution
        the strongest of help and the strongest of soft recognition.
        """
        by_subject = self._count(kinds, scope) if self.counted is None else self.counted[scope, kinds]
        return by_subject if self.chosen is None else by_subject[self.chosen]

    def _count(self, kinds: tuple[str, ...], scope: Scope) -> Floats:
        voices: Voices = getattr(self.votes, scope)
        wanted = np.zeros(len(KINDS) + 1, np.bool_)  # the last stands for -1: no such act
        wanted[[KIND_CODE[kind] for kind in kinds]] = True
        ledger = voices.ledger
        pairs = distinct(ledger.pair[wanted[ledger.help_kind] | wanted[ledger.soft_kind]])
        counts = (voices.worth[pairs] > 0) & (voices.standing[pairs] >= self.method.status.standing_each)
        pairs = pairs[counts]
        subjects, people = voices.subject[pairs], voices.person[pairs]
        size = int(people.max(initial=0)) + 1
        found = distinct(pair_key(subjects, people, size)) // size
        return np.bincount(found, minlength=self.votes.subjects).astype(np.float64)

    def take(self, chosen: Bools) -> Evidence:
        """Return the evidence of the chosen subjects."""
        return with_changes(self, totals=self.totals.take(chosen), chosen=chosen)

    def held(self, on_topic: Floats) -> Evidence:
        """Return the same with A set to `on_topic`, everything else held."""
        return with_changes(self, totals=self.totals.held(on_topic))

    def of(self, totals: Totals) -> Evidence:
        """Return the same with other totals, people held."""
        return with_changes(self, totals=totals)
