"""The curve at its edges: nothing gives nothing, however close to nothing it is."""

from __future__ import annotations

import numpy as np
import pytest

from candor.scoring.curves import count_limits, curve


@pytest.mark.parametrize("raw", [0.0, 5e-324, 1e-310])
def test_next_to_nothing_gives_nothing(raw: float) -> None:
    assert curve(raw, 8, 60) == pytest.approx(0.0, abs=1e-300)


def test_more_never_gives_less() -> None:
    values = [curve(step / 10, 8, 60) for step in range(1000)]
    assert values == sorted(values)


def test_limits_of_no_acts_are_the_same_for_one_as_among_others() -> None:
    alone, among = count_limits(np.zeros(1)), count_limits(np.array([0.0, 2.5]))
    assert [part.tobytes() for part in alone] == [part[:1].tobytes() for part in among]
