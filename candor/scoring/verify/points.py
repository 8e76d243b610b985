"""From raw values to points: curve, contribution, score; and the features of a document checked against them."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING

from .findings import decimal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .constants import Constants
    from .findings import Findings, Json

NORMAL_Q90 = 1.2815515655446004
SIX_PLACES = Decimal("0.000001")
POINTS_WITHIN = 1.5e-6  # a place, where the last bits of another machine turn a rounding


def curve(raw: float, p50: float, p90: float) -> float:
    """Log-normal distribution function: one half at `p50`, nine tenths at `p90`."""
    if raw / p50 <= 0:
        return 0.0
    sigma = math.log(p90 / p50) / NORMAL_Q90
    return 0.5 * (1 + math.erf(math.log(raw / p50) / sigma / math.sqrt(2)))


def contributions(raw: Mapping[str, float], weights: Mapping[str, float], constants: Constants) -> dict[str, Decimal]:
    """Points each feature gives, six places."""
    exact = {name: weights[name] * curve(raw[name], *constants.control_points[name]) for name in weights}
    return {name: decimal(points).quantize(SIX_PLACES, ROUND_HALF_EVEN) for name, points in exact.items()}


def expertise_raw(a: float, b: float, r: float, constants: Constants) -> dict[str, float]:
    """Raw values of the features of expertise, in voices, from A, B and R."""
    prior = constants.specialist_prior
    return {
        "acknowledged_help": a,
        "specialised_help": a * math.sqrt((a + prior) / (b + prior)),
        "still_recognised": math.sqrt(a * min(r, constants.recent_to_topic * a)),
    }


def expertise_points(a: float, b: float, r: float, profile: str, constants: Constants) -> Decimal:
    """Score of expertise, from A, B and R."""
    weights = constants.expertise[profile]
    return sum(contributions(expertise_raw(a, b, r, constants), weights, constants).values(), Decimal(0))


def check_features(
    findings: Findings,
    part: str,
    features: list[Json],
    weights: Mapping[str, float],
    raw: Mapping[str, float],
    *,
    constants: Constants,
) -> None:
    """Check every feature: weight, control points, raw value, its value on the curve, its contribution."""
    findings.equal(part, [feature["id"] for feature in features], list(weights), "the features of the profile")
    for index, feature in enumerate(features):
        name, here = feature["id"], f"{part}/{index}"
        points = feature["curve"]
        findings.equal(f"{here}/weight", feature["weight"], weights.get(name), "weight of the profile")
        for which, at in zip(("p50", "p90"), constants.control_points.get(name, ()), strict=False):
            findings.equal(f"{here}/curve/{which}", points[which], at, "control point of the method")
        if name in raw:
            findings.close(f"{here}/raw", feature["raw"], raw[name], "raw value from what it is made of")
        value = curve(feature["raw"], points["p50"], points["p90"])
        findings.six_places(f"{here}/value", feature["value"], value, "curve(raw)")
        given = feature["weight"] * value
        findings.six_places(f"{here}/contribution", feature["contribution"], given, "weight · curve(raw)")


def check_kinds(findings: Findings, part: str, feature: Json, voices: float) -> None:
    """Expect the kinds to add up to `voices` and, in proportion, to the contribution of the feature."""
    kinds, total = feature["by_kind"], decimal(feature["contribution"])
    by_size = sorted(kinds, key=lambda kind: (kind["voices"], kind["kind"]))
    whole = math.fsum(kind["voices"] for kind in kinds)
    findings.close(f"{part}/by_kind", whole, voices, "voices of the kinds add up to the total")
    added = sum((decimal(kind["contribution"]) for kind in kinds), Decimal(0))
    findings.equal(f"{part}/by_kind", float(added), float(total), "contributions of the kinds add up to the feature's")
    for kind in by_size[:-1]:
        here = f"{part}/by_kind/{kinds.index(kind)}/contribution"
        share = float(total) * kind["voices"] / whole
        findings.six_places(here, kind["contribution"], share, "in proportion to what the kind gave")
    if by_size:
        largest = by_size[-1]
        rest = total - sum((decimal(kind["contribution"]) for kind in by_size[:-1]), Decimal(0))
        here = f"{part}/by_kind/{kinds.index(largest)}/contribution"
        findings.equal(here, largest["contribution"], float(rest), "what the other kinds leave")


def check_score(findings: Findings, part: str, side: Json, *, has_score: bool) -> None:
    """Expect the score to be the decimal sum of the contributions, and null where there is none."""
    added = sum((decimal(feature["contribution"]) for feature in side["features"]), Decimal(0))
    findings.equal(f"{part}/score", side["score"], float(added) if has_score else None, "sum of the contributions")
    if not has_score:
        findings.equal(f"{part}/interval", side["interval"], None, "no score, no interval")


def check_interval(findings: Findings, part: str, stated: Json, limits: tuple[float, float], level: float) -> None:
    """Expect both limits, in points, and the level of the method."""
    for name, limit in zip(("low", "high"), limits, strict=True):
        findings.close(f"{part}/interval/{name}", stated[name], limit, "limit recomputed", within=POINTS_WITHIN)
    findings.equal(f"{part}/interval/level", stated["level"], level, "level of the method")
