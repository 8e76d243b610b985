"""Reshares made: does the account pass posts on the topic on?"""

from __future__ import annotations

from candor.scoring.features.feature import FeatureFacts, French, counts_of

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
    unit="partages",
    needs="un réseau qui montre les partages",
    evidence="les partages du compte sur le sujet",
    weaknesses=("un partage ne coûte rien",),
    source=("ses propres actes seulement ; points de contrôle choisis sur deux communautés"),
)
FEATURE = counts_of("reshare", facts=FACTS, french=FRENCH)
