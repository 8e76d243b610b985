"""Recent recognition: is the account's help still used today?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from candor.scoring.features.feature import ExpertiseFeature, FeatureFacts, French

if TYPE_CHECKING:
    from candor.scoring.arrays import Floats
    from candor.scoring.evidence import Evidence


FACTS = FeatureFacts(
    id="still_recognised",
    label="Recent recognition",
    question="Is this account's help still used today?",
    formula=(
        "√(A·min(R, 30·A)), with R the voices on all topics, half-life 90 days; 0 without help here; R "
        "is bounded as A is"
    ),
    unit="voices",
    needs="acknowledged help, and recognition on any topic in the last months",
    evidence="each person's recent acts of recognition, whatever their topic",
    weaknesses=("recognition on other topics can raise it, by less than its weight and only where A is above 0",),
    source=("recent activity predicts later recognition: measured on travel.stackexchange.com"),
)
FRENCH = French(
    label="Reconnaissance récente",
    question="Son aide est-elle encore utilisée aujourd'hui ?",
    formula=(
        "√(A·min(R, 30·A)), où R est le total des soutiens sur tous les sujets, demi-vie 90 jours ; 0 sans aide ici ; "
        "R est borné comme A"
    ),
    unit="soutiens",
    needs="une aide reconnue, et de la reconnaissance sur n'importe quel sujet ces derniers mois",
    evidence="les actes récents de reconnaissance de chacun, quel que soit le sujet",
    weaknesses=(
        ("la reconnaissance sur d'autres sujets peut l'élever, de moins que son poids et seulement si A dépasse 0"),
    ),
    source=("une activité récente annonce la reconnaissance à venir : mesuré sur travel.stackexchange.com"),
)


def measure(evidence: Evidence) -> Floats:
    """Return √(A·min(R, 30·A)), in voices, by subject."""
    a, most = evidence.totals.on_topic, evidence.method.voice.recent_to_topic
    return np.sqrt(a * np.minimum(evidence.totals.recent, most * a))


FEATURE = ExpertiseFeature(facts=FACTS, french=FRENCH, measure=measure, scope="recent")
