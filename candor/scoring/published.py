"""What is published about a method: every formula, weight and known weakness, from the facts themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta

from candor.scoring.account_kinds import RULES, AccountKindRules
from candor.scoring.features import EXPERTISE, INTEREST, check_features, in_order
from candor.scoring.features.feature import FeatureFacts
from candor.scoring.kinds import KINDS, Kind
from candor.scoring.measured import Measured, measured
from candor.scoring.method import (
    BackingRule,
    CopyRule,
    IntervalRule,
    Method,
    PositionRule,
    RobustnessRule,
    StandingRule,
    StatusRule,
    TopicRule,
    VoiceRule,
    Window,
)

if TYPE_CHECKING:
    from candor.scoring.features.feature import ExpertiseFeature, InterestFeature


class PublishedFeature(msgspec.Struct, frozen=True, kw_only=True):
    """A feature with its control points (in its unit) and its weight (points) in each profile that has it."""

    facts: Annotated[FeatureFacts, Meta(description="What it is.")]
    side: Annotated[str, Meta(description="expertise or interest.")]
    p50: Annotated[float, Meta(description="Raw value, in the feature's unit, that becomes one half.")]
    p90: Annotated[float, Meta(description="Raw value, in the feature's unit, that becomes nine tenths.")]
    weights: Annotated[dict[str, float], Meta(description="Points it can give at most, by profile.")]


class PublishedKind(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of recognition with its strength q."""

    facts: Annotated[Kind, Meta(description="What it is.")]
    strength: Annotated[float, Meta(description="q: the strength of one act, without a unit.")]


class PublishedMethod(msgspec.Struct, frozen=True, kw_only=True):
    """The method, complete. `experimental` names profiles without labelled data behind them.

    `measured` is what `make evaluate` found out about it, as /guides/model-card shows it; null where the
    method has changed since.
    """

    version: Annotated[str, Meta(description="Its version.")]
    digest: Annotated[str, Meta(description="Digest of every figure in it.")]
    curve: Annotated[str, Meta(description="How a raw value becomes a value of 0 to 1.")]
    score: Annotated[str, Meta(description="How values become contributions and contributions the score.")]
    features: Annotated[tuple[PublishedFeature, ...], Meta(description="What is measured.")]
    kinds: Annotated[tuple[PublishedKind, ...], Meta(description="The kinds of recognition.")]
    profiles: Annotated[tuple[str, ...], Meta(description="Names of the sets of weights.")]
    experimental: Annotated[tuple[str, ...], Meta(description="Profiles without labelled data behind them.")]
    window: Annotated[Window, Meta(description="How far back activity is read and how fast it fades.")]
    standing: Annotated[StandingRule, Meta(description="How standing flows from the trust root.")]
    voice: Annotated[VoiceRule, Meta(description="How much one person's acts count for another.")]
    backing: Annotated[BackingRule, Meta(description="How much may rest on one person's word.")]
    copies: Annotated[CopyRule, Meta(description="When a text is a near-copy of an earlier one.")]
    topics: Annotated[TopicRule, Meta(description="How tags are read.")]
    account_kinds: Annotated[
        AccountKindRules, Meta(description="How people, organisations and bots are told apart, and who is shown.")
    ]
    status: Annotated[StatusRule, Meta(description="What a number needs before it is given.")]
    interval: Annotated[IntervalRule, Meta(description="How the limits are made.")]
    robustness: Annotated[RobustnessRule, Meta(description="What the robustness figures assume.")]
    position: Annotated[PositionRule, Meta(description="Where the words for a place begin and end.")]
    measured: Annotated[
        Measured | None,
        Meta(
            description="Accuracy, attacks and coverage as measured, by data set, with dates and command; null where "
            "none were."
        ),
    ] = None


CURVE = "curve(x) = Φ(ln(x/p50)/σ), σ = ln(p90/p50)/1.2815515655446004, Φ(z) = ½(1 + erf(z/√2)), curve(0) = 0"
SCORE = "contribution = weight · curve(raw), six places half-even; the score is the decimal sum of the contributions"


def published(method: Method) -> PublishedMethod:
    """Return everything that is published about `method`. Raises FeatureError where its features do not fit."""
    check_features(method)
    sides: tuple[tuple[str, tuple[ExpertiseFeature | InterestFeature, ...]], ...] = (
        ("expertise", in_order(EXPERTISE, method.control_points)),
        ("interest", in_order(INTEREST, method.control_points)),
    )
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
        backing=method.backing,
        copies=method.copies,
        topics=method.topics,
        account_kinds=RULES,
        status=method.status,
        interval=method.interval,
        robustness=method.robustness,
        position=method.position,
        measured=measured(method),
    )


def _feature(side: str, feature: ExpertiseFeature | InterestFeature, method: Method) -> PublishedFeature:
    facts = feature.facts
    p50, p90 = method.control_points[facts.id]
    weights = {
        name: weight
        for name, profile in method.profiles.items()
        if (weight := {**profile.expertise, **profile.interest}.get(facts.id)) is not None
    }
    return PublishedFeature(facts=facts, side=side, p50=p50, p90=p90, weights=weights)
