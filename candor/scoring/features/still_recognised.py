"""Still recognised: is the account taken up today as well?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from candor.scoring.features.facts import FeatureFacts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from candor.scoring.method import VoiceRule
    from candor.scoring.totals import Totals

FACTS = FeatureFacts(
    id="still_recognised",
    label="Still recognised",
    question="And are they still taken up today?",
    formula="√(A·min(R, 30·A)), with R the voices over all topics, half-life 90 days; 0 without help here; "
    "R is bounded as A is",
    unit="voices",
    needs="acknowledged help, and recognition on any topic in the last months",
    evidence="each person's recent acts of recognition, whatever their topic",
    weaknesses=("recognition on other topics can raise it, by less than its weight and only where A is above 0",),
    source="recent activity predicts later recognition: measured on travel.stackexchange.com, see docs/method.md",
)


def measure(totals: Totals, rule: VoiceRule) -> NDArray[np.float64]:
    """Return √(A·min(R, 30·A)), in voices, by subject."""
    a = totals.on_topic
    return np.sqrt(a * np.minimum(totals.recent, rule.recent_to_topic * a))
