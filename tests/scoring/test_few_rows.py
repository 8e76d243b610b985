"""Short ways for few rows and for one subject: the same results as the long ones."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from candor.scoring.arrays import run_parallel
from candor.scoring.voices import counted


@given(st.lists(st.sampled_from((0.0, 0.5, 1.0, 1.5, 2.75)), max_size=12), st.integers(0, 6))
def test_voices_about_one_subject_count_as_beside_another(voices, halved):
    alone = counted(np.zeros(len(voices), np.int64), np.array(voices), halved)
    subjects = np.array([0] * len(voices) + [1], np.int64)
    assert counted(subjects, np.array([*voices, 1.0]), halved)[:-1].tolist() == alone.tolist()


@pytest.mark.parametrize(("rows", "apart"), [(200, False), (1_000_000, True)])
def test_threads_are_started_for_many_rows_only(rows, apart):
    here = threading.get_ident()
    assert [each != here for each in run_parallel(threading.get_ident, rows=rows)] == [apart]
