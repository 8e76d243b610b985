"""Robustness: how many points hang on few people, and how many corrupt ones could add."""

from __future__ import annotations

from typing import TYPE_CHECKING

from candor.scoring.document import Robustness
from candor.scoring.points import points_of
from candor.scoring.totals import add_up, at_most

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from candor.scoring.expertise import Judged
    from candor.scoring.method import Method, Profile
    from candor.scoring.totals import Heard, Totals
    from candor.scoring.world import World

BY_THEMSELVES = (
    "points that people of full standing who turn corrupt could add at most by what they do themselves, by how many "
    "they are; accounts for whom they vouch would add to it"
)
WHATEVER = (
    "points that people of the root who turn corrupt could add at most, whatever they do and through however many "
    "accounts, by how many they are; who of the root vouched for one of them, or for somebody who did, is one more. "
    "That they can make prominent who endorses the account is not counted"
)


def robustness(judged: Judged, world: World) -> Robustness:
    """Return how fragile the number is, in points."""
    given = (judged.heard, judged.totals, world.profile, world.method)
    return Robustness(
        largest_voice_points=float(points_of_largest(judged, world, people=1)),
        largest_five_points=float(points_of_largest(judged, world, people=world.method.voice.halved)),
        points_per_corrupt_standing=_floats(points_of_corrupt(*given)),
        note=BY_THEMSELVES if judged.heard.backing is None else WHATEVER,
    )


def points_of_largest(judged: Judged, world: World, people: int) -> Decimal:
    """Points that hang on the `people` largest voices on the topic: the score less what it is without them."""
    without = add_up(judged.quieter[people], world.method.voice)
    return points_of(judged.totals, world.profile, world.method) - points_of(without, world.profile, world.method)


def points_of_corrupt(heard: Heard, totals: Totals, profile: Profile, method: Method) -> dict[str, Decimal]:
    """Points that people who turn corrupt could add at most, by how many they are.

    Each is of the root and has as many voices as it likes; where everybody is trusted, each is what one can be at most.
    """

    def _with(people: int) -> Totals:
        if heard.backing is None or heard.recent_backing is None:
            return add_up(heard, method.voice, people)
        return at_most(totals, heard.backing, heard.recent_backing, method.voice, people)

    before = points_of(totals, profile, method)
    return {
        str(people): points_of(_with(people), profile, method) - before for people in method.robustness.corrupt_people
    }


def _floats(points: Mapping[str, Decimal]) -> dict[str, float]:
    return {name: float(value) for name, value in points.items()}
