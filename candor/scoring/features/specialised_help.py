"""Specialised help: is this the account's field, or one of many?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from candor.scoring.features.feature import ExpertiseFeature, FeatureFacts, French

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from candor.scoring.evidence import Evidence

    Floats = NDArray[np.float64]


FACTS = FeatureFacts(
    id="specialised_help",
    label="Specialised help",
    question="Is this the account's field, or one of many?",
    formula="A·√((A+10)/(B+10)), where B adds the voices on other topics",
    unit="voices",
    needs="acknowledged help",
    evidence="the voices on the topic and on other topics",
    weaknesses=(
        "a polymath ranks lower on each field than a specialist of equal help",
        "the trust root limits A and not B - A, so help elsewhere weighs more where few people are trusted",
    ),
    source=("focus as a mark of expertise: Adamic et al. 2008; it divides what others gave, so silence gains nothing"),
)
FRENCH = French(
    label="Aide spécialisée",
    question="Est-ce son domaine, ou un parmi d'autres ?",
    formula="A·√((A+10)/(B+10)), où B ajoute les soutiens sur d'autres sujets",
    needs="une aide reconnue",
    evidence="les soutiens sur le sujet et sur les autres",
    weaknesses=(
        "un esprit universel est plus bas dans chaque domaine qu'un spécialiste d'aide égale",
        (
            "les personnes de confiance limitent A et non B - A, si bien que l'aide donnée ailleurs pèse "
            "davantage quand elles sont peu nombreuses"
        ),
    ),
)


def measure(evidence: Evidence) -> Floats:
    """Return A·√((A+10)/(B+10)), in voices, by subject."""
    totals, prior = evidence.totals, evidence.method.voice.specialist_prior
    return totals.on_topic * np.sqrt((totals.on_topic + prior) / (totals.all_topics + prior))


FEATURE = ExpertiseFeature(facts=FACTS, french=FRENCH, measure=measure)
