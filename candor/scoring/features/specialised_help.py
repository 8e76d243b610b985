"""Specialised help: is this the account's field, or one of many?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from candor.scoring.features.facts import FeatureFacts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from candor.scoring.method import VoiceRule
    from candor.scoring.totals import Totals

FACTS = FeatureFacts(
    id="specialised_help",
    label="Specialised help",
    question="Is this the account's field, or one of many?",
    formula="A·√((A+10)/(B+10)), where B adds what others took up on other topics",
    unit="voices",
    needs="acknowledged help",
    evidence="the voices on the topic and on other topics",
    weaknesses=(
        "a polymath ranks lower on each field than a specialist of equal help",
        "the root bounds A and not B - A, so help elsewhere weighs more under a root of few people",
    ),
    source="focus as a mark of expertise: Adamic et al. 2008; it divides what others gave, so silence gains nothing",
)


def measure(totals: Totals, rule: VoiceRule) -> NDArray[np.float64]:
    """Return A·√((A+10)/(B+10)), in voices, by subject."""
    a, prior = totals.on_topic, rule.specialist_prior
    return a * np.sqrt((a + prior) / (totals.all_topics + prior))
