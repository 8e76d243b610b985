"""Figures of merit are exact, ties included."""

from itertools import permutations

import numpy as np
import pytest

from candor.evaluation.metrics import auc, average_precision, mean_with_limits, precision_at

TIED = np.array([3.0, 2.0, 2.0, 2.0, 1.0, 1.0])
POSITIVE = np.array([False, True, False, True, True, False])


def every_order():
    """All orders in which ties could be broken, as the positives in rank order."""
    groups = [np.flatnonzero(value == TIED) for value in (3.0, 2.0, 1.0)]
    for first in permutations(groups[0]):
        for second in permutations(groups[1]):
            for third in permutations(groups[2]):
                yield POSITIVE[[*first, *second, *third]]


def precision_of(order):
    ranks = np.flatnonzero(order) + 1
    return float(np.mean(np.arange(1, ranks.size + 1) / ranks))


def test_average_precision_is_the_mean_over_every_way_to_break_ties():
    assert average_precision(TIED, POSITIVE) == pytest.approx(np.mean([precision_of(order) for order in every_order()]))


def test_precision_at_k_is_the_mean_over_every_way_to_break_ties():
    expected = np.mean([order[:3].mean() for order in every_order()])
    assert precision_at(3, TIED, POSITIVE) == pytest.approx(expected)


def test_a_ranking_shorter_than_k_is_filled_up_with_negatives():
    assert precision_at(10, TIED, POSITIVE) == pytest.approx(0.3)


def test_auc_counts_ties_half():
    pairs = [
        1.0 if TIED[i] > TIED[j] else 0.5 if TIED[i] == TIED[j] else 0.0
        for i in np.flatnonzero(POSITIVE)
        for j in np.flatnonzero(~POSITIVE)
    ]
    assert auc(TIED, POSITIVE) == pytest.approx(np.mean(pairs))


def test_a_perfect_ranking_has_precision_one():
    assert average_precision(np.array([2.0, 1.0, 0.0]), np.array([True, True, False])) == 1.0


def test_the_limits_hold_the_mean_between_them():
    mean, low, high = mean_with_limits(np.array([0.1, 0.2, -0.1, 0.4, 0.0]))
    assert low < mean < high


def test_resampling_topics_gives_the_same_limits_again():
    differences = np.array([0.1, 0.2, -0.1, 0.4, 0.0])
    assert mean_with_limits(differences) == mean_with_limits(differences)
