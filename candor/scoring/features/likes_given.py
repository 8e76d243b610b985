"""Likes given: does the account approve of posts on the topic?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from candor.scoring.curves import count_limits
from candor.scoring.features.feature import FeatureFacts, French, InterestFeature

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from candor.scoring.interest import OwnActs

    Floats = NDArray[np.float64]

TYPES = ("like",)

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
FRENCH = French(
    label="Mentions j'aime données",
    question="Le compte approuve-t-il des messages sur le sujet ?",
    formula="les mentions j'aime données à des messages sur le sujet, demi-vie 90 jours",
    needs="un réseau qui montre les mentions j'aime données",
    evidence="les mentions j'aime du compte sur le sujet",
    weaknesses=("une mention j'aime ne coûte rien",),
    source=("ses propres actes seulement ; points de contrôle choisis sur deux communautés"),
)


def measure(own: OwnActs) -> tuple[Floats, Floats, Floats]:
    """Return the raw value and its 90 % limits, in likes, by subject."""
    count = own.count(*TYPES)
    return count, *count_limits(count)


FEATURE = InterestFeature(facts=FACTS, french=FRENCH, measure=measure, types=TYPES)
