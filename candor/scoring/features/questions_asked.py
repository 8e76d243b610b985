"""Questions asked: does the account want to know?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from candor.scoring.curves import count_limits
from candor.scoring.features.feature import FeatureFacts, French, InterestFeature

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from candor.scoring.interest import OwnActs

    Floats = NDArray[np.float64]

TYPES = ("question",)

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
FRENCH = French(
    label="Questions posées",
    question="Le compte veut-il savoir ?",
    formula="ses propres questions sur le sujet, demi-vie 90 jours",
    needs="un réseau où l'on distingue les questions",
    evidence="les questions du compte sur le sujet",
    weaknesses=("sur les réseaux sans questions, c'est toujours 0",),
    source=("demander marque l'intérêt, pas l'expertise : Zhang, Ackerman et Adamic 2007"),
)


def measure(own: OwnActs) -> tuple[Floats, Floats, Floats]:
    """Return the raw value and its 90 % limits, in questions, by subject."""
    count = own.count(*TYPES)
    return count, *count_limits(count)


FEATURE = InterestFeature(facts=FACTS, french=FRENCH, measure=measure, types=TYPES)
