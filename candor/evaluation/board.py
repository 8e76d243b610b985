"""Anybody's expertise on one topic at once: score, lower limit and status, over the shared flow of standing.

Nobody's vouches are left out (a document leaves out the scored account's own); all else is the method as it stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from candor.scoring.expertise import statuses, supports
from candor.scoring.hearing import hear
from candor.scoring.points import expertise_of_many
from candor.scoring.totals import add_up

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from candor.scoring.world import View, World

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Board:
    """One row a subject: score and limits in points, whatever its status."""

    score: Floats
    low: Floats
    high: Floats
    status: NDArray[np.str_]


def board(world: World, subjects: Ints, topic: int, view: View | None = None) -> Board:
    """Score `subjects` (ascending person numbers) on the topic under the world's root, seen by nobody in particular."""
    heard = hear(world, subjects, topic, view or world.shared_view)
    everybody = np.ones(subjects.size, np.bool_)
    numbers = expertise_of_many(add_up(heard, world.method.voice), everybody, world.profile, world.method)
    return Board(
        numbers.score, numbers.low, numbers.high, statuses(world.root.kind, supports(heard, world.method), world.method)
    )
