"""Whose trust a score rests on, as its card shows it: the largest backers, and what a root of that size allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from candor.scoring.curves import curve
from candor.scoring.method import load_method

if TYPE_CHECKING:
    from candor.scoring.document import Backer, Feature, ScoreDocument
    from candor.scoring.method import VoiceRule

BACKERS_SHOWN = 8


@dataclass(frozen=True)
class BackingShown:
    """Who is behind the voices, the largest first, in voices; `most_points` is what the root allows anybody.

    `allowed` is what the backers count together, `voices` what the voices count by themselves: the less of both holds.
    """

    first: tuple[Backer, ...]
    more: tuple[Backer, ...]
    rest: float
    allowed: float
    voices: float
    backer_most: float
    halved: int
    most: float
    most_points: float

    @property
    def holds(self) -> bool:
        """Whether those who are behind the voices hold them down."""
        return self.allowed < self.voices


def backing_shown(document: ScoreDocument) -> BackingShown | None:
    """Return whose trust the score rests on; None where nobody's trust is borrowed or its method is gone."""
    expertise, method = document.expertise, load_method()
    rule, totals = method.voice, expertise.totals
    nothing_said = not is_rooted(document) or not expertise.features
    if document.method.version != method.version or totals.backed is None or nothing_said:
        return None
    backers = tuple(backer for backer in expertise.backers if backer.scope == "on_topic")
    most = most_voices(rule, document.trust_root.size)
    return BackingShown(
        first=backers[:BACKERS_SHOWN],
        more=backers[BACKERS_SHOWN:],
        rest=expertise.backers_rest,
        allowed=totals.backed,
        voices=min(totals.all_kinds, totals.help + totals.posts),
        backer_most=rule.backer_most,
        halved=rule.halved,
        most=most,
        most_points=sum(_points(feature, most) for feature in expertise.features),
    )


def is_rooted(document: ScoreDocument) -> bool:
    """Say whether people are named whose trust the score rests on."""
    return document.trust_root.kind not in ("network", "none")


def most_voices(rule: VoiceRule, people: int) -> float:
    """Return how many voices nobody reaches under a root of so many people."""
    return rule.backer_most * (people - min(people, rule.halved) / 2)


def _points(feature: Feature, voices: float) -> float:
    """Return what a feature of expertise gives at most where both A and R are below so many voices."""
    return feature.weight * curve(voices, feature.curve.p50, feature.curve.p90)
