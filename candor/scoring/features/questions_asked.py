"""Questions asked: does the account want to know?"""

from __future__ import annotations

from candor.scoring.features.feature import FeatureFacts, French, counts_of

FACTS = FeatureFacts(
    id="questions_asked",
    label="Questions asked",
    question="Does the account ask about the topic?",
    formula="questions of its own on the topic, half-life 90 days",
    unit="questions",
    needs="a network where questions are told apart",
    evidence="the account's questions on the topic",
    weaknesses=("on networks without questions it is always 0",),
    source="asking as interest, not expertise: Zhang, Ackerman & Adamic 2007",
)
FRENCH = French(
    label="Questions posées",
    question="Le compte pose-t-il des questions sur le sujet ?",
    formula="ses propres questions sur le sujet, demi-vie 90 jours",
    unit="questions",
    needs="un réseau où l'on distingue les questions",
    evidence="les questions du compte sur le sujet",
    weaknesses=("sur les réseaux sans questions, c'est toujours 0",),
    source=("demander marque l'intérêt, pas l'expertise : Zhang, Ackerman et Adamic 2007"),
)
FEATURE = counts_of("question", facts=FACTS, french=FRENCH)
