"""Active weeks: does the account come back to the topic?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from candor.scoring.curves import count_limits
from candor.scoring.features.feature import FeatureFacts, French, InterestFeature

if TYPE_CHECKING:
    from candor.scoring.arrays import Floats
    from candor.scoring.interest import OwnActs


FACTS = FeatureFacts(
    id="active_weeks",
    label="Active weeks",
    question="Does the account come back to the topic, week after week?",
    formula="weeks among the last 52 with an act of its own on the topic; no decay",
    unit="weeks",
    needs="acts of its own in the last year",
    evidence="the account's own acts on the topic",
    weaknesses=("a scheduled post counts like a written one",),
    source="regularity against bursts; control points chosen on two communities",
)
FRENCH = French(
    label="Semaines actives",
    question="Le compte revient-il au sujet, semaine après semaine ?",
    formula="semaines, parmi les 52 dernières, avec un acte de sa part sur le sujet ; sans vieillissement",
    unit="semaines",
    needs="des actes de sa part depuis un an",
    evidence="les actes du compte lui-même sur le sujet",
    weaknesses=("un message programmé compte comme un message écrit",),
    source=("la régularité plutôt que les à-coups ; points de contrôle choisis sur deux communautés"),
)


def measure(own: OwnActs) -> tuple[Floats, Floats, Floats]:
    """Return the raw value and its 90 % limits, in weeks, by subject."""
    return own.weeks, *count_limits(own.weeks)


FEATURE = InterestFeature(facts=FACTS, french=FRENCH, measure=measure)
