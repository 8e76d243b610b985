"""Texts eight bytes at a time: their order within groups is that of Python, their hashes are those of their bytes."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from candor.store.table_merge import joined_texts
from candor.store.text_words import hashed, order_in_groups

TEXTS = st.text(alphabet="ab\0\u00e9\U0001f600", max_size=20).map(lambda end: f"begin-{end}")


@given(st.lists(st.tuples(st.integers(0, 3), TEXTS)).map(sorted), st.randoms())
def test_texts_stand_in_their_groups_in_the_order_of_python(rows, random):
    shuffled = sorted(rows, key=lambda row: (row[0], random.random()))
    groups, texts = [group for group, _ in shuffled], [text for _, text in shuffled]
    order = order_in_groups(np.array(groups, np.int64), joined_texts(texts), np.arange(len(rows)))
    assert [shuffled[at] for at in order.tolist()] == rows


@given(st.lists(TEXTS, unique=True))
def test_a_text_has_one_hash_wherever_it_stands(texts):
    there, back = hashed(joined_texts(texts), 1), hashed(joined_texts(texts[::-1]), 1)[::-1]
    assert (there == back).all()
    assert len(set(there.tolist())) == len(texts)
