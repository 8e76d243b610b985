"""What 1.2.0 changes: points lie wider apart, so that five corrupt people are worth at most thirty of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from candor.scoring.method import load_method
from candor.scoring.points import points_of
from candor.scoring.totals import Totals
from candor.scoring.voices import counted

METHOD = load_method("1.2.0")
MOST = METHOD.voice.most
SOME = st.lists(st.floats(0, MOST), max_size=40)


def points(profile: str, voices: list[float], elsewhere: float = 0.0, of_late: float = 0.0) -> float:
    """The score of an account behind whom these voices stand, and so much off the topic and of late."""
    of_nobody = np.zeros(len(voices), np.int64)
    a = np.array([counted(of_nobody, np.array(voices, float), METHOD.voice.halved).sum()])
    totals = Totals(a, a, np.zeros(1), np.array([elsewhere]), np.array([of_late]), np.ones(1), np.ones(1))
    return float(points_of(totals, METHOD.profiles[profile], METHOD))


@given(SOME, st.floats(0, 1000))
@pytest.mark.parametrize("profile", ["forum", "microblog"])
def test_five_corrupt_people_add_at_most_thirty_points_to_anybody(
    profile: str, voices: list[float], elsewhere: float
) -> None:
    gained = points(profile, [*voices, *[MOST] * 5], elsewhere) - points(profile, voices, elsewhere)
    assert gained <= 30


def test_in_qa_they_add_as_much_to_somebody_unknown_and_more_to_somebody_known_elsewhere() -> None:
    assert points("qa", [MOST] * 5, of_late=7.5) <= 30
    assert points("qa", [MOST] * 5, of_late=1000.0) == pytest.approx(42.57, abs=0.01)
