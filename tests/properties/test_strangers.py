"""Invented accounts: five hundred without standing can do what they like."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from properties.acting import strangers_acts
from properties.asking import ask, tried
from properties.worlds import SEEDS, Setting, make_setting, random_pick, settings_drawn


def check_nothing_changes(setting: Setting, seed: int, strangers: int, each: int) -> None:
    """Every number of expertise is what it was, and no score comes to be."""
    before = ask(setting)
    after = ask(setting, strangers_acts(random_pick(seed), setting, strangers, each))
    for key, document in before.items():
        was, now = document.expertise, after[key].expertise
        for part in ("on_topic", "all_topics", "recent", "all_kinds", "help", "posts"):
            assert getattr(now.totals, part) == pytest.approx(getattr(was.totals, part), rel=1e-12, abs=1e-12)
        assert [f.contribution for f in now.features] == [f.contribution for f in was.features]
        assert now.score == was.score
        assert now.interval == was.interval


@tried(15)
@given(settings_drawn(declared=True), SEEDS, st.integers(1, 12))
def test_strangers_change_no_expertise(setting: Setting, seed: int, strangers: int) -> None:
    check_nothing_changes(setting, seed, strangers, 4)


@tried(2)
@given(SEEDS)
def test_five_hundred_strangers_change_no_expertise(seed: int) -> None:
    check_nothing_changes(make_setting(random_pick(seed), declared=True), seed + 1, 500, 3)
