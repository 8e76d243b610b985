"""Accuracy of one world in two figures: how well expertise finds whom a truth names, and how well a simple count."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from lab.baselines import BASELINES
from lab.cases import PLAIN, cases
from lab.metrics import average_precision

if TYPE_CHECKING:
    from lab.truth import Truth
    from scoring.world import World


class Accuracy(msgspec.Struct, frozen=True):
    """MAP of expertise (plain score) and of the best simple ranking, over `topics` topics."""

    topics: int
    expertise: float
    best_simple: float
    best_simple_name: str


def accuracy(world: World, truth: Truth) -> Accuracy | None:
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
    return Accuracy(len(found), expertise, by_ranking[best], best)
