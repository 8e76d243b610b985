"""Few rows are worked on where they are: starting threads would cost more."""

from __future__ import annotations

import threading

import pytest

from candor.scoring.arrays import run_parallel


@pytest.mark.parametrize(("rows", "apart"), [(200, False), (1_000_000, True)])
def test_threads_are_started_for_many_rows_only(rows, apart):
    here = threading.get_ident()
    assert [each != here for each in run_parallel(threading.get_ident, rows=rows)] == [apart]
