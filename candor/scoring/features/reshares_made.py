"""Reshares made: does the account pass posts on the topic on?"""

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
    id="reshares_made",
    label="Reshares made",
    question="Does the account pass posts on the topic on?",
    formula="reshares it made of posts on the topic, half-life 90 days",
    unit="reshares",
    needs="a network that shows reshares",
    evidence="the account's reshares of posts on the topic",
    weaknesses=("a reshare is cheap",),
    source="own acts only; control points chosen on two communities",
)


def measure(own: OwnActs, _z: float) -> tuple[Floats, Floats, Floats]:
    """Return the raw value and its 90 % limits, in reshares, by subject."""
    return own.reshares, *count_limits(own.reshares)
