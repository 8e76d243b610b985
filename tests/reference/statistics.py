"""The published curves and limits: log-normal curve, Wilson, Gamma quantiles."""

from __future__ import annotations

import math

from scipy.special import gammaincinv

Z90 = 1.2815515655446004


def curve(x: float, p50: float, p90: float) -> float:
    """Map a raw value to 0..1: p50 to one half, p90 to nine tenths."""
    if x / p50 <= 0:
        return 0.0
    z = math.log(x / p50) / (math.log(p90 / p50) / Z90)
    return 0.5 * (1 + math.erf(z / math.sqrt(2)))


def wilson(successes: float, trials: float, z: float) -> tuple[float, float]:
    """Both Wilson limits of a share."""
    if trials == 0:
        return 0.0, 1.0
    share = successes / trials
    middle = share + z * z / (2 * trials)
    spread = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    below = 1 + z * z / trials
    return max(0.0, (middle - spread) / below), min(1.0, (middle + spread) / below)


def gamma_quantile(share: float, shape: float) -> float:
    """Quantile of the Gamma distribution of a shape, scale 1."""
    return float(gammaincinv(shape, share)) if shape > 0 else 0.0
