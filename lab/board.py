"""Everybody's expertise on one topic at once: score, lower limit and status, over the shared flow of standing.

Nobody's vouches are left out (a document leaves out the scored account's own); all else is the method as it stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr

from scoring.columns import NOBODY
from scoring.credit import sum_by
from scoring.curves import NORMAL_Q90
from scoring.expertise import Support, status_of
from scoring.features import EXPERTISE
from scoring.hearing import hear
from scoring.intervals import sum_limits
from scoring.totals import Totals, add_up

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scoring.document import ExpertiseStatus
    from scoring.method import Method, Profile
    from scoring.totals import Heard
    from scoring.world import View, World

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Board:
    """One row a subject: score and lower limit in points, and who is behind them."""

    score: Floats
    low: Floats
    support: tuple[Support, ...]

    def statuses(self, world: World) -> list[ExpertiseStatus]:
        """Return each subject's status under the world's root."""
        return [status_of(world.root.kind, support, world.method, withheld=None) for support in self.support]


def board(world: World, subjects: Ints, topic: int, view: View | None = None) -> Board:
    """Score `subjects` (ascending person numbers) on the topic under the world's root, seen by nobody in particular."""
    heard = hear(world, subjects, topic, view or world.view(world.columns.person_of[NOBODY]))
    totals = add_up(heard, world.method.voice)
    low = sum_limits(totals.on_topic, totals.n_effective)[0]
    held = Totals(low, low, np.zeros(low.size), totals.other, totals.recent, totals.n_effective, totals.n_recent)
    return Board(
        score=points(totals, world.profile, world.method),
        low=points(held, world.profile, world.method),
        support=_supports(heard, world.method),
    )


def points(totals: Totals, profile: Profile, method: Method) -> Floats:
    """Return the scores of all subjects, without the rounding of a document."""
    score = np.zeros(totals.help.size)
    for feature in EXPERTISE:
        p50, p90 = method.control_points[feature.FACTS.id]
        raw = feature.measure(totals, method.voice)
        with np.errstate(divide="ignore"):
            deviation = np.log(raw / p50) * NORMAL_Q90 / np.log(p90 / p50)
        score += profile.expertise[feature.FACTS.id] * ndtr(deviation)
    return score


def _supports(heard: Heard, method: Method) -> tuple[Support, ...]:
    voices = heard.on_topic
    trusted = voices.standing >= method.status.standing_each
    people = np.bincount(voices.subject, minlength=heard.subjects)
    with_standing = np.bincount(voices.subject[trusted], minlength=heard.subjects)
    standing = sum_by(voices.subject, np.where(trusted, voices.standing, 0.0), heard.subjects)
    rows = zip(people.tolist(), with_standing.tolist(), standing.tolist(), strict=True)
    return tuple(Support(*row) for row in rows)
