"""Columns of uploads: what is made of many records in one go is what each of them says."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta, timezone

import numpy as np

from candor.scoring.columns import EPOCH, MICROSECOND
from candor.scoring.record_batch import microseconds_of
from candor.store.column_file import pieces

EAST = timezone(timedelta(hours=2))
TIMES = (
    datetime(2026, 10, 1, 12, tzinfo=UTC),
    datetime(2026, 10, 1, 12, 0, 0, 1, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(9998, 1, 1, 0, 0, 0, 351_199, tzinfo=UTC),
    datetime(2026, 10, 1, 12, tzinfo=EAST),
    datetime(2026, 10, 1, 12, 0, 0, 500_000, tzinfo=EAST),
)


def test_times_are_whole_microseconds_however_they_are_written():
    chance = random.Random(1)
    for size in (1, 2, 7, 40):
        for some in (TIMES[1:4], TIMES[:4], TIMES[4:], TIMES):
            times = [chance.choice(some) for _ in range(size)]
            found, in_utc = microseconds_of(times)
            assert found.tolist() == [(at - EPOCH) // MICROSECOND for at in times]
            assert in_utc is (EAST not in {at.tzinfo for at in times})


def test_times_that_are_together_as_long_as_others_are_told_apart():
    times = [TIMES[4]] * 5 + [TIMES[5]] * 2  # 5 of 28 bytes and 2 of 35 are 7 of 30
    found, in_utc = microseconds_of(times)
    assert (found.tolist(), in_utc) == ([(at - EPOCH) // MICROSECOND for at in times], False)


def test_chosen_texts_come_one_behind_the_other_short_or_long_in_order_or_not():
    chance = random.Random(2)
    for longest in (0, 9, 900):
        texts = [chance.randbytes(chance.randint(0, longest)) for _ in range(2_000)]
        size = np.array(list(map(len, texts)), np.int64)
        first = np.cumsum(size) - size
        data = np.frombuffer(b"".join(texts), np.uint8)
        for chosen in (range(2_000), range(500, 700), chance.choices(range(2_000), k=2_500), []):
            rows = np.array(chosen, np.int64)
            found = b"".join(piece.tobytes() for piece in pieces(data, first[rows], size[rows]))
            assert found == b"".join(texts[row] for row in chosen)
