"""Reshares made: does the account pass posts on the topic on?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from candor.scoring.curves import count_limits
from candor.scoring.features.feature import FeatureFacts, French, InterestFeature

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from candor.scoring.interest import OwnActs

    Floats = NDArray[np.float64]

TYPES = ("reshare",)

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
FRENCH = French(
    label="Partages faits",
    question="Le compte fait-il passer des messages sur le sujet ?",
    formula="ses partages de messages sur le sujet, demi-vie 90 jours",
    needs="un réseau qui montre les partages",
    evidence="les partages du compte sur le sujet",
    weaknesses=("un partage ne coûte rien",),
    source=("ses propres actes seulement ; points de contrôle choisis sur deux communautés"),
)


def measure(own: OwnActs) -> tuple[Floats, Floats, Floats]:
    """Return the raw value and its 90 % limits, in reshares, by subject."""
    count = own.count(*TYPES)
    return count, *count_limits(count)


FEATURE = InterestFeature(facts=FACTS, french=FRENCH, measure=measure, types=TYPES)
