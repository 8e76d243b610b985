"""The page on speed says what was measured last."""

from __future__ import annotations

import msgspec

from lab.speed.rows import Pair, RowFigures
from lab.speed.table import DOCUMENT, KEPT, KeptRows, written


def test_the_page_is_made_from_what_was_measured() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == written(msgspec.json.decode(KEPT.read_bytes(), type=KeptRows))


def test_a_row_gives_the_median_of_the_ratios_and_their_spread() -> None:
    measured = RowFigures.of([Pair(1.0, 2.0), Pair(2.0, 12.0), Pair(4.0, 12.0)], load_before=0.5)
    assert (measured.least, measured.ratio, measured.most, measured.rounds) == (2.0, 3.0, 6.0, 3)
