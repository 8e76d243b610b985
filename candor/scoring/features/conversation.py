"""Conversation: does the account talk with others about it?"""

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
    id="conversation",
    label="Conversation",
    question="Does the account talk with others about it?",
    formula="replies and answers it gave on the topic, half-life 90 days",
    unit="acts",
    needs="replies or answers",
    evidence="the account's replies and answers on the topic",
    weaknesses=("quarrelling counts like talking",),
    source="own acts only; control points chosen on two communities",
)


def measure(own: OwnActs, _z: float) -> tuple[Floats, Floats, Floats]:
    """Return the raw value and its 90 % limits, in acts, by subject."""
    return own.conversation, *count_limits(own.conversation)
