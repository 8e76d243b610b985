"""How well a ranking finds the positives: AUC, average precision and precision at k, expected over ties, exactly.

Ties are not broken: every figure is its expected value when tied items are put in random order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from candor.scoring.arrays import Bools, Floats


RESAMPLES = 2000
BOOTSTRAP_SEED = 1


def average_precision(scores: Floats, positive: Bools) -> float:
    """Mean over the positives of the precision at their rank; needs at least one positive."""
    total, above = 0.0, 0
    for start, size, hits in _ties(scores, positive):
        place = np.arange(1, size + 1)
        hits_before = above + (place - 1) * (hits - 1) / max(size - 1, 1)
        total += hits / size * float(np.sum((hits_before + 1) / (start + place))) if hits else 0.0
        above += hits
    return total / above


def precision_at(k: int, scores: Floats, positive: Bools) -> float:
    """Share of positives among the first `k`; a shorter ranking counts as filled up with negatives."""
    found = sum(hits * min(size, max(0, k - start)) / size for start, size, hits in _ties(scores, positive))
    return found / k


def auc(scores: Floats, positive: Bools) -> float:
    """Chance that a positive stands above a negative, ties counting half; needs one of each (Mann & Whitney 1947)."""
    from scipy.stats import rankdata  # noqa: PLC0415 # it takes longer to load than all the rest

    hits = int(positive.sum())
    pairs = hits * (positive.size - hits)
    return float((rankdata(scores)[positive].sum() - hits * (hits + 1) / 2) / pairs)


def mean_with_limits(differences: Floats) -> tuple[float, float, float]:
    """Return the mean over topics and its 95 % limits by resampling topics (paired bootstrap, fixed seed)."""
    draws = np.random.default_rng(BOOTSTRAP_SEED).integers(0, differences.size, (RESAMPLES, differences.size))
    low, high = np.quantile(differences[draws].mean(axis=1), (0.025, 0.975))
    return float(differences.mean()), float(low), float(high)


def _ties(scores: Floats, positive: Bools) -> Iterator[tuple[int, int, int]]:
    """Yield each run of equal scores, best first: how many stand above it, its size, its positives."""
    order = np.argsort(-scores, kind="stable")
    starts = np.unique(-scores[order], return_index=True)[1]
    ends = np.append(starts[1:], scores.size)
    running = np.concatenate(([0], np.cumsum(positive[order])))
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        yield start, end - start, int(running[end] - running[start])
