"""Questions asked: does the account want to know?"""

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
    id="questions_asked",
    label="Questions asked",
    question="Does the account want to know?",
    formula="questions of its own on the topic, half-life 90 days",
    unit="questions",
    needs="a network where questions are told apart",
    evidence="the account's questions on the topic",
    weaknesses=("on networks without questions it is always 0",),
    source="asking as interest, not expertise: Zhang, Ackerman & Adamic 2007",
)


def measure(own: OwnActs, _z: float) -> tuple[Floats, Floats, Floats]:
    """Return the raw value and its 90 % limits, in questions, by subject."""
    return own.questions, *count_limits(own.questions)
