"""The published curves: from a raw value to 0..1, and from there to points."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, Decimal

NORMAL_Q90 = 1.2815515655446004  # the standard normal's 90th percentile
SIX_PLACES = Decimal("0.000001")


def curve(raw: float, p50: float, p90: float) -> float:
    """Log-normal distribution function: 0 at 0, one half at `p50`, nine tenths at `p90` (all in the unit of `raw`)."""
    if raw / p50 <= 0:  # also where a raw value is so small that the quotient is none
        return 0.0
    sigma = math.log(p90 / p50) / NORMAL_Q90
    return 0.5 * (1.0 + math.erf(math.log(raw / p50) / sigma / math.sqrt(2.0)))


def six_places(value: float) -> Decimal:
    """Round half-even to six places, from the shortest text of `value`."""
    return Decimal(repr(float(value))).quantize(SIX_PLACES, rounding=ROUND_HALF_EVEN)


def contribution(raw: float, points: tuple[float, float], weight: float) -> Decimal:
    """Points a feature gives: weight times curve, six places."""
    return six_places(weight * curve(raw, *points))


def share_out(total: Decimal, parts: dict[str, float]) -> dict[str, Decimal]:
    """Split `total` in proportion to `parts`, in six places.

    The remainder goes to the largest part, so that they add up.
    """
    whole = math.fsum(parts.values())
    if not parts or whole <= 0:
        return {}
    shares = {name: six_places(float(total) * part / whole) for name, part in parts.items()}
    largest = max(parts, key=lambda name: (parts[name], name))
    shares[largest] += total - sum(shares.values(), Decimal(0))
    return shares
