"""Seeds: on which trusted people a score rests, as pages show it, and how high these let a score go."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.drawing.provenance import ceiling_of, trusted_people

if TYPE_CHECKING:
    from candor.scoring.document import Backer, ScoreDocument

ROWS_SHOWN = 8


@dataclass(frozen=True)
class SeedsShown:
    """The trusted people behind a score, the largest first; all amounts in voices but `most_points`.

    `allowed` is what these people count together, `voices` what the voices count by themselves: the less of both holds.
    `limit` is what one of them can count. `of` are all the trusted people, `most_points` what they would
    allow if all stood behind.
    """

    first: tuple[Backer, ...]
    more: tuple[Backer, ...]
    rest: float
    allowed: float
    voices: float
    limit: float
    of: int
    most_points: float

    @property
    def limits(self) -> bool:
        """Whether one trusted person could count for less than all the support there is."""
        return self.limit < self.voices

    @property
    def holds(self) -> bool:
        """Whether the people of the trust root hold the voices down by more than rounding does."""
        return self.allowed < self.voices and not math.isclose(self.allowed, self.voices)


def seeds_shown(document: ScoreDocument) -> SeedsShown | None:
    """Return on whom a score rests; None where no trusted people were named or its method is gone."""
    expertise, most_points = document.expertise, ceiling_of(document)
    totals = expertise.totals
    if most_points is None or totals.most_per_trusted is None:
        return None
    seeds = tuple(backer for backer in expertise.backers if backer.scope == "on_topic")
    return SeedsShown(
        first=seeds[:ROWS_SHOWN],
        more=seeds[ROWS_SHOWN:],
        rest=expertise.backers_rest,
        allowed=totals.backed or 0.0,
        voices=min(totals.all_kinds, totals.help + totals.posts),
        limit=totals.most_per_trusted,
        of=trusted_people(document),
        most_points=most_points,
    )


def has_seeds(document: ScoreDocument) -> bool:
    """Say whether trusted people were named: not everybody, not nobody."""
    return document.trust_root.kind not in ("network", "none")
