"""Ceiling: how high a number of expertise can be at all under the people trusted, however many others recognise it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from candor.scoring import curves
from candor.scoring.method import load_method

if TYPE_CHECKING:
    from candor.scoring.document import Feature, ScoreDocument
    from candor.scoring.method import BackingRule


def ceiling_of(document: ScoreDocument) -> float | None:
    """Return the most points that all the trusted people together allow; None where nobody's trust bounds a number."""
    expertise, method = document.expertise, load_method()
    bounded = document.method.version == method.version and expertise.totals.most_per_trusted is not None
    if not bounded or not expertise.features:
        return None
    known = trusted_people(document)
    most = most_voices(method.backing, known, known)
    return sum(_points(feature, most) for feature in expertise.features)


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
