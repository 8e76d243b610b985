"""Robustness: how many points hang on few people, and how many corrupt ones could add."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scoring.document import Robustness
from scoring.points import points_of
from scoring.totals import add_up
from scoring.voices import saturated

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from scoring.expertise import Judged
    from scoring.method import Method, Profile
    from scoring.totals import Heard, Totals
    from scoring.world import World

UPPER_BOUND = (
    "points that people of full standing who turn corrupt could add at most by what they do themselves, by how many "
    "they are; accounts for whom they vouch would add to it"
)


def robustness(judged: Judged, world: World) -> Robustness:
    """Return how fragile the number is, in points."""
    given = (judged.heard, judged.totals, world.profile, world.method)
    rush = points_in_a_rush(*given)
    return Robustness(
        largest_voice_points=float(points_of_largest(*given, people=1)),
        largest_five_points=float(points_of_largest(*given, people=5)),
        points_per_corrupt_standing=_floats(points_of_corrupt(*given)),
        points_in_a_rush=None if rush is None else _floats(rush),
        note=UPPER_BOUND,
    )


def points_of_largest(heard: Heard, totals: Totals, profile: Profile, method: Method, people: int) -> Decimal:
    """Points that hang on the `people` largest voices on the topic: the score less what it is without them."""
    order = np.lexsort((heard.on_topic.person, -heard.on_topic.voice))
    without = add_up(heard.without(heard.on_topic.person[order[:people]]), method.voice)
    return points_of(totals, profile, method) - points_of(without, profile, method)


def points_of_corrupt(
    heard: Heard, totals: Totals, profile: Profile, method: Method, worth: float | None = None
) -> dict[str, Decimal]:
    """Points that people of full standing who turn corrupt could add at most, by how many they are.

    Each is `worth` so many voices, or what one person can be at most.
    """
    before = points_of(totals, profile, method)
    return {
        str(people): points_of(add_up(heard, method.voice, people, worth), profile, method) - before
        for people in method.robustness.corrupt_people
    }


def points_in_a_rush(heard: Heard, totals: Totals, profile: Profile, method: Method) -> dict[str, Decimal] | None:
    """The same for what they could add before their word is proven; None where the method lets nothing take time."""
    most = method.voice.most_unproven
    if most is None:
        return None
    worth = float(saturated(np.array([most]), method.voice)[0])
    return points_of_corrupt(heard, totals, profile, method, worth)


def _floats(points: Mapping[str, Decimal]) -> dict[str, float]:
    return {name: float(value) for name, value in points.items()}
