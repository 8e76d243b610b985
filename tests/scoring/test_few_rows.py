"""Few rows are worked on where they are: starting threads would cost more."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from candor.scoring.arrays import run_parallel, sum_voices


@pytest.mark.parametrize(("rows", "apart"), [(200, False), (1_000_000, True)])
def test_threads_are_started_for_many_rows_only(rows, apart):
    here = threading.get_ident()
    assert [each != here for each in run_parallel(threading.get_ident, rows=rows)] == [apart]


@pytest.mark.parametrize("voices", [0, 1, 25, 99])
def test_voices_about_one_add_up_to_the_last_place_as_beside_those_about_another(voices):
    random = np.random.default_rng(voices)
    voice = random.random(voices) * 10.0 ** random.integers(-9, 3, voices)
    of_first = np.zeros(voices, np.int64)
    alone, beside = sum_voices(1, of_first, voice), sum_voices(2, of_first, voice)
    assert [part.tobytes() for part in alone] == [part[:1].tobytes() for part in beside]
