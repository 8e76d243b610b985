"""The published constants, copied from the text of the method and not from scoring/methods: a slip there shows."""

from __future__ import annotations

from dataclasses import dataclass

HALF_LIFE_DAYS = 730
RECENT_HALF_LIFE_DAYS = 90
YEAR_DAYS = 365

_STRENGTH = {
    "accepted": 1.0,
    "reviewed": 1.0,
    "fixed": 1.0,
    "took": 0.5,
    "tested": 0.5,
    "thanked": 0.5,
    "replied": 0.3,
    "consulted": 0.7,
    "listed": 0.5,
    "endorsed": 0.2,
    "voted": 0.5,
}
KINDS = tuple(_STRENGTH)
SOFT = ("listed", "endorsed")
VOUCHES = ("accepted", "reviewed", "fixed", "endorsed", "listed")
BOOKED = ("took", "voted")  # booked on somebody who did not do them

EXPERTISE_WEIGHTS = {
    "qa": {"acknowledged_help": 40, "specialised_help": 20, "still_recognised": 40},
    "forum": {"acknowledged_help": 30, "specialised_help": 70, "still_recognised": 0},
    "microblog": {"acknowledged_help": 50, "specialised_help": 50, "still_recognised": 0},
}

_LOUD = {
    "activity_share": 30,
    "active_weeks": 20,
    "questions_asked": 10,
    "conversation": 10,
    "likes_given": 15,
    "reshares_made": 15,
}
_QUIET = {"activity_share": 40, "active_weeks": 30, "questions_asked": 15, "conversation": 15}
INTEREST_WEIGHTS = {"qa": _QUIET, "forum": _QUIET, "microblog": _LOUD}
INTEREST_POINTS = {
    "activity_share": (0.10, 0.40),
    "active_weeks": (8, 30),
    "questions_asked": (2, 8),
    "conversation": (5, 25),
    "likes_given": (8, 50),
    "reshares_made": (4, 25),
}
OWN_ACTS = (
    "note",
    "question",
    "answer",
    "reply",
    "quote",
    "reshare",
    "accept",
    "review",
    "test",
    "report",
    "list",
    "like",
)


@dataclass(frozen=True)
class Version:
    """What differs between versions; `points` are of expertise.

    `most_unproven` is None where trust takes no time, `most_a_backer` where it is not asked whose trust voices rest on.
    """

    strength: dict[str, float]
    passed_on: float
    least_outdegree: int
    answers_vouch: bool
    most_a_post: float
    standing_sum: float
    most_unproven: float | None = None
    points: tuple[float, float] = (8, 60)
    rounds: int = 40
    most_a_backer: float | None = None


VERSIONS = {
    "1.0.0": Version(_STRENGTH, 0.5, 10, answers_vouch=False, most_a_post=0.5, standing_sum=3),
    "1.1.0": Version(
        _STRENGTH | {"endorsed": 0.1},
        0.7,
        5,
        answers_vouch=True,
        most_a_post=0.25,
        standing_sum=2,
        most_unproven=1.5,
    ),
    "1.2.0": Version(
        _STRENGTH | {"endorsed": 0.1},
        0.7,
        5,
        answers_vouch=True,
        most_a_post=0.25,
        standing_sum=2,
        points=(22, 280),
    ),
    "1.3.0": Version(
        _STRENGTH | {"endorsed": 0.1},
        0.85,
        5,
        answers_vouch=True,
        most_a_post=0.25,
        standing_sum=2,
        points=(12, 110),
        rounds=2,
        most_a_backer=1,
    ),
}
PROVEN_DAYS = 180
