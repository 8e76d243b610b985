"""The statistics behind the intervals: Gamma limits of counts, Wilson limits of shares, limits put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammaincinv

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LOW_TAIL, HIGH_TAIL = 0.05, 0.95


def gamma_quantile(tail: float, shape: Floats) -> Floats:
    """Quantile of the Gamma distribution with scale 1; 0 for shape 0."""
    distinct, which = np.unique(shape, return_inverse=True)  # each once: a quantile takes microseconds
    quantile = np.where(distinct > 0, gammaincinv(np.maximum(distinct, np.finfo(float).tiny), tail), 0.0)
    return np.asarray(quantile[which].reshape(np.shape(shape)))


def sum_limits(total: Floats, n_effective: Floats) -> tuple[Floats, Floats]:
    """90 % limits of weighted sums of `n_effective` voices (after Fay & Feuer 1997); a total of 0 gives 0 and 3."""
    each = np.divide(total, n_effective, out=np.zeros_like(total), where=n_effective > 0)
    high = np.minimum(gamma_quantile(HIGH_TAIL, n_effective + 1) * each, total + 3 * np.sqrt(total + 1))
    return gamma_quantile(LOW_TAIL, n_effective) * each, np.where(total > 0, high, 3.0)


def count_limits(count: Floats) -> tuple[Floats, Floats]:
    """90 % limits of decayed counts (Garwood 1936)."""
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


def combined(deviations: Sequence[Floats]) -> Floats:
    """Size of several deviations together, in points, when each pair correlates one half."""
    each = np.stack(deviations)
    return np.asarray(np.sqrt(0.5 * (each * each).sum(axis=0) + 0.5 * each.sum(axis=0) ** 2))
