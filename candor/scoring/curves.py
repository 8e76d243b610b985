"""The published curves: from a raw value to 0..1, and from there to points."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import erf

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

NORMAL_Q90 = 1.2815515655446004  # the standard normal's 90th percentile
SIX_PLACES = Decimal("0.000001")


def curves(raw: Floats, p50: float, p90: float) -> Floats:
    """Log-normal distribution function: 0 at 0, one half at `p50`, nine tenths at `p90` (all in the unit of `raw`)."""
    sigma = math.log(p90 / p50) / NORMAL_Q90
    some = np.maximum(raw, np.finfo(float).tiny)
    return np.where(raw > 0, 0.5 * (1.0 + erf(np.log(some / p50) / sigma / math.sqrt(2.0))), 0.0)


def curve(raw: float, p50: float, p90: float) -> float:
    """Return `curves` of one value."""
    return float(curves(np.array(raw), p50, p90))


def six_places(value: float) -> Decimal:
    """Round half-even to six places, from the shortest text of `value`."""
    return Decimal(repr(float(value))).quantize(SIX_PLACES, rounding=ROUND_HALF_EVEN)


def contribution(raw: float, points: tuple[float, float], weight: float) -> Decimal:
    """Points a feature gives: weight times curve, six places."""
    return six_places(weight * curve(raw, *points))


def contributions(raw: Floats, points: tuple[float, float], weight: float) -> Floats:
    """Points a feature gives to many: the same numbers as `contribution`, in floating point."""
    return np.round(weight * curves(raw, *points), 6)


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
