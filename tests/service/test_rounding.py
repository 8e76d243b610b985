"""Rounding: what is shown of parts adds up to the sum that is shown beneath them."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.drawing.waterfall import rounded_to_sum

POINTS = st.lists(st.floats(min_value=0, max_value=100).map(lambda value: round(value, 6)), max_size=12)


def test_what_is_lost_in_most_parts_is_given_to_those_that_lose_most():
    assert rounded_to_sum([1.004, 1.004, 1.003], 2) == [1.01, 1.0, 1.0]


def test_a_part_without_points_is_given_none():
    assert rounded_to_sum([0.0, 0.334, 0.333, 0.333], 2) == [0.0, 0.34, 0.33, 0.33]


@given(POINTS)
@example([0.005])
def test_rounded_parts_add_up_to_the_rounded_sum_and_each_is_nearly_itself(values):
    rounded = rounded_to_sum(values, 2)
    assert sum(rounded) == pytest.approx(round(sum(values), 2), abs=1e-6)
    assert all(abs(one - value) < 0.01 + 1e-9 for one, value in zip(rounded, values, strict=True))
    assert [one for one, value in zip(rounded, values, strict=True) if value == 0 and one != 0] == []
