"""Acknowledged help: did people who count take up what this account gave, on this topic?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from candor.scoring.features.feature import ExpertiseFeature, FeatureFacts, French

if TYPE_CHECKING:
    from candor.scoring.arrays import Floats
    from candor.scoring.evidence import Evidence


FACTS = FeatureFacts(
    id="acknowledged_help",
    label="Acknowledged help",
    question="Did trusted people use this account's help on this topic?",
    formula=(
        "A: the voices on the topic; endorsements no more than their posts allow; no more than may rest on each of the "
        "trusted people from whom the voices come"
    ),
    unit="voices",
    needs="recognition by trusted people, or by those they vouch for",
    evidence="each person's acts of recognition on the topic",
    weaknesses=(
        "people who are recognised elsewhere look unknown here",
        "trusted people who collude can raise it; robustness says by how much",
        "a few trusted people make a rough figure: what each of them does weighs much",
    ),
    source="help given as the mark of expertise: Zhang, Ackerman & Adamic 2007; trust flow: Gyöngyi et al. 2004",
)
FRENCH = French(
    label="Aide reconnue",
    question="Des personnes de confiance ont-elles utilisé son aide sur ce sujet ?",
    formula=(
        "A : les soutiens sur le sujet ; les partages pas plus que leurs messages ne le permettent ; pas plus que ce "
        "qui peut reposer sur chacune des personnes de confiance dont viennent ces soutiens"
    ),
    unit="soutiens",
    needs="la reconnaissance de personnes de confiance, ou de celles dont elles se portent garantes",
    evidence="les actes de reconnaissance de chacun sur le sujet",
    weaknesses=(
        "qui est reconnu ailleurs paraît inconnu ici",
        "des personnes de confiance qui s'entendent peuvent l'élever ; la fragilité dit de combien",
        "peu de personnes de confiance donnent un chiffre approximatif : chacune pèse lourd",
    ),
    source=(
        "l'aide donnée comme marque de l'expertise : Zhang, Ackerman et Adamic 2007 ; "
        "la confiance qui se transmet : Gyöngyi et al. 2004"
    ),
)


def measure(evidence: Evidence) -> Floats:
    """Return A, in voices, by subject."""
    return evidence.totals.on_topic


FEATURE = ExpertiseFeature(facts=FACTS, french=FRENCH, measure=measure)
