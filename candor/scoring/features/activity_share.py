"""Activity share: how much of what the account does is about the topic?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from candor.scoring.curves import wilson_limits
from candor.scoring.features.feature import FeatureFacts, French, InterestFeature

if TYPE_CHECKING:
    from candor.scoring.arrays import Floats
    from candor.scoring.interest import OwnActs


FACTS = FeatureFacts(
    id="activity_share",
    label="Activity share",
    question="How much of what the account does is about the topic?",
    formula=("Wilson lower bound (z 1.645) of its own acts on the topic among all, each with a half-life of 90 days"),
    unit="share",
    needs="acts of its own",
    evidence="the account's own acts",
    weaknesses=("a topic with few terms misses acts that are about it",),
    source="Wilson 1927",
)
FRENCH = French(
    label="Part de l'activité",
    question="Quelle part de ce que fait le compte porte sur le sujet ?",
    formula=(
        "borne inférieure de Wilson (z 1,645) de ses propres actes sur le sujet parmi tous, chacun avec "
        "une demi-vie de 90 jours"
    ),
    unit="part",
    needs="des actes de sa part",
    evidence="les actes du compte lui-même",
    weaknesses=("un sujet de peu de termes manque des actes qui en parlent",),
    source=("Wilson 1927"),
)


def measure(own: OwnActs) -> tuple[Floats, Floats, Floats]:
    """Return the raw value (the lower bound) and the limits of the share, by subject."""
    low, high = wilson_limits(own.on_topic, own.all, own.z)
    return low, low, high


FEATURE = InterestFeature(facts=FACTS, french=FRENCH, measure=measure)
