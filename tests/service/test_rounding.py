"""Rounding: what is shown of parts adds up to the sum that is shown beneath them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.drawing.waterfall import add_up

POINTS = st.lists(st.floats(min_value=0, max_value=100).map(lambda value: round(value, 6)), max_size=12)


def test_what_is_lost_in_most_parts_is_given_to_those_that_lose_most():
    assert add_up([1.004, 1.004, 1.003], 2) == [1.01, 1.0, 1.0]


def test_a_part_without_points_is_given_none():
    assert add_up([0.0, 0.334, 0.333, 0.333], 2) == [0.0, 0.34, 0.33, 0.33]


@given(POINTS)
def test_rounded_parts_add_up_to_the_rounded_sum_and_each_is_nearly_itself(values):
    rounded = add_up(values, 2)
    assert sum(rounded) == pytest.approx(round(sum(values), 2), abs=1e-6)
    assert all(abs(one - value) < 0.01 + 1e-9 for one, value in zip(rounded, values, strict=True))
    assert [one for one, value in zip(rounded, values, strict=True) if value == 0 and one != 0] == []
