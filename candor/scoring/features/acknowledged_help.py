"""Acknowledged help: did people who count take up what this account gave, on this topic?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from candor.scoring.features.feature import ExpertiseFeature, FeatureFacts, French

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from candor.scoring.evidence import Evidence

    Floats = NDArray[np.float64]


FACTS = FeatureFacts(
    id="acknowledged_help",
    label="Acknowledged help",
    question="Did people who count take up what this account gave, on this topic?",
    formula=(
        "A: the voices on the topic, the five largest counted half; endorsements no more than their posts "
        "allow; no more than those of the root allow on whose trust the voices rest"
    ),
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
FRENCH = French(
    label="Aide reconnue",
    question="Des gens qui comptent ont-ils repris ce que ce compte a donné sur ce thème ?",
    formula=(
        "A : les voix sur le thème, les cinq plus grandes comptées pour moitié ; les partages pas plus "
        "que leurs messages ne le permettent ; pas plus que ne le permettent les personnes de la racine "
        "sur la confiance de qui les voix reposent"
    ),
    needs="d'être reconnu par des personnes à qui la racine de confiance donne du crédit",
    evidence="les actes de reconnaissance de chacun sur le thème",
    weaknesses=(
        "qui est reconnu ailleurs paraît inconnu ici",
        "des personnes de confiance qui s'entendent peuvent l'élever ; la fragilité dit de combien",
        "personne ne peut avoir beaucoup de voix sous une racine de peu de personnes",
    ),
)


def measure(evidence: Evidence) -> Floats:
    """Return A, in voices, by subject."""
    return evidence.totals.on_topic


FEATURE = ExpertiseFeature(facts=FACTS, french=FRENCH, measure=measure)
