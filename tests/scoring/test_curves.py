"""The curve at its edges: nothing gives nothing, however close to nothing it is."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from candor.scoring.curves import count_limits, curve, in_points, millionths


@pytest.mark.parametrize("raw", [0.0, 5e-324, 1e-310])
def test_next_to_nothing_gives_nothing(raw: float) -> None:
    assert curve(raw, 8, 60) == pytest.approx(0.0, abs=1e-300)


def test_more_never_gives_less() -> None:
    values = [curve(step / 10, 8, 60) for step in range(1000)]
    assert values == sorted(values)


def test_limits_of_no_acts_are_the_same_for_one_as_among_others() -> None:
    alone, among = count_limits(np.zeros(1)), count_limits(np.array([0.0, 2.5]))
    assert [part.tobytes() for part in alone] == [part[:1].tobytes() for part in among]


@given(st.integers(0, 10**8), st.sampled_from((0.0, 5e-7, 4.999e-7, 5.001e-7, 2.5e-7)))
def test_millionths_are_those_of_the_shortest_text(count: int, beside: float) -> None:
    value = count / 1_000_000 + beside
    written = Decimal(repr(value)).quantize(Decimal("0.000001"), ROUND_HALF_EVEN)
    assert Decimal(millionths(value)) / 1_000_000 == written
    assert in_points(millionths(value)) == float(written)


@pytest.mark.parametrize(("value", "even"), [(1.0000005, 1_000_000), (0.0000015, 2), (64.1234565, 64_123_456)])
def test_a_tie_goes_to_the_even_whatever_its_binary_figure(value: float, even: int) -> None:
    assert millionths(value) == even
