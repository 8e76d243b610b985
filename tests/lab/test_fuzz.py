"""The fuzzer: it goes on until its time is over, and says with what seed something broke."""

from __future__ import annotations

import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab import fuzz
from lab.fuzz import ROUND, TARGETS


@ROUND
@given(st.integers())
def breaks(number: int) -> None:
    assert number < 1000


@ROUND
@given(st.just(0))
def holds(number: int) -> None:
    assert number == 0


def test_what_breaks_is_told_with_its_seed(monkeypatch):
    monkeypatch.setitem(TARGETS, "numbers", breaks)
    rounds, found = fuzz.by_hypothesis("numbers", time.monotonic() + 60)
    assert rounds == 0
    assert found.startswith("seed ")
    assert "Failing test case: breaks(" in found


def test_what_holds_is_tried_until_its_time_is_over(monkeypatch):
    monkeypatch.setitem(TARGETS, "numbers", holds)
    rounds, found = fuzz.by_hypothesis("numbers", time.monotonic() + 0.1)
    assert (rounds > 0, found) == (True, None)


def test_the_command_ends_with_one_when_something_broke(monkeypatch, capsys):
    monkeypatch.setitem(TARGETS, "numbers", breaks)
    monkeypatch.setattr(sys, "argv", ["fuzz", "numbers", "--minutes", "1"])
    assert fuzz.main() == 1
    assert "BROKE" in capsys.readouterr().out


def test_a_target_there_is_not_is_refused(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["fuzz", "nonsense"])
    with pytest.raises(SystemExit):
        fuzz.main()


def test_every_file_of_tests_that_is_tried_is_there():
    assert [tests for tests in fuzz.TESTS.values() if not tests.is_file()] == []
