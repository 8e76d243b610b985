"""Likes given: does the account approve of posts on the topic?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from candor.scoring.features.facts import FeatureFacts
from candor.scoring.intervals import count_limits

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from candor.scoring.interest import OwnActs

    Floats = NDArray[np.float64]

FACTS = FeatureFacts(
    id="likes_given",
    label="Likes given",
    question="Does the account approve of posts on the topic?",
    formula="likes it gave to posts on the topic, half-life 90 days",
    unit="likes",
    needs="a network that shows likes given",
    evidence="the account's likes of posts on the topic",
    weaknesses=("a like is cheap",),
    source="own acts only; control points chosen on two communities",
)


def measure(own: OwnActs, _z: float) -> tuple[Floats, Floats, Floats]:
    """Return the raw value and its 90 % limits, in likes, by subject."""
    return own.likes, *count_limits(own.likes)
