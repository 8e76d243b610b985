"""The curve at its edges: nothing gives nothing, however close to nothing it is."""

from __future__ import annotations

import pytest

from candor.scoring.curves import curve


@pytest.mark.parametrize("raw", [0.0, 5e-324, 1e-310])
def test_next_to_nothing_gives_nothing(raw: float) -> None:
    assert curve(raw, 8, 60) == pytest.approx(0.0, abs=1e-300)


def test_more_never_gives_less() -> None:
    values = [curve(step / 10, 8, 60) for step in range(1000)]
    assert values == sorted(values)
