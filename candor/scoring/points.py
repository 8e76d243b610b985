"""Points: from evidence and own acts to the raw values of features, contributions, score and interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from candor.scoring.curves import combined, contribution, contributions, in_points, sum_limits
from candor.scoring.features import expertise_features, interest_features

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from candor.scoring.arrays import Bools, Floats
    from candor.scoring.evidence import Evidence
    from candor.scoring.interest import OwnActs
    from candor.scoring.method import Method, Profile


@dataclass(frozen=True)
class Numbers:
    """One side's score: raw values (in each feature's unit), contributions and score (in millionths), limits (points).

    Of whole numbers the sum is exact.
    """

    raw: dict[str, float]
    contributions: dict[str, int]
    score: int
    low: float
    high: float


def expertise_numbers(evidence: Evidence, profile: Profile) -> Numbers:
    """Score expertise from the evidence of one subject; the limits hold everything but A."""
    held = evidence.held(np.concatenate((evidence.totals.on_topic, *_limits(evidence))))
    (raw, points), (_, low), (_, high) = _measured(held, profile)
    low_high = (in_points(sum(limit.values())) for limit in (low, high))
    return Numbers(raw, points, sum(points.values()), *low_high)


def interest_numbers(own: OwnActs, profile: Profile, method: Method) -> Numbers:
    """Score interest from the own acts of one subject; features vary together with correlation one half."""
    measured = {feature.id: [float(part[0]) for part in feature.measure(own)] for feature in interest_features(profile)}
    at, low, high = (
        _contributions({name: parts[i] for name, parts in measured.items()}, profile.interest, method) for i in range(3)
    )
    score = sum(at.values())
    down = float(combined([in_points(at[name] - low[name]) for name in at]))
    up = float(combined([in_points(high[name] - at[name]) for name in at]))
    raw = {name: parts[0] for name, parts in measured.items()}
    return Numbers(raw, at, score, clipped(in_points(score) - down), clipped(in_points(score) + up))


@dataclass(frozen=True, eq=False)
class ManyNumbers:
    """The numbers of many, one an item of each array; the limits of those without a score are NaN."""

    contributions: dict[str, Floats]
    score: Floats
    low: Floats
    high: Floats


def expertise_of_many(evidence: Evidence, numbered: Bools, profile: Profile) -> ManyNumbers:
    """Score expertise as expertise_numbers does, in floating point; limits for the `numbered` only."""
    at = _many(_raw(evidence, profile), profile.expertise, evidence.method)
    some = evidence.take(numbered)
    low, high = (
        _added(_many(_raw(some.held(limit), profile), profile.expertise, evidence.method)) for limit in _limits(some)
    )
    return ManyNumbers(at, _added(at), _spread(low, numbered), _spread(high, numbered))


def interest_of_many(own: OwnActs, numbered: Bools, profile: Profile, method: Method) -> ManyNumbers:
    """Score interest as interest_numbers does, in floating point; limits for the `numbered` only."""
    features = interest_features(profile)

    measured = {feature.id: feature.measure(own) for feature in features}
    everybody, low, high = (
        _many({name: parts[i] for name, parts in measured.items()}, profile.interest, method) for i in range(3)
    )
    at, low, high = ({name: part[numbered] for name, part in each.items()} for each in (everybody, low, high))
    down = combined([at[name] - low[name] for name in at])
    up = combined([high[name] - at[name] for name in at])
    bounds = [np.clip(_added(at) + deviation, 0.0, 100.0) for deviation in (-down, up)]
    low_high = [_spread(np.asarray(np.round(bound, 6), np.float64), numbered) for bound in bounds]
    return ManyNumbers(everybody, _added(everybody), *low_high)


def clipped(points: float) -> float:
    """Within 0..100, six places."""
    return round(min(100.0, max(0.0, points)), 6)


def _limits(evidence: Evidence) -> tuple[Floats, Floats]:
    """Return the limits of A, in voices."""
    totals = evidence.totals
    return sum_limits(totals.on_topic, totals.n_effective, evidence.method.interval.one_more)


def _raw(evidence: Evidence, profile: Profile) -> dict[str, Floats]:
    return {feature.id: feature.measure(evidence) for feature in expertise_features(profile)}


def points_of(evidence: Evidence, profile: Profile) -> int:
    """Score expertise from the evidence of one subject: the number alone, in millionths of a point."""
    return points_of_each(evidence, profile)[0]


def points_of_each(evidence: Evidence, profile: Profile) -> list[int]:
    """Score expertise from one or several sums about one subject, people held: the numbers alone, in millionths."""
    return [sum(points.values()) for _, points in _measured(evidence, profile)]


def _measured(evidence: Evidence, profile: Profile) -> Iterator[tuple[dict[str, float], dict[str, int]]]:
    """Yield raw values and contributions by each of several sums about one subject, all of them measured in one go.

    What counts people has one value, whatever the sum.
    """
    sums = evidence.totals.on_topic.size
    raw = {name: values.tolist() * (sums // values.size) for name, values in _raw(evidence, profile).items()}
    for place in range(sums):
        values = {name: every[place] for name, every in raw.items()}
        yield values, _contributions(values, profile.expertise, evidence.method)


def _contributions(raw: Mapping[str, float], weights: Mapping[str, float], method: Method) -> dict[str, int]:
    return {name: contribution(raw[name], method.control_points[name], weights[name]) for name in weights}


def _many(raw: Mapping[str, Floats], weights: Mapping[str, float], method: Method) -> dict[str, Floats]:
    return {name: contributions(raw[name], method.control_points[name], weights[name]) for name in weights}


def _added(parts: Mapping[str, Floats]) -> Floats:
    """Add contributions up; six places, as their decimal sum has."""
    return np.asarray(np.round(np.sum(list(parts.values()), axis=0), 6))


def _spread(values: Floats, chosen: Bools) -> Floats:
    spread = np.full(chosen.size, np.nan)
    spread[chosen] = values
    return spread
