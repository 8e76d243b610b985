"""Interest: what the account itself did, of late."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from reference.constants import INTEREST_POINTS, INTEREST_WEIGHTS, OWN_ACTS, RECENT_HALF_LIFE_DAYS, YEAR_DAYS
from reference.expertise import contribution
from reference.statistics import curve, gamma_quantile, wilson

if TYPE_CHECKING:
    from collections.abc import Iterable

    from candor.scoring.activity import Activity
    from reference.world import World

WEEKS = 52


def interest(world: World, account: str, topic: str) -> dict[str, Any]:
    """All of interest, as a dictionary."""
    own = [r for r in world.records if r.actor == account and r.type in OWN_ACTS]
    limits = _limits(world, own, topic)
    weights, features = INTEREST_WEIGHTS[world.profile], {}
    for name, weight in weights.items():
        raw = limits[name][1]
        features[name] = {"raw": raw, "contribution": contribution(raw, weight, INTEREST_POINTS[name])}
    number = sum((f["contribution"] for f in features.values()), Decimal(0))
    below = _combined([_points(name, weights, limits, 1) - _points(name, weights, limits, 0) for name in weights])
    above = _combined([_points(name, weights, limits, 2) - _points(name, weights, limits, 1) for name in weights])
    last_year = sum(world.age_days(r) <= YEAR_DAYS for r in own)
    status = "ok" if last_year >= 10 else "not_enough_evidence"
    interval = (max(0.0, float(number) - below), min(100.0, float(number) + above))
    return {"status": status, "number": number, "features": features, "interval": interval, "own_acts": last_year}


def _limits(world: World, own: list[Activity], topic: str) -> dict[str, tuple[float, float, float]]:
    """For each feature: its lower limit, its raw value, its upper limit."""
    on_topic = [r for r in own if topic in world.topics[str(r.id)]]
    low, high = wilson(_decayed(world, on_topic), _decayed(world, own))
    weeks = {math.ceil(world.age_days(r) / 7) - 1 for r in on_topic}
    counts = {
        "active_weeks": float(len({week for week in weeks if week < WEEKS})),
        "questions_asked": _decayed(world, on_topic, "question"),
        "conversation": _decayed(world, on_topic, "reply", "answer"),
        "likes_given": _decayed(world, on_topic, "like"),
        "reshares_made": _decayed(world, on_topic, "reshare"),
    }
    return {"activity_share": (low, low, high)} | {name: _count_limits(n) for name, n in counts.items()}


def _decayed(world: World, records: Iterable[Activity], *types: str) -> float:
    return sum(0.5 ** (world.age_days(r) / RECENT_HALF_LIFE_DAYS) for r in records if not types or r.type in types)


def _count_limits(n: float) -> tuple[float, float, float]:
    return gamma_quantile(0.05, n), n, min(gamma_quantile(0.95, n + 1), n + 3 * math.sqrt(n + 1))


def _points(name: str, weights: dict[str, int], limits: dict[str, tuple[float, float, float]], which: int) -> float:
    return weights[name] * curve(limits[name][which], *INTEREST_POINTS[name])


def _combined(distances: list[float]) -> float:
    """Combine distances in points as if each two were correlated by one half."""
    return math.sqrt(sum(d * d for d in distances) / 2 + sum(distances) ** 2 / 2)
