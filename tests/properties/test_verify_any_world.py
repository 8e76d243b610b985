"""Whatever the world: the numbers of its documents can be recomputed from the documents."""

from __future__ import annotations

import json

from hypothesis import given, settings

from candor.scoring.document import brief, encode
from candor.scoring.score import score
from candor.scoring.verify import verify
from properties.asking import METHOD
from properties.worlds import Setting, settings_drawn


@settings(max_examples=25, deadline=None)
@given(settings_drawn())
def test_the_numbers_of_any_document_meet(setting: Setting) -> None:
    for document in score(setting.activities, setting.question, METHOD):
        for shown in (document, brief(document)):
            assert verify(json.loads(encode(shown))) == []
