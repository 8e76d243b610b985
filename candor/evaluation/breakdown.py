"""Breakdown: accuracy by the size of a topic and by how much people did, where one figure for all would hide it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from candor.evaluation.cases import PLAIN
from candor.evaluation.metrics import auc, average_precision
from candor.scoring.figures import ActivityBand, SizeBand

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from candor.evaluation.cases import Case

THIRDS = ("least", "middle", "most")


def by_size(found: Sequence[Case], simple: Sequence[str]) -> tuple[SizeBand, ...]:
    """Cut the topics into thirds by how many candidates they have; the smallest first."""
    ranked = sorted(found, key=lambda case: (case.positive.size, case.topic))
    places = np.array_split(np.arange(len(ranked)), len(THIRDS))
    return tuple(
        _of_size(third, [ranked[place] for place in some.tolist()], simple)
        for third, some in zip(THIRDS, places, strict=True)
        if some.size
    )


def _of_size(third: str, some: Sequence[Case], simple: Sequence[str]) -> SizeBand:
    means = {
        name: float(np.mean([average_precision(case.figures[name], case.positive) for case in some]))
        for name in (PLAIN, *simple)
    }
    best = max(simple, key=means.__getitem__)
    sizes = [case.positive.size for case in some]
    return SizeBand(third, len(some), min(sizes), max(sizes), means[PLAIN], means[best], best)


def by_activity(found: Sequence[Case]) -> tuple[ActivityBand, ...]:
    """Cut the candidates of each topic into thirds by how much they did there; AUC is a mean over topics."""
    rows = []
    for number, third in enumerate(THIRDS):
        inside = [_third(case, number) for case in found]
        both = [
            (case.figures[PLAIN][some], case.positive[some])
            for case, some in zip(found, inside, strict=True)
            if case.positive[some].any() and not case.positive[some].all()
        ]
        area = float(np.mean([auc(scores, positive) for scores, positive in both])) if both else None
        experts = sum(int(positive.sum()) for _, positive in both)
        rows.append(ActivityBand(third, len(both), experts, area))
    return tuple(rows)


def _third(case: Case, number: int) -> NDArray[np.int64]:
    order = np.argsort(case.activity, kind="stable")
    return np.array_split(order, len(THIRDS))[number]
