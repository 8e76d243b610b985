"""The published curves, from a raw value to 0..1 and to points, and the limits of sums, counts and shares."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from candor.scoring.arrays import Floats


TINY = float(np.finfo(float).tiny)
NORMAL_Q90 = 1.2815515655446004  # the standard normal's 90th percentile
MILLION = 1_000_000
EXACT_BELOW, NEAR_A_TIE = 1e9, 1e-6  # of millionths: below, a product and the shortest text are off by far less
LOW_TAIL, HIGH_TAIL = 0.05, 0.95


def curves(raw: Floats, p50: float, p90: float) -> Floats:
    """Log-normal distribution function: 0 at 0, one half at `p50`, nine tenths at `p90` (all in the unit of `raw`)."""
    from scipy.special import erf  # noqa: PLC0415 # most commands draw no curve, and it takes a tenth of a second

    reached = 0.5 * (1.0 + erf(np.log(np.maximum(raw, TINY) / p50) / _width(p50, p90)))
    return np.where(raw > 0, reached, 0.0)


def curve(raw: float, p50: float, p90: float) -> float:
    """Return `curves` of one value, without making arrays of it."""
    return 0.5 * (1.0 + math.erf(math.log(max(raw, TINY) / p50) / _width(p50, p90))) if raw > 0 else 0.0


@cache  # a method has few
def _width(p50: float, p90: float) -> float:
    return math.log(p90 / p50) / NORMAL_Q90 * math.sqrt(2.0)


def millionths(value: float) -> int:
    """Round half-even to six places, from the shortest text of `value`, and count in millionths.

    Near a tie the text decides, which no float says; else the nearest whole number is right at a tenth of the price.
    """
    scaled = value * MILLION
    if -EXACT_BELOW < scaled < EXACT_BELOW:
        nearest = round(scaled)
        if not NEAR_A_TIE > abs(scaled - nearest) - 0.5 > -NEAR_A_TIE:
            return nearest
    return int(Decimal(repr(float(value))).scaleb(6).to_integral_value(ROUND_HALF_EVEN))


def in_points(count: int) -> float:
    """Return so many millionths of a point in points."""
    return count / MILLION


def contribution(raw: float, points: tuple[float, float], weight: float) -> int:
    """Return the points a feature gives, in millionths: weight times curve."""
    return millionths(weight * curve(raw, *points)) if raw > 0 else 0


def contributions(raw: Floats, points: tuple[float, float], weight: float) -> Floats:
    """Points a feature gives to many: the same numbers as `contribution`, in points."""
    return np.round(weight * curves(raw, *points), 6)


def share_out(total: int, parts: dict[str, float]) -> dict[str, int]:
    """Split `total`, in millionths of a point, in proportion to `parts`.

    The remainder goes to the largest part, so that they add up.
    """
    whole = math.fsum(parts.values())
    if not parts or whole <= 0:
        return {}
    points = in_points(total)
    shares = {name: millionths(points * part / whole) for name, part in parts.items()}
    largest = max(parts, key=lambda name: (parts[name], name))
    shares[largest] += total - sum(shares.values())
    return shares


def gamma_quantile(tail: float, shape: Floats) -> Floats:
    """Quantile of the Gamma distribution with scale 1; 0 for shape 0."""
    from scipy.special import gammaincinv  # noqa: PLC0415 # as above

    if shape.size == 1:
        only = shape.item()
        return np.asarray(gammaincinv(max(only, TINY), tail) if only > 0 else 0.0).reshape(shape.shape)
    distinct, which = np.unique(shape, return_inverse=True)  # each once: a quantile takes microseconds
    quantile = np.where(distinct > 0, gammaincinv(np.maximum(distinct, TINY), tail), 0.0)
    return np.asarray(quantile[which].reshape(np.shape(shape)))


def sum_limits(total: Floats, n_effective: Floats, one_more: float) -> tuple[Floats, Floats]:
    """90 % limits of weighted sums of `n_effective` voices, above with one more of that size (Fay & Feuer 1997)."""
    each = np.divide(total, n_effective, out=np.zeros_like(total), where=n_effective > 0)
    mean, variance = total + one_more, total * each + one_more**2
    high = gamma_quantile(HIGH_TAIL, mean**2 / variance) * variance / mean
    return gamma_quantile(LOW_TAIL, n_effective) * each, high


def count_limits(count: Floats) -> tuple[Floats, Floats]:
    """90 % limits of decayed counts (Garwood 1936)."""
    if count.shape == (1,) and count[0] == 0:  # of most kinds of acts most people have none
        low, high = _limits_of_none()
        return np.array([low]), np.array([high])
    return _count_limits(count)


@cache
def _limits_of_none() -> tuple[float, float]:
    low, high = _count_limits(np.zeros(1))
    return float(low[0]), float(high[0])


def _count_limits(count: Floats) -> tuple[Floats, Floats]:
    high = np.minimum(gamma_quantile(HIGH_TAIL, count + 1), count + 3 * np.sqrt(count + 1))
    return gamma_quantile(LOW_TAIL, count), high


def wilson_limits(hits: Floats, trials: Floats, z: float) -> tuple[Floats, Floats]:
    """Wilson (1927) limits of shares; 0 and 1 without trials."""
    some = np.where(trials > 0, trials, 1.0)
    share, spread = np.minimum(hits / some, 1.0), z * z / some
    reach = z * np.sqrt(share * (1 - share) / some + spread / (4 * some))
    low = np.maximum(0.0, (share + spread / 2 - reach) / (1 + spread))
    high = np.minimum(1.0, (share + spread / 2 + reach) / (1 + spread))
    return np.where(trials > 0, low, 0.0), np.where(trials > 0, high, 1.0)


def combined(deviations: Sequence[Floats] | Sequence[float]) -> Floats:
    """Size of several deviations together, in points, when each pair correlates one half."""
    each = np.asarray(deviations)
    return np.asarray(np.sqrt(0.5 * (each * each).sum(axis=0) + 0.5 * each.sum(axis=0) ** 2))
