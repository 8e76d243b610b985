"""Interest checked: from raw values and the sample behind the share to score and interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .expertise import NOTHING_SAID, WITHHELD
from .findings import RELATIVE
from .limits import combined, count_limits, wilson_limits
from .points import check_features, check_interval, check_score, contributions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .constants import Constants
    from .findings import Findings, Json

PART = "/interest"
SHARE = "activity_share"


def check_interest(findings: Findings, document: Json, constants: Constants) -> None:
    """Check status, features, score and interval of interest."""
    interest, weights = document["interest"], constants.interest[document["method"]["profile"]]
    enough = interest["own_acts"] >= constants.own_acts
    status = "ok" if enough else "not_enough_evidence"
    known = document["expertise"]["status"]
    withheld = known in WITHHELD
    findings.equal(f"{PART}/status", interest["status"], known if withheld else status, "from the own acts")
    has_score = interest["status"] == "ok"
    findings.equal(f"{PART}/needs", interest["needs"] is None, has_score, "says what is needed where no score is")
    check_score(findings, PART, interest, has_score=has_score)
    if withheld:
        findings.equal(f"{PART}/features", interest["features"], [], NOTHING_SAID)
        return
    limits = {feature["id"]: _limits(feature, constants) for feature in interest["features"]}
    lower_bounds = {name: limit[0] for name, limit in limits.items() if name == SHARE}
    check_features(findings, f"{PART}/features", interest["features"], weights, lower_bounds, constants=constants)
    for index, feature in enumerate(interest["features"]):
        sample = feature["trials"] if feature["id"] == SHARE else feature["raw"]
        findings.equal(f"{PART}/features/{index}/n_effective", feature["n_effective"], sample, "decayed acts behind it")
        if feature["id"] == SHARE and not 0 <= feature["hits"] <= feature["trials"] * (1 + RELATIVE):
            findings.fault(f"{PART}/features/{index}/hits", feature["hits"], feature["trials"], "more hits than trials")
    if has_score:
        raw = {feature["id"]: feature["raw"] for feature in interest["features"]}
        low_and_high = _interval(raw, limits, weights, constants)
        check_interval(findings, PART, interest["interval"], low_and_high, constants.level)
    findings.checked.append("interest from its counts to its score")


def _limits(feature: Json, constants: Constants) -> tuple[float, float]:
    if feature["id"] == SHARE:
        return wilson_limits(feature["hits"], feature["trials"], constants.z)
    return count_limits(feature["raw"])


def _interval(
    raw: dict[str, float], limits: dict[str, tuple[float, float]], weights: Mapping[str, float], constants: Constants
) -> tuple[float, float]:
    at = contributions(raw, weights, constants)
    low, high = (contributions({name: limits[name][side] for name in raw}, weights, constants) for side in (0, 1))
    score = float(sum(at.values()))
    down = combined([float(at[name] - low[name]) for name in at])
    up = combined([float(high[name] - at[name]) for name in at])
    return _clipped(score - down), _clipped(score + up)


def _clipped(points: float) -> float:
    return round(min(100.0, max(0.0, points)), 6)
