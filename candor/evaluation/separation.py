"""Separation: does expertise say something else than interest, audience and volume? Means over topics."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import spearmanr

from candor.evaluation.cases import EXPERTISE, INTEREST_SCORE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from candor.evaluation.cases import Case

    Floats = NDArray[np.float64]

LEAST_PEOPLE = 5
ABOUT_EQUAL = 1.25


def rank_correlations(found: Sequence[Case]) -> dict[str, float | None]:
    """Return Spearman's correlation of expertise with interest, with followers and with acts on the topic.

    None where no topic has five people of whom both are known.
    """
    pairs = {
        "interest": [(case.figures[EXPERTISE], case.figures[INTEREST_SCORE]) for case in found],
        "followers": [(case.figures[EXPERTISE], case.followers) for case in found],
        "acts on the topic": [(case.figures[EXPERTISE], case.activity) for case in found],
    }
    return {name: _mean([_spearman(*sides) for sides in both]) for name, both in pairs.items()}


def above_at_equal_volume(found: Sequence[Case]) -> tuple[float | None, int]:
    """Return how often an expert stands above another of about equal volume, ties half, and of how many pairs.

    About as many: within a quarter more.
    """
    above = pairs = 0.0
    for case in found:
        expert, other = np.flatnonzero(case.positive), np.flatnonzero(~case.positive)
        ratio = case.activity[expert][:, None] / case.activity[other][None, :]
        equal = (ratio <= ABOUT_EQUAL) & (ratio >= 1 / ABOUT_EQUAL)
        difference = case.figures[EXPERTISE][expert][:, None] - case.figures[EXPERTISE][other][None, :]
        above += float(np.where(difference > 0, 1.0, np.where(difference == 0, 0.5, 0.0))[equal].sum())
        pairs += float(equal.sum())
    return (above / pairs if pairs else None), int(pairs)


def _spearman(left: Floats, right: Floats) -> float | None:
    known = ~np.isnan(left) & ~np.isnan(right)
    if known.sum() < LEAST_PEOPLE:
        return None
    if np.ptp(left[known]) == 0 or np.ptp(right[known]) == 0:
        return None
    return float(spearmanr(left[known], right[known]).statistic)


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
