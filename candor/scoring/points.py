"""From totals and own acts to numbers: features, contributions, score, interval, and how fragile they are."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from candor.scoring.curves import contribution, contributions
from candor.scoring.features import EXPERTISE, INTEREST
from candor.scoring.intervals import combined, sum_limits
from candor.scoring.totals import Totals

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from candor.scoring.interest import OwnActs
    from candor.scoring.method import Method, Profile

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Numbers:
    """One side's score: raw values (in each feature's unit), contributions and limits (in points)."""

    raw: dict[str, float]
    contributions: dict[str, Decimal]
    score: Decimal
    low: float
    high: float


def expertise_numbers(totals: Totals, profile: Profile, method: Method) -> Numbers:
    """Score expertise from the totals of one subject; the limits hold B - A and R."""
    raw = _first(_raw(totals, method))
    points = _contributions(raw, profile.expertise, method)
    low, high = (
        points_of(_held(totals, limit), profile, method) for limit in sum_limits(totals.on_topic, totals.n_effective)
    )
    return Numbers(raw, points, _sum(points), float(low), float(high))


def interest_numbers(own: OwnActs, profile: Profile, method: Method) -> Numbers:
    """Score interest from the own acts of one subject; features vary together with correlation one half."""
    measured = {
        feature.FACTS.id: [float(part[0]) for part in feature.measure(own, method.interval.z)]
        for feature in INTEREST
        if feature.FACTS.id in profile.interest
    }
    at, low, high = (
        _contributions({name: parts[i] for name, parts in measured.items()}, profile.interest, method) for i in range(3)
    )
    score = _sum(at)
    down = float(combined([np.array(float(at[name] - low[name])) for name in at]))
    up = float(combined([np.array(float(high[name] - at[name])) for name in at]))
    raw = {name: parts[0] for name, parts in measured.items()}
    return Numbers(raw, at, score, clipped(float(score) - down), clipped(float(score) + up))


@dataclass(frozen=True, eq=False)
class ManyNumbers:
    """The numbers of many, one an item of each array; the limits of those without a score are NaN."""

    contributions: dict[str, Floats]
    score: Floats
    low: Floats
    high: Floats


def expertise_of_many(totals: Totals, numbered: Bools, profile: Profile, method: Method) -> ManyNumbers:
    """Score expertise as expertise_numbers does, in floating point; limits for the `numbered` only."""
    at = _many(_raw(totals, method), profile.expertise, method)
    some = totals.take(numbered)
    low, high = (
        _added(_many(_raw(_held(some, limit), method), profile.expertise, method))
        for limit in sum_limits(some.on_topic, some.n_effective)
    )
    return ManyNumbers(at, _added(at), _spread(low, numbered), _spread(high, numbered))


def interest_of_many(own: OwnActs, numbered: Bools, profile: Profile, method: Method) -> ManyNumbers:
    """Score interest as interest_numbers does, in floating point; limits for the `numbered` only."""
    features = [feature for feature in INTEREST if feature.FACTS.id in profile.interest]

    def measured(acts: OwnActs) -> list[dict[str, Floats]]:
        parts = {feature.FACTS.id: feature.measure(acts, method.interval.z) for feature in features}
        return [_many({name: part[i] for name, part in parts.items()}, profile.interest, method) for i in range(3)]

    everybody = measured(own)[0]
    at, low, high = measured(own.take(numbered))
    down = combined([at[name] - low[name] for name in at])
    up = combined([high[name] - at[name] for name in at])
    bounds = [np.clip(_added(at) + deviation, 0.0, 100.0) for deviation in (-down, up)]
    low_high = [_spread(np.asarray(np.round(bound, 6), np.float64), numbered) for bound in bounds]
    return ManyNumbers(everybody, _added(everybody), *low_high)


def clipped(points: float) -> float:
    """Within 0..100, six places."""
    return round(min(100.0, max(0.0, points)), 6)


def _raw(totals: Totals, method: Method) -> dict[str, Floats]:
    return {feature.FACTS.id: feature.measure(totals, method.voice) for feature in EXPERTISE}


def _first(raw: Mapping[str, Floats]) -> dict[str, float]:
    return {name: float(values[0]) for name, values in raw.items()}


def points_of(totals: Totals, profile: Profile, method: Method) -> Decimal:
    """Score expertise from the totals of one subject: the number alone."""
    return _sum(_contributions(_first(_raw(totals, method)), profile.expertise, method))


def _held(totals: Totals, on_topic: Floats) -> Totals:
    """The same totals with A set to `on_topic`, B - A and R held."""
    nothing = np.zeros_like(on_topic)
    return Totals(on_topic, on_topic, nothing, totals.other, totals.recent, totals.n_effective, totals.n_recent)


def _contributions(raw: Mapping[str, float], weights: Mapping[str, float], method: Method) -> dict[str, Decimal]:
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


def _sum(parts: Mapping[str, Decimal]) -> Decimal:
    return sum(parts.values(), Decimal(0))
