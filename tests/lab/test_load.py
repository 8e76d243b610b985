"""The judgement of a load: what it takes to be as it should."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lab.load import LoadRun, evaluate

MOST = LoadRun(
    connections=64,
    seconds=10,
    status={"200": 900, "202": 100},
    broken=0,
    unexplained=0,
    p50_ms=1,
    p99_ms=2,
    jobs_created=100,
    jobs_ended=50,
    memory_mib=[100.0] * 8,
)
PAST = replace(MOST, status={"200": 850, "202": 50, "503": 4000})


def test_a_service_that_carries_half_and_refuses_the_rest_is_as_it_should_be():
    assert evaluate(MOST, MOST, PAST) == 0


def test_what_is_carried_for_ever_hangs_on_jobs_that_end():
    assert (MOST.per_second, MOST.carried_per_second) == (100, 50)


@pytest.mark.parametrize(
    ("half", "past", "words"),
    [
        (replace(MOST, broken=6), PAST, "only 99.40 % succeed"),
        (replace(MOST, status={"200": 994, "500": 6}), PAST, "only 99.40 % succeed"),
        (replace(MOST, memory_mib=[100.0] * 4 + [115.0] * 4), PAST, "memory grew by 15.0 %"),
        (MOST, replace(PAST, status={"200": 700, "503": 4000}), "only 70 % of the requests"),
        (MOST, replace(PAST, jobs_ended=35), "only 70 % of the jobs"),
        (MOST, replace(PAST, status={"200": 1000, "500": 1}), "['500'] beside refusals"),
        (MOST, replace(PAST, unexplained=1), "say not when to come back"),
    ],
)
def test_whatever_is_not_is_said(capsys, half, past, words):
    assert evaluate(MOST, half, past) == 1
    assert words in capsys.readouterr().out
