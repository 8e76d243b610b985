"""What is published about a method: every formula, weight and known weakness, from the facts themselves."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

import msgspec

from candor.scoring.features import EXPERTISE, INTEREST, check_features
from candor.scoring.features.feature import FeatureFacts
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
    from candor.scoring.features.feature import ExpertiseFeature, InterestFeature


class Ranking(msgspec.Struct, frozen=True):
    """One ranking: means over topics, and the difference of its MAP from that of expertise with 95 % limits."""

    ranking: str
    auc: float
    map: float
    precision_at_10: float
    map_less_expertise: float
    low: float
    high: float


class SizeBand(msgspec.Struct, frozen=True):
    """Topics of about as many candidates, `smallest` to `largest`: MAP of expertise and of the best simple ranking."""

    third: str
    topics: int
    smallest: int
    largest: int
    expertise: float
    best_simple: float
    best_simple_name: str


class ActivityBand(msgspec.Struct, frozen=True):
    """People of about as much activity on the topic: how often an expert stands above another, over topics."""

    third: str
    topics: int
    experts: int
    auc: float | None


class AccuracyReport(msgspec.Struct, frozen=True):
    """A whole evaluation. `share_with_number` is the mean over topics of the candidates who got one."""

    method: str
    trust_root: str
    root_accounts: int
    topics: int
    pairs: int
    base_rate: float
    share_with_number: float
    results: tuple[Ranking, ...]
    rank_correlation_of_expertise: dict[str, float | None]
    above_at_equal_volume: float | None
    pairs_at_equal_volume: int
    by_topic_size: tuple[SizeBand, ...]
    by_activity: tuple[ActivityBand, ...]
    by_topic: dict[str, dict[str, float]]


class MeasuredAccuracy(msgspec.Struct, frozen=True):
    """One data set under one kind of root: a whole report for the first seed, and MAP by seed (plain score)."""

    data: str
    root: str
    report: AccuracyReport
    map_by_seed: tuple[float, ...]

    @property
    def map(self) -> float:
        """The mean over the seeds."""
        return sum(self.map_by_seed) / len(self.map_by_seed)


class MeanAccuracy(msgspec.Struct, frozen=True):
    """MAP of expertise (plain score) and of the best simple ranking, over `topics` topics."""

    topics: int
    expertise: float
    best_simple: float
    best_simple_name: str


class AttackRow(msgspec.Struct, frozen=True):
    """One attack at one size on the targets of one third of activity: points gained and places climbed.

    `raw` is the gain of the score whatever its status; below zero is a loss, which is what those want that `lowers`.
    """

    attack: str
    size: int
    unit: str
    third: str
    targets: int
    median: float
    largest: float
    raw_median: float
    raw_largest: float
    climbed_median: float
    climbed_largest: int
    lowers: bool = False


class AttackReport(msgspec.Struct, frozen=True):
    """A whole staging. `share_with_number` is that of the people active on the topic, nobody attacking.

    `accuracy` is null where no truth was given.
    """

    method: str
    trust_root: str
    root_accounts: int
    topic: str
    share_with_number: float
    accuracy: MeanAccuracy | None
    rows: tuple[AttackRow, ...]


class MeasuredAttacks(msgspec.Struct, frozen=True):
    """Every attack on one data set; `targets` in each third of activity."""

    data: str
    targets: int
    report: AttackReport


class IntervalCoverage(msgspec.Struct, frozen=True):
    """The share of draws, and of people half a year later, whose score lies within the interval of `level`.

    `people` are pairs of person and topic drawn anew, at most ten a topic; `still` are those with a number who have
    one later as well. Null where there is nobody.
    """

    level: float
    people: int
    drawn_anew: float | None
    still: int
    later: float | None
    later_below: float | None
    later_above: float | None


class MeasuredIntervals(msgspec.Struct, frozen=True):
    """Coverage of the intervals on one data set under one root."""

    data: str
    root: str
    coverage: IntervalCoverage


class Measured(msgspec.Struct, frozen=True):
    """All figures. `on` says by data set when they were measured, `lacks` names those without."""

    method: str
    digest: str
    command: str
    on: dict[str, str]
    lacks: tuple[str, ...]
    accuracy: tuple[MeasuredAccuracy, ...] = ()
    attacks: tuple[MeasuredAttacks, ...] = ()
    intervals: tuple[MeasuredIntervals, ...] = ()


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
    """Return everything that is published about `method`. Raises FeatureError where its features do not fit."""
    check_features(method)
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


def _feature(side: str, feature: ExpertiseFeature | InterestFeature, method: Method) -> PublishedFeature:
    facts = feature.facts
    p50, p90 = method.control_points[facts.id]
    weights = {
        name: weight
        for name, profile in method.profiles.items()
        if (weight := {**profile.expertise, **profile.interest}.get(facts.id)) is not None
    }
    return PublishedFeature(facts=facts, side=side, p50=p50, p90=p90, weights=weights)


def measured(method: Method) -> Measured | None:
    """Return the figures kept, or None unless they are those of the method as it is."""
    kept = resources.files("candor.scoring").joinpath("measured.json").read_bytes()
    figures = msgspec.json.decode(kept, type=Measured)
    return figures if figures.digest == method.digest else None
