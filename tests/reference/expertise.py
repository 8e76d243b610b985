"""Expertise: three features, their sum, its interval, its status and how fragile it is."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Any

from reference.constants import EXPERTISE_WEIGHTS, KINDS
from reference.statistics import curve, gamma_quantile
from reference.totals import add_up, gather_voices, whatever_they_do
from reference.voices import worth

if TYPE_CHECKING:
    from reference.constants import Version
    from reference.totals import Totals, Voices
    from reference.voices import ByKind, Case

PLACES = Decimal("0.000001")


def features_of(a: float, b: float, r: float) -> dict[str, float]:
    """The three raw values, in voices."""
    return {
        "acknowledged_help": a,
        "specialised_help": a * math.sqrt((a + 10) / (b + 10)),
        "still_recognised": math.sqrt(a * min(r, 30 * a)),
    }


def contribution(raw: float, weight: float, points: tuple[float, float]) -> Decimal:
    """Points of one feature, at six places."""
    return Decimal(repr(weight * curve(raw, *points))).quantize(PLACES, ROUND_HALF_EVEN)


def score_of(a: float, b: float, r: float, profile: str, version: Version) -> Decimal:
    weights = EXPERTISE_WEIGHTS[profile]
    raws = features_of(a, b, r)
    return sum((contribution(raws[f], weights[f], version.points) for f in raws), Decimal(0))


def expertise(case: Case, topic: str) -> dict[str, Any]:
    """All of expertise under one root, as a dictionary."""
    profile = case.world.profile
    voices = gather_voices(case, topic)
    totals = add_up(voices)
    standings = [v.standing for v in voices.on_topic if v.standing >= 0.01]
    return {
        "status": _status(case, len(voices.on_topic), standings),
        "number": _score(totals, profile, case.version),
        "people": len(voices.on_topic),
        "people_with_standing": len(standings),
        "standing_sum": sum(standings),
        "totals": totals,
        "voices": voices,
        "features": _features(totals, profile, case.version),
        "interval": _interval(totals, profile, case.version),
        "robustness": _robustness(voices, profile, case.version),
    }


def _score(totals: Totals, profile: str, version: Version) -> Decimal:
    return score_of(totals.on_topic, totals.all_topics, totals.recent, profile, version)


def _features(totals: Totals, profile: str, version: Version) -> dict[str, dict[str, Any]]:
    raws = features_of(totals.on_topic, totals.all_topics, totals.recent)
    features = {}
    for name, raw in raws.items():
        points = contribution(raw, EXPERTISE_WEIGHTS[profile][name], version.points)
        kinds = totals.recent_kinds if name == "still_recognised" else totals.kinds
        features[name] = {"raw": raw, "contribution": points, "by_kind": _by_kind(points, kinds)}
    return features


def _by_kind(points: Decimal, kinds: ByKind) -> dict[str, Decimal]:
    """Split points in proportion, the remainder to the largest kind."""
    total = sum(kinds.values())
    if total <= 0:
        return {}
    parts = {
        kind: Decimal(repr(float(points) * kinds[kind] / total)).quantize(PLACES, ROUND_HALF_EVEN)
        for kind in KINDS
        if kind in kinds
    }
    largest = max(parts, key=lambda kind: kinds[kind])
    parts[largest] += points - sum(parts.values(), Decimal(0))
    return parts


def _status(case: Case, people: int, standings: list[float]) -> str:
    root = case.trust_root.kind
    if root == "none":
        return "no_trust_root"
    if people < 5:
        return "not_enough_evidence"
    if root == "network":
        return "face_value"
    return "ok" if len(standings) >= 5 and sum(standings) >= case.version.standing_sum else "unverified"


def _interval(totals: Totals, profile: str, version: Version) -> tuple[float, float]:
    a, e = totals.on_topic, totals.effective
    low, high = 0.0, 3.0
    if a > 0:
        low = a * gamma_quantile(0.05, e) / e
        high = min(a * gamma_quantile(0.95, e + 1) / e, a + 3 * math.sqrt(a + 1))
    at_low, at_high = (score_of(limit, limit + totals.others, totals.recent, profile, version) for limit in (low, high))
    return float(at_low), float(at_high)


def _robustness(voices: Voices, profile: str, version: Version) -> dict[str, float]:
    """Points lost with the largest one and five people, points won by corrupt ones, in the long run and in a rush."""
    now = _score(add_up(voices), profile, version)
    other = {v.by: v.voice for v in voices.other_topics}
    recent = {v.by: v.voice for v in voices.recent}
    ranked = sorted(voices.on_topic, key=lambda v: (-v.voice, -recent.get(v.by, 0.0), -other.get(v.by, 0.0), v.by))
    found = {}
    for name, count in (("largest_voice_points", 1), ("largest_five_points", 5)):
        people = {v.by for v in ranked[:count]}
        found[name] = float(now - _score(add_up(voices.without(people)), profile, version))
    for corrupt in (1, 2, 5):
        found[str(corrupt)] = float(_score(_corrupted(voices, corrupt), profile, version) - now)
        if version.most_unproven is not None:
            rushed = _score(add_up(voices, corrupt, worth(version.most_unproven)), profile, version)
            found[f"{corrupt} in a rush"] = float(rushed - now)
    return found


def _corrupted(voices: Voices, corrupt: int) -> Totals:
    """The totals if so many turned corrupt: by all they can do where they are bounded, else by themselves."""
    if voices.trust is None:
        return add_up(voices, corrupt)
    return whatever_they_do(voices, add_up(voices), corrupt)
