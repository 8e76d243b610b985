"""Conversation: does the account talk with others about it?"""

from __future__ import annotations

from candor.scoring.features.feature import FeatureFacts, French, counts_of

FACTS = FeatureFacts(
    id="conversation",
    label="Conversation",
    question="Does the account reply to others on the topic?",
    formula="replies and answers it gave on the topic, half-life 90 days",
    unit="acts",
    needs="replies or answers",
    evidence="the account's replies and answers on the topic",
    weaknesses=("quarrelling counts like talking",),
    source="own acts only; control points chosen on two communities",
)
FRENCH = French(
    label="Conversation",
    question="Le compte répond-il à d'autres sur le sujet ?",
    formula="ses réponses et répliques sur le sujet, demi-vie 90 jours",
    unit="actes",
    needs="des réponses ou des répliques",
    evidence="les réponses et répliques du compte sur le sujet",
    weaknesses=("se quereller compte comme parler",),
    source=("ses propres actes seulement ; points de contrôle choisis sur deux communautés"),
)
FEATURE = counts_of("reply", "answer", facts=FACTS, french=FRENCH)
