"""Conversation: does the account talk with others about it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from candor.scoring.curves import count_limits
from candor.scoring.features.feature import FeatureFacts, French, InterestFeature

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from candor.scoring.interest import OwnActs

    Floats = NDArray[np.float64]

TYPES = ("reply", "answer")

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
FRENCH = French(
    label="Conversation",
    question="Le compte en parle-t-il avec d'autres ?",
    formula="ses réponses et répliques sur le sujet, demi-vie 90 jours",
    needs="des réponses ou des répliques",
    evidence="les réponses et répliques du compte sur le sujet",
    weaknesses=("se quereller compte comme parler",),
    source=("ses propres actes seulement ; points de contrôle choisis sur deux communautés"),
)


def measure(own: OwnActs) -> tuple[Floats, Floats, Floats]:
    """Return the raw value and its 90 % limits, in acts, by subject."""
    count = own.count(*TYPES)
    return count, *count_limits(count)


FEATURE = InterestFeature(facts=FACTS, french=FRENCH, measure=measure, types=TYPES)
