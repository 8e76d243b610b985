"""Interest: what the account itself did, of late."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from reference.constants import OWN_ACTS
from reference.expertise import contribution
from reference.statistics import curve, gamma_quantile, wilson

if TYPE_CHECKING:
    from collections.abc import Iterable

    from candor.scoring.activity import Activity
    from reference.world import World

WEEKS = 52
FEATURES = ("activity_share", "active_weeks", "questions_asked", "conversation", "likes_given", "reshares_made")


def interest(world: World, account: str, topic: str) -> dict[str, Any]:
    """All of interest, as a dictionary."""
    own = [r for r in world.records if r.actor == account and r.type in OWN_ACTS]
    limits = _limits(world, own, topic)
    weights = {name: w for name, w in world.method.profiles[world.profile].interest.items() if name in limits}
    points, features = world.method.control_points, {}
    for name, weight in weights.items():
        raw = limits[name][1]
        features[name] = {"raw": raw, "contribution": contribution(raw, weight, points[name])}
    number = sum((f["contribution"] for f in features.values()), Decimal(0))
    low, at, high = ({name: _points(world, name, limits[name][which]) for name in weights} for which in range(3))
    below = _combined([at[name] - low[name] for name in weights])
    above = _combined([high[name] - at[name] for name in weights])
    last_year = sum(world.age_days(r) <= world.method.status.own_acts_days for r in own)
    status = "ok" if last_year >= world.method.status.own_acts else "not_enough_evidence"
    interval = (max(0.0, float(number) - below), min(100.0, float(number) + above))
    return {"status": status, "number": number, "features": features, "interval": interval, "own_acts": last_year}


def _limits(world: World, own: list[Activity], topic: str) -> dict[str, tuple[float, float, float]]:
    """For each feature: its lower limit, its raw value, its upper limit."""
    on_topic = [r for r in own if topic in world.topics[str(r.id)]]
    low, high = wilson(_decayed(world, on_topic), _decayed(world, own), world.method.interval.z)
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
    half_life_days = world.method.window.recent_half_life_days
    return sum(0.5 ** (world.age_days(r) / half_life_days) for r in records if not types or r.type in types)


def _count_limits(n: float) -> tuple[float, float, float]:
    return gamma_quantile(0.05, n), n, min(gamma_quantile(0.95, n + 1), n + 3 * math.sqrt(n + 1))


def _points(world: World, name: str, raw: float) -> float:
    return world.method.profiles[world.profile].interest[name] * curve(raw, *world.method.control_points[name])


def _combined(distances: list[float]) -> float:
    """Combine distances in points as if each two were correlated by one half."""
    return math.sqrt(sum(d * d for d in distances) / 2 + sum(distances) ** 2 / 2)
