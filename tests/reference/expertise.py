"""Expertise: three features, their sum, its interval, its status and how fragile it is."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Any

from reference.statistics import curve, gamma_quantile
from reference.totals import add_up, by_themselves, gather_voices, whatever_they_do

if TYPE_CHECKING:
    from collections.abc import Sequence

    from candor.scoring.method import Method
    from reference.totals import Totals, Voices
    from reference.voices import ByKind, Case, Voice

PLACES = Decimal("0.000001")


def features_of(a: float, b: float, r: float, method: Method, voices: Sequence[Voice] = ()) -> dict[str, float]:
    """The raw values, from A, B and R and from the voices on the topic."""
    prior = method.voice.specialist_prior
    return {
        "acknowledged_help": a,
        "specialised_help": a * ((a + prior) / (b + prior)) ** method.voice.specialist_power,
        "still_recognised": math.sqrt(a * min(r, method.voice.recent_to_topic * a)),
    }


def contribution(raw: float, weight: float, points: tuple[float, float]) -> Decimal:
    """Points of one feature, at six places."""
    return Decimal(repr(weight * curve(raw, *points))).quantize(PLACES, ROUND_HALF_EVEN)


def score_of(a: float, b: float, r: float, profile: str, method: Method, voices: Sequence[Voice] = ()) -> Decimal:
    weights, points = method.profiles[profile].expertise, method.control_points
    raws = features_of(a, b, r, method, voices)
    known = [name for name in weights if name in raws]
    return sum((contribution(raws[name], weights[name], points[name]) for name in known), Decimal(0))


def expertise(case: Case, topic: str) -> dict[str, Any]:
    """All of expertise under one root, as a dictionary."""
    profile, method = case.world.profile, case.method
    voices = gather_voices(case, topic)
    totals = add_up(voices)
    standings = [v.standing for v in voices.on_topic if v.standing >= method.status.standing_each]
    return {
        "status": _status(case, len(voices.on_topic), standings),
        "number": _score(totals, profile, method),
        "people": len(voices.on_topic),
        "people_with_standing": len(standings),
        "standing_sum": sum(standings),
        "totals": totals,
        "voices": voices,
        "features": _features(totals, profile, method),
        "interval": _interval(totals, profile, method),
        "robustness": _robustness(voices, profile, method),
    }


def _score(totals: Totals, profile: str, method: Method) -> Decimal:
    return score_of(totals.on_topic, totals.all_topics, totals.recent, profile, method, totals.speakers)


def _features(totals: Totals, profile: str, method: Method) -> dict[str, dict[str, Any]]:
    raws = features_of(totals.on_topic, totals.all_topics, totals.recent, method, totals.speakers)
    features = {}
    weights = method.profiles[profile].expertise
    for name, raw in raws.items():
        if name not in weights:
            continue
        points = contribution(raw, weights[name], method.control_points[name])
        kinds = totals.recent_kinds if name == "still_recognised" else totals.kinds
        features[name] = {"raw": raw, "contribution": points, "by_kind": _by_kind(points, kinds, [*method.kinds])}
    return features


def _by_kind(points: Decimal, kinds: ByKind, order: list[str]) -> dict[str, Decimal]:
    """Split points in proportion, the remainder to the largest kind."""
    total = sum(kinds.values())
    if total <= 0:
        return {}
    parts = {
        kind: Decimal(repr(float(points) * kinds[kind] / total)).quantize(PLACES, ROUND_HALF_EVEN)
        for kind in order
        if kind in kinds
    }
    largest = max(parts, key=lambda kind: kinds[kind])
    parts[largest] += points - sum(parts.values(), Decimal(0))
    return parts


def _status(case: Case, people: int, standings: list[float]) -> str:
    root, rule = case.trust_root.kind, case.method.status
    if root == "none":
        return "no_trust_root"
    if not people:
        return "not_enough_evidence"
    if root == "network":
        return "face_value"
    return "ok" if sum(standings) >= rule.standing_each else "unverified"


def _interval(totals: Totals, profile: str, method: Method) -> tuple[float, float]:
    a, e = totals.on_topic, totals.effective
    low, unseen = a * gamma_quantile(0.05, e) / e if a > 0 else 0.0, method.interval.one_more
    spread = (a**2 / e if a > 0 else 0.0) + unseen**2
    high = gamma_quantile(0.95, (a + unseen) ** 2 / spread) * spread / (a + unseen)
    at_low, at_high = (
        score_of(limit, limit + totals.others, totals.recent, profile, method, totals.speakers) for limit in (low, high)
    )
    return float(at_low), float(at_high)


def _robustness(voices: Voices, profile: str, method: Method) -> dict[str, float]:
    """Points lost with the largest one and five people, points won by corrupt ones."""
    now = _score(add_up(voices), profile, method)
    other = {v.by: v.voice for v in voices.other_topics}
    recent = {v.by: v.voice for v in voices.recent}
    ranked = sorted(voices.on_topic, key=lambda v: (-v.voice, -recent.get(v.by, 0.0), -other.get(v.by, 0.0), v.by))
    found = {}
    for name, count in (("largest_voice_points", 1), ("largest_five_points", 5)):
        people = {v.by for v in ranked[:count]}
        found[name] = float(now - _score(add_up(voices.without(people)), profile, method))
    for corrupt in method.robustness.corrupt_people:
        found[str(corrupt)] = float(_score(_corrupted(voices, corrupt), profile, method) - now)
    return found


def _corrupted(voices: Voices, corrupt: int) -> Totals:
    """The totals if so many turned corrupt: by all they can do where they are bounded, else by themselves."""
    if voices.trust is None:
        return by_themselves(add_up(voices), corrupt, voices.method)
    return whatever_they_do(voices, add_up(voices), corrupt)
