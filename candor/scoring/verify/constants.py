"""The constants of the method that verify recomputes by, as documents refer to it by `method.version`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Constants:
    """Half-lives in days; what a voice is worth; what a status needs; strengths, weights and control points."""

    half_life_days: float
    recent_half_life_days: float
    most: float
    half_at: float
    halved: int
    help_reciprocity: float
    soft_reciprocity: float
    prominence_floor: float
    prominence_half_at: float
    post_cap: float
    recent_to_topic: float
    specialist_prior: float
    seed_cap: float
    people: int
    standing_each: float
    standing_sum: float
    own_acts: int
    level: float
    z: float
    corrupt_people: tuple[int, ...]
    strengths: Mapping[str, float]
    soft_kinds: tuple[str, ...]
    control_points: Mapping[str, tuple[float, float]]
    expertise: Mapping[str, Mapping[str, float]]
    interest: Mapping[str, Mapping[str, float]]


_QUIET = {"activity_share": 40, "active_weeks": 30, "questions_asked": 15, "conversation": 15}

VERSION = "1.3.0"
CONSTANTS = Constants(
    half_life_days=730,
    recent_half_life_days=90,
    most=3,
    half_at=2,
    halved=5,
    help_reciprocity=0.5,
    soft_reciprocity=2,
    prominence_floor=0.1,
    prominence_half_at=3,
    post_cap=0.25,
    recent_to_topic=30,
    specialist_prior=10,
    seed_cap=1,
    people=5,
    standing_each=0.01,
    standing_sum=2,
    own_acts=10,
    level=0.9,
    z=1.645,
    corrupt_people=(1, 2, 5),
    strengths={
        "accepted": 1,
        "reviewed": 1,
        "fixed": 1,
        "consulted": 0.7,
        "took": 0.5,
        "tested": 0.5,
        "thanked": 0.5,
        "voted": 0.5,
        "listed": 0.5,
        "replied": 0.3,
        "endorsed": 0.1,
    },
    soft_kinds=("listed", "endorsed"),
    control_points={
        "acknowledged_help": (12, 110),
        "specialised_help": (12, 110),
        "still_recognised": (12, 110),
        "activity_share": (0.10, 0.40),
        "active_weeks": (8, 30),
        "questions_asked": (2, 8),
        "conversation": (5, 25),
        "likes_given": (8, 50),
        "reshares_made": (4, 25),
    },
    expertise={
        "qa": {"acknowledged_help": 40, "specialised_help": 20, "still_recognised": 40},
        "forum": {"acknowledged_help": 30, "specialised_help": 70, "still_recognised": 0},
        "microblog": {"acknowledged_help": 50, "specialised_help": 50, "still_recognised": 0},
    },
    interest={
        "qa": _QUIET,
        "forum": _QUIET,
        "microblog": {
            "activity_share": 30,
            "active_weeks": 20,
            "questions_asked": 10,
            "conversation": 10,
            "likes_given": 15,
            "reshares_made": 15,
        },
    },
)
