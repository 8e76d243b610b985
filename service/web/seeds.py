"""Seeds: on which trusted people a score rests, as pages show it, and how high these let a score go."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from candor.scoring import curves
from candor.scoring.method import load_method

if TYPE_CHECKING:
    from candor.scoring.document import Backer, Feature, ScoreDocument
    from candor.scoring.method import BackingRule

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
    def holds(self) -> bool:
        """Whether the people of the trust root hold the voices down by more than rounding does."""
        return self.allowed < self.voices and not math.isclose(self.allowed, self.voices)


def seeds_shown(document: ScoreDocument) -> SeedsShown | None:
    """Return on whom a score rests; None where no trusted people were named or its method is gone."""
    expertise, method = document.expertise, load_method()
    totals, withheld = expertise.totals, not expertise.features
    if document.method.version != method.version or totals.most_per_trusted is None or withheld:
        return None
    seeds = tuple(backer for backer in expertise.backers if backer.scope == "on_topic")
    known = trusted_people(document)
    most = most_voices(method.backing, known, known)
    return SeedsShown(
        first=seeds[:ROWS_SHOWN],
        more=seeds[ROWS_SHOWN:],
        rest=expertise.backers_rest,
        allowed=totals.backed or 0.0,
        voices=min(totals.all_kinds, totals.help + totals.posts),
        limit=totals.most_per_trusted,
        of=known,
        most_points=sum(_points(feature, most) for feature in expertise.features),
    )


def has_seeds(document: ScoreDocument) -> bool:
    """Say whether trusted people were named: not everybody, not nobody."""
    return document.trust_root.kind not in ("network", "none")


def trusted_people(document: ScoreDocument) -> int:
    """Return how many people of the trust root could stand behind the account."""
    known = document.expertise.totals.trusted_people
    return document.trust_root.size if known is None else known


def most_voices(rule: BackingRule, seeds: int, behind: int) -> float:
    """Return how many voices nobody exceeds behind whom so many of a trust root's people stand, all in full."""
    share = behind / max(seeds, 1)
    return float(behind * (rule.alone + rule.together / max(seeds, 1) * share**rule.shared_power))


def _points(feature: Feature, voices: float) -> float:
    """Return what a feature of expertise gives at most where both A and R are below so many voices."""
    return feature.weight * curves.curve(voices, feature.curve.p50, feature.curve.p90)
