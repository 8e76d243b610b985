"""Activity share: how much of what the account does is about the topic?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from candor.scoring.features.facts import FeatureFacts
from candor.scoring.intervals import wilson_limits

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from candor.scoring.interest import OwnActs

    Floats = NDArray[np.float64]

FACTS = FeatureFacts(
    id="activity_share",
    label="Activity share",
    question="How much of what the account does is about the topic?",
    formula="Wilson lower bound (z 1.645) of its own acts on the topic among all, each with a half-life of 90 days",
    unit="share",
    needs="acts of its own",
    evidence="the account's own acts",
    weaknesses=("a topic with few terms misses acts that are about it",),
    source="Wilson 1927",
)


def measure(own: OwnActs, z: float) -> tuple[Floats, Floats, Floats]:
    """Return the raw value (the lower bound) and the limits of the share, by subject."""
    low, high = wilson_limits(own.on_topic, own.all, z)
    return low, low, high
