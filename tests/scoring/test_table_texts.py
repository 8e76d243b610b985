"""Texts of a table: where some stand among all."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from candor.scoring import table
from candor.scoring.table import Texts

SOME = st.lists(st.text(alphabet="abé1\0", max_size=4), max_size=12)


@given(SOME, SOME, st.integers(1, 3))
def test_a_text_is_found_at_its_place_or_not_at_all(there, sought, at_once):
    there = list(dict.fromkeys(there))
    encoded = [text.encode() for text in there]
    ends = np.cumsum([len(text) for text in encoded], dtype=np.int64)
    texts = Texts(np.arange(len(there)), ends, np.frombuffer(b"".join(encoded), np.uint8))
    before, table._TEXTS_AT_ONCE = table._TEXTS_AT_ONCE, at_once
    try:
        found = texts.places_of(sought)
    finally:
        table._TEXTS_AT_ONCE = before
    assert found == {text: there.index(text) for text in sought if text in there}
