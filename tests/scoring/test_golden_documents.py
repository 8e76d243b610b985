"""Golden documents: whole answers, one per profile, guarded by a diff. `python -m tests.golden` rewrites them."""

from __future__ import annotations

import json
import random
from difflib import unified_diff

import pytest
from golden.communities import COMMUNITIES
from golden.documents import golden_text, place, scored, settled

from candor.scoring.document import encode
from candor.scoring.kinds import KINDS
from candor.scoring.method import load_method
from candor.scoring.score import score
from candor.scoring.trust_root import FACE_VALUE

PROFILES = tuple(load_method().profiles)


@pytest.mark.parametrize("profile", PROFILES)
def test_the_document_is_the_golden_one(profile: str) -> None:
    golden = place(profile).read_text(encoding="utf-8")
    made = settled(scored(profile)[0], golden)
    assert list(unified_diff(golden.splitlines(), made.splitlines(), "golden", "made", lineterm="", n=1)) == [], (
        "what scores say has changed: run `python -m tests.golden` and look at the diff"
    )


@pytest.mark.parametrize("profile", PROFILES)
def test_the_golden_text_is_the_document_but_for_white_space(profile: str) -> None:
    document = scored(profile)[0]
    assert json.loads(golden_text(document)) == json.loads(encode(document))


@pytest.mark.parametrize("profile", PROFILES)
def test_the_same_records_in_any_order_give_the_same_bytes(profile: str) -> None:
    records, question = COMMUNITIES[profile]()
    in_order = [encode(document) for document in score(records, question, load_method())]
    for seed in range(3):
        shuffled = random.Random(seed).sample(records, len(records))
        assert [encode(document) for document in score(shuffled, question, load_method())] == in_order


def test_the_communities_show_every_kind_of_recognition() -> None:
    documents = [document for profile in PROFILES for document in scored(profile)] + scored("qa", trust_root=FACE_VALUE)
    shown = {act.kind for document in documents for voice in document.expertise.evidence for act in voice.acts}
    assert shown == {kind.id for kind in KINDS}
