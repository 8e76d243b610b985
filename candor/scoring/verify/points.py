"""Points checked: curve, contributions, score and limits recomputed, and a document's features held against them."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING

from .findings import RELATIVE, decimal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .findings import Figures, Json, VerificationReport

OPTED_OUT = ("declined", "gone")
NOTHING_SAID = "of an account that opted out nothing is said"
SHARE = "activity_share"
NORMAL_Q90 = 1.2815515655446004
SIX_PLACES = Decimal("0.000001")
LOW_TAIL, HIGH_TAIL = 0.05, 0.95
EPSILON = 1e-16
HALVINGS = 70
POINTS_WITHIN = 1.5e-6  # a place, where the last bits of another machine turn a rounding


def curve(raw: float, p50: float, p90: float) -> float:
    """Log-normal distribution function: one half at `p50`, nine tenths at `p90`."""
    if raw / p50 <= 0:
        return 0.0
    sigma = math.log(p90 / p50) / NORMAL_Q90
    return 0.5 * (1 + math.erf(math.log(raw / p50) / sigma / math.sqrt(2)))


def contributions(raw: Mapping[str, float], weights: Mapping[str, float], figures: Figures) -> dict[str, Decimal]:
    """Points each feature gives, six places."""
    exact = {name: weights[name] * curve(raw[name], *figures.control_points[name]) for name in weights}
    return {name: decimal(points).quantize(SIX_PLACES, ROUND_HALF_EVEN) for name, points in exact.items()}


@dataclass(frozen=True)
class Given:
    """What the raw values of expertise are made of: A, B and R, and the voices on the topic where all are shown."""

    a: float
    b: float
    r: float
    figures: Figures
    voices: Sequence[Json] | None = None


def acknowledged_help(given: Given) -> float:
    """A."""
    return given.a


def specialised_help(given: Given) -> float:
    """A·((A+10)/(B+10))^0.75."""
    prior = given.figures.specialist_prior
    return float(given.a * ((given.a + prior) / (given.b + prior)) ** given.figures.specialist_power)


def still_recognised(given: Given) -> float:
    """√(A·min(R, 30·A))."""
    return math.sqrt(given.a * min(given.r, given.figures.recent_to_topic * given.a))


FORMULAS: dict[str, Callable[[Given], float | None]] = {  # None where a formula needs voices that are not shown
    "acknowledged_help": acknowledged_help,
    "specialised_help": specialised_help,
    "still_recognised": still_recognised,
}


def raw_values(given: Given) -> dict[str, float]:
    """Raw values of the profile's features of expertise, of those whose formula is known here."""
    found = {name: FORMULAS[name](given) for name in given.figures.expertise if name in FORMULAS}
    return {name: raw for name, raw in found.items() if raw is not None}


def expertise_points(given: Given, stated: Mapping[str, float]) -> Decimal:
    """Score of expertise; raw values that cannot be recomputed here are taken as stated."""
    raw = {**stated, **raw_values(given)}
    return sum(contributions(raw, given.figures.expertise, given.figures).values(), Decimal(0))


def check_features(
    findings: VerificationReport,
    part: str,
    features: list[Json],
    weights: Mapping[str, float],
    raw: Mapping[str, float],
    *,
    figures: Figures,
) -> None:
    """Check every feature: weight, control points, raw value, its value on the curve, its contribution."""
    findings.equal(part, [feature["id"] for feature in features], list(weights), "the features of the profile")
    for index, feature in enumerate(features):
        name, here = feature["id"], f"{part}/{index}"
        points = feature["curve"]
        findings.equal(f"{here}/weight", feature["weight"], weights.get(name), "weight of the profile")
        for which, at in zip(("p50", "p90"), figures.control_points.get(name, ()), strict=False):
            findings.equal(f"{here}/curve/{which}", points[which], at, "control point of the method")
        if name in raw:
            findings.close(f"{here}/raw", feature["raw"], raw[name], "raw value from what it is made of")
        value = curve(feature["raw"], points["p50"], points["p90"])
        findings.six_places(f"{here}/value", feature["value"], value, "curve(raw)")
        given = feature["weight"] * value
        findings.six_places(f"{here}/contribution", feature["contribution"], given, "weight · curve(raw)")


def check_kinds(findings: VerificationReport, part: str, feature: Json, voices: float | None) -> None:
    """Expect the kinds to add up to `voices`, where that is known, and in proportion to the feature's contribution."""
    kinds, total = feature["by_kind"], decimal(feature["contribution"])
    by_size = sorted(kinds, key=lambda kind: (kind["voices"], kind["kind"]))
    whole = math.fsum(kind["voices"] for kind in kinds)
    if voices is not None:
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


def check_score(findings: VerificationReport, part: str, side: Json, *, has_score: bool) -> None:
    """Expect the score to be the decimal sum of the contributions, and null where there is none."""
    added = sum((decimal(feature["contribution"]) for feature in side["features"]), Decimal(0))
    findings.equal(f"{part}/score", side["score"], float(added) if has_score else None, "sum of the contributions")
    if not has_score:
        findings.equal(f"{part}/interval", side["interval"], None, "no score, no interval")


def check_interval(
    findings: VerificationReport, part: str, stated: Json, limits: tuple[float, float], level: float
) -> None:
    """Expect both limits, in points, and the level of the method."""
    for name, limit in zip(("low", "high"), limits, strict=True):
        findings.close(f"{part}/interval/{name}", stated[name], limit, "limit recomputed", within=POINTS_WITHIN)
    findings.equal(f"{part}/interval/level", stated["level"], level, "level of the method")


def gamma_share(shape: float, x: float) -> float:
    """Regularised lower incomplete Gamma function P(shape, x), by series or continued fraction (DLMF 8.11, 8.9)."""
    if x <= 0:
        return 0.0
    front = math.exp(shape * math.log(x) - x - math.lgamma(shape))
    if x < shape + 1:
        return front * _series(shape, x)
    return 1 - front * _continued_fraction(shape, x)


def _series(shape: float, x: float) -> float:
    term = total = 1 / shape
    step = shape
    while term > EPSILON * total:
        step += 1
        term *= x / step
        total += term
    return total


def _continued_fraction(shape: float, x: float) -> float:
    """Lentz's method; the terms are n (shape - n) over x + 2n + 1 - shape."""
    bottom = x + 1 - shape
    ratio_c, ratio_d = math.inf, 1 / bottom
    value, n = ratio_d, 0
    change = 0.0
    while abs(change - 1) > EPSILON * 2:
        n += 1
        factor = n * (shape - n)
        bottom += 2
        ratio_d = 1 / (factor * ratio_d + bottom)
        ratio_c = bottom + factor / ratio_c
        change = ratio_c * ratio_d
        value *= change
    return value


@functools.lru_cache(maxsize=4096)
def gamma_quantile(tail: float, shape: float) -> float:
    """Quantile of the Gamma distribution with scale 1, by halving; 0 for shape 0."""
    if shape <= 0:
        return 0.0
    low, high = 0.0, shape + 10 * math.sqrt(shape) + 10
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if gamma_share(shape, middle) < tail:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def sum_limits(total: float, n_effective: float, one_more: float) -> tuple[float, float]:
    """90 % limits of a weighted sum of `n_effective` voices, above with one more of that size."""
    each = total / n_effective if n_effective > 0 else 0.0
    mean, variance = total + one_more, total * each + one_more**2
    high = gamma_quantile(HIGH_TAIL, mean**2 / variance) * variance / mean
    return gamma_quantile(LOW_TAIL, n_effective) * each, high


def count_limits(count: float) -> tuple[float, float]:
    """90 % limits of a decayed count."""
    high = min(gamma_quantile(HIGH_TAIL, count + 1), count + 3 * math.sqrt(count + 1))
    return gamma_quantile(LOW_TAIL, count), high


def wilson_limits(hits: float, trials: float, z: float) -> tuple[float, float]:
    """Wilson limits of a share; 0 and 1 without trials."""
    if trials <= 0:
        return 0.0, 1.0
    share, spread = min(hits / trials, 1.0), z * z / trials
    reach = z * math.sqrt(share * (1 - share) / trials + spread / (4 * trials))
    low, high = ((share + spread / 2 + side * reach) / (1 + spread) for side in (-1, 1))
    return max(0.0, low), min(1.0, high)


def combined(deviations: list[float]) -> float:
    """Size of several deviations together when each pair correlates one half."""
    return math.sqrt(0.5 * math.fsum(d * d for d in deviations) + 0.5 * math.fsum(deviations) ** 2)


def check_interest(findings: VerificationReport, document: Json, figures: Figures) -> None:
    """Check status, features, score and interval of interest."""
    interest, weights = document["interest"], figures.interest
    enough = interest["own_acts"] >= figures.own_acts
    status = "ok" if enough else "not_enough_evidence"
    known = document["expertise"]["status"]
    opted_out = known in OPTED_OUT
    findings.equal("/interest/status", interest["status"], known if opted_out else status, "from the own acts")
    has_score = interest["status"] == "ok"
    findings.equal("/interest/needs", interest["needs"] is None, has_score, "says what is needed where no score is")
    check_score(findings, "/interest", interest, has_score=has_score)
    if opted_out:
        findings.equal("/interest/features", interest["features"], [], NOTHING_SAID)
        return
    limits = {feature["id"]: _limits(feature, figures) for feature in interest["features"]}
    lower_bounds = {name: limit[0] for name, limit in limits.items() if name == SHARE}
    check_features(findings, "/interest/features", interest["features"], weights, lower_bounds, figures=figures)
    for index, feature in enumerate(interest["features"]):
        sample = feature["trials"] if feature["id"] == SHARE else feature["raw"]
        findings.equal(
            f"/interest/features/{index}/n_effective", feature["n_effective"], sample, "decayed acts behind it"
        )
        if feature["id"] == SHARE and not 0 <= feature["hits"] <= feature["trials"] * (1 + RELATIVE):
            findings.fault(
                f"/interest/features/{index}/hits", feature["hits"], feature["trials"], "more hits than trials"
            )
    if has_score:
        raw = {feature["id"]: feature["raw"] for feature in interest["features"]}
        low_and_high = _interval(raw, limits, weights, figures)
        check_interval(findings, "/interest", interest["interval"], low_and_high, figures.level)
    findings.checked.append("interest, from its counts to its score")


def _limits(feature: Json, figures: Figures) -> tuple[float, float]:
    if feature["id"] == SHARE:
        return wilson_limits(feature["hits"], feature["trials"], figures.z)
    return count_limits(feature["raw"])


def _interval(
    raw: dict[str, float], limits: dict[str, tuple[float, float]], weights: Mapping[str, float], figures: Figures
) -> tuple[float, float]:
    at = contributions(raw, weights, figures)
    low, high = (contributions({name: limits[name][side] for name in raw}, weights, figures) for side in (0, 1))
    score = float(sum(at.values()))
    down = combined([float(at[name] - low[name]) for name in at])
    up = combined([float(high[name] - at[name]) for name in at])
    return _clipped(score - down), _clipped(score + up)


def _clipped(points: float) -> float:
    return round(min(100.0, max(0.0, points)), 6)
