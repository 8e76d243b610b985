"""The statistics of the intervals, from the ground up: Gamma limits of counts, Wilson limits of shares."""

from __future__ import annotations

import functools
import math

LOW_TAIL, HIGH_TAIL = 0.05, 0.95
EPSILON = 1e-16
HALVINGS = 70


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


def sum_limits(total: float, n_effective: float) -> tuple[float, float]:
    """90 % limits of a weighted sum of `n_effective` voices; a total of 0 gives 0 and 3."""
    if total <= 0:
        return 0.0, 3.0
    each = total / n_effective
    high = min(gamma_quantile(HIGH_TAIL, n_effective + 1) * each, total + 3 * math.sqrt(total + 1))
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
