"""Accuracy of one world in two figures: how well expertise finds whom a truth names, and how well a simple count."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from candor.evaluation.baselines import BASELINES
from candor.evaluation.cases import PLAIN, cases
from candor.evaluation.metrics import average_precision
from candor.scoring.figures import MeanAccuracy

if TYPE_CHECKING:
    from candor.evaluation.truth import Truth
    from candor.scoring.world import World


def accuracy(world: World, truth: Truth) -> MeanAccuracy | None:
    """Measure the world's topics; None where no topic has an expert and five others."""
    found = list(cases(world, truth, "all", 1))
    if not found:
        return None
    by_ranking = {
        name: float(np.mean([average_precision(case.figures[name], case.positive) for case in found]))
        for name in (PLAIN, *(name for name, _ in BASELINES))
    }
    expertise = by_ranking.pop(PLAIN)
    best = max(by_ranking, key=by_ranking.__getitem__)
    return MeanAccuracy(len(found), expertise, by_ranking[best], best)
