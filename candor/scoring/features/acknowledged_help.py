"""Acknowledged help: did people who count take up what this account gave, on this topic?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from candor.scoring.features.facts import FeatureFacts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from candor.scoring.method import VoiceRule
    from candor.scoring.totals import Totals

FACTS = FeatureFacts(
    id="acknowledged_help",
    label="Acknowledged help",
    question="Did people who count take up what this account gave, on this topic?",
    formula="A: the voices on the topic, the five largest counted half; endorsements no more than their posts allow; "
    "no more than those of the root allow on whose trust the voices rest",
    unit="voices",
    needs="recognition by people to whom the trust root gives standing",
    evidence="each person's acts of recognition on the topic",
    weaknesses=(
        "people who are recognised elsewhere look unknown here",
        "trusted people who collude can raise it; robustness says by how much",
        "nobody can have many voices under a root of few people",
    ),
    source="help given as the mark of expertise: Zhang, Ackerman & Adamic 2007; trust flow: Gyöngyi et al. 2004",
)


def measure(totals: Totals, _rule: VoiceRule) -> NDArray[np.float64]:
    """Return A, in voices, by subject."""
    return totals.on_topic
