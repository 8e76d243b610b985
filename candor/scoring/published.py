"""What is published about a method: every formula, weight and known weakness, from the facts themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from candor.scoring.features import EXPERTISE, INTEREST
from candor.scoring.features.facts import FeatureFacts
from candor.scoring.figures import Measured, measured
from candor.scoring.kinds import KINDS, Kind
from candor.scoring.method import (
    CopyRule,
    IntervalRule,
    Method,
    RobustnessRule,
    StandingRule,
    StatusRule,
    TopicRule,
    VoiceRule,
    Window,
)

if TYPE_CHECKING:
    from types import ModuleType


class PublishedFeature(msgspec.Struct, frozen=True, kw_only=True):
    """A feature with its control points (in its unit) and its weight (points) in each profile that has it."""

    facts: FeatureFacts
    side: str
    p50: float
    p90: float
    weights: dict[str, float]


class PublishedKind(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of recognition with its strength q."""

    facts: Kind
    strength: float


class PublishedMethod(msgspec.Struct, frozen=True, kw_only=True):
    """The method, complete. `experimental` names profiles without labelled data behind them.

    `measured` is what `make evaluate` found out about it, as docs/model-card.md shows it; null where the
    method has changed since.
    """

    version: str
    digest: str
    curve: str
    score: str
    features: tuple[PublishedFeature, ...]
    kinds: tuple[PublishedKind, ...]
    profiles: tuple[str, ...]
    experimental: tuple[str, ...]
    window: Window
    standing: StandingRule
    voice: VoiceRule
    copies: CopyRule
    topics: TopicRule
    status: StatusRule
    interval: IntervalRule
    robustness: RobustnessRule
    measured: Measured | None = None


CURVE = "curve(x) = Φ(ln(x/p50)/σ), σ = ln(p90/p50)/1.2815515655446004, Φ(z) = ½(1 + erf(z/√2)), curve(0) = 0"
SCORE = "contribution = weight · curve(raw), six places half-even; the score is the decimal sum of the contributions"


def published(method: Method) -> PublishedMethod:
    """Return everything that is published about `method`."""
    sides = (("expertise", EXPERTISE), ("interest", INTEREST))
    return PublishedMethod(
        version=method.version,
        digest=method.digest,
        curve=CURVE,
        score=SCORE,
        features=tuple(_feature(side, feature, method) for side, features in sides for feature in features),
        kinds=tuple(PublishedKind(facts=kind, strength=method.kinds[kind.id]) for kind in KINDS),
        profiles=tuple(method.profiles),
        experimental=tuple(name for name, profile in method.profiles.items() if profile.experimental),
        window=method.window,
        standing=method.standing,
        voice=method.voice,
        copies=method.copies,
        topics=method.topics,
        status=method.status,
        interval=method.interval,
        robustness=method.robustness,
        measured=measured(method),
    )


def _feature(side: str, feature: ModuleType, method: Method) -> PublishedFeature:
    facts: FeatureFacts = feature.FACTS
    p50, p90 = method.control_points[facts.id]
    weights = {
        name: weight
        for name, profile in method.profiles.items()
        if (weight := {**profile.expertise, **profile.interest}.get(facts.id)) is not None
    }
    return PublishedFeature(facts=facts, side=side, p50=p50, p90=p90, weights=weights)
