"""Likes given: does the account approve of posts on the topic?"""

from __future__ import annotations

from candor.scoring.features.feature import FeatureFacts, French, counts_of

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
    unit="mentions j'aime",
    needs="un réseau qui montre les mentions j'aime données",
    evidence="les mentions j'aime du compte sur le sujet",
    weaknesses=("une mention j'aime ne coûte rien",),
    source=("ses propres actes seulement ; points de contrôle choisis sur deux communautés"),
)
FEATURE = counts_of("like", facts=FACTS, french=FRENCH)
