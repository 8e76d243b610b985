"""Seeds: on which trusted people a score rests, as pages show it, and how high a trust root lets a score go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from candor.scoring import curves
from candor.scoring.method import load_method

if TYPE_CHECKING:
    from candor.scoring.document import Backer, Feature, ScoreDocument
    from candor.scoring.method import VoiceRule

ROWS_SHOWN = 8


@dataclass(frozen=True)
class SeedsShown:
    """The trusted people behind a score, the largest first; all amounts in voices but `most_points`.

    `allowed` is what these people count together, `voices` what the voices count by themselves: the less of both holds.
    `most_points` is what a trust root of this size allows anybody.
    """

    first: tuple[Backer, ...]
    more: tuple[Backer, ...]
    rest: float
    allowed: float
    voices: float
    seed_cap: float
    halved: int
    most_points: float

    @property
    def holds(self) -> bool:
        """Whether the people of the trust root hold the voices down."""
        return self.allowed < self.voices


def seeds_shown(document: ScoreDocument) -> SeedsShown | None:
    """Return on whom a score rests; None where no trusted people were named or its method is gone."""
    expertise, method = document.expertise, load_method()
    rule, totals = method.voice, expertise.totals
    withheld = not expertise.features
    if document.method.version != method.version or totals.backed is None or withheld or not has_seeds(document):
        return None
    seeds = tuple(backer for backer in expertise.backers if backer.scope == "on_topic")
    most = most_voices(rule, document.trust_root.size)
    return SeedsShown(
        first=seeds[:ROWS_SHOWN],
        more=seeds[ROWS_SHOWN:],
        rest=expertise.backers_rest,
        allowed=totals.backed,
        voices=min(totals.all_kinds, totals.help + totals.posts),
        seed_cap=rule.seed_cap,
        halved=rule.halved,
        most_points=sum(_points(feature, most) for feature in expertise.features),
    )


def has_seeds(document: ScoreDocument) -> bool:
    """Say whether trusted people were named: not everybody, not nobody."""
    return document.trust_root.kind not in ("network", "none")


def most_voices(rule: VoiceRule, seeds: int) -> float:
    """Return how many voices nobody exceeds under a trust root of so many people."""
    return rule.seed_cap * (seeds - min(seeds, rule.halved) / 2)


def _points(feature: Feature, voices: float) -> float:
    """Return what a feature of expertise gives at most where both A and R are below so many voices."""
    return feature.weight * curves.curve(voices, feature.curve.p50, feature.curve.p90)
