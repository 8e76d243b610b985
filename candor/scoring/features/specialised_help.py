"""Specialised help: is this the account's field, or one of many?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from candor.scoring.features.feature import ExpertiseFeature, FeatureFacts, French
from candor.scoring.portable import quarter_power

if TYPE_CHECKING:
    from candor.scoring.arrays import Floats
    from candor.scoring.evidence import Evidence


FACTS = FeatureFacts(
    id="specialised_help",
    label="Specialised help",
    question="Is this the account's field, or one of many?",
    formula="A·((A+10)/(B+10))^0.75, where B adds the voices on other topics",
    unit="voices",
    needs="acknowledged help",
    evidence="the voices on the topic and on other topics",
    weaknesses=(
        "a polymath ranks lower on each field than a specialist of equal help",
        "what rests on one person is limited in A and not in B - A: help elsewhere weighs more where few are trusted",
        "whoever deletes posts on other topics raises it a little",
    ),
    source="focus as a mark of expertise: Adamic et al. 2008",
)
FRENCH = French(
    label="Aide spécialisée",
    question="Est-ce son domaine, ou un parmi d'autres ?",
    formula="A·((A+10)/(B+10))^0,75, où B ajoute les soutiens sur d'autres sujets",
    unit="soutiens",
    needs="une aide reconnue",
    evidence="les soutiens sur le sujet et sur les autres",
    weaknesses=(
        "qui aide dans de nombreux domaines a dans chacun une note plus basse qu'un spécialiste qui aide autant",
        (
            "ce qui repose sur une seule personne est limité dans A et non dans B - A, si bien que l'aide donnée "
            "ailleurs pèse davantage quand les personnes de confiance sont peu nombreuses"
        ),
        "qui efface ses messages sur d'autres sujets l'augmente un peu",
    ),
    source="la spécialité comme marque de l'expertise : Adamic et al. 2008",
)


def measure(evidence: Evidence) -> Floats:
    """Return A·((A+10)/(B+10))^0.75, in voices, by subject."""
    totals, rule = evidence.totals, evidence.method.voice
    share = (totals.on_topic + rule.specialist_prior) / (totals.all_topics + rule.specialist_prior)
    return np.asarray(totals.on_topic * quarter_power(share, rule.specialist_power))


FEATURE = ExpertiseFeature(facts=FACTS, french=FRENCH, measure=measure)
