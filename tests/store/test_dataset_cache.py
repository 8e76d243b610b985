"""What is made of data sets and kept in memory: while they stay as they are, are asked of, and there is room."""

from __future__ import annotations

import numpy as np
import pytest

from candor.store import dataset_cache
from candor.store.dataset_cache import LONGEST_IDLE_S, MEBIBYTE, DatasetCache, array_bytes

A, B, C = ("ada", "a"), ("ada", "b"), ("ada", "c")


def array_of(megabytes: int) -> np.ndarray:
    return np.zeros(megabytes * MEBIBYTE, np.uint8)


def test_what_was_made_of_a_data_set_before_it_changed_is_not_returned_again() -> None:
    cache: DatasetCache[str] = DatasetCache(1)
    cache.put(A, 1, "first")
    assert (cache.get(A, 1), cache.get(A, 2), cache.get(A, 1)) == ("first", None, None)


@pytest.mark.parametrize(("spare", "left"), [(0, 0), (1, 1)])
def test_what_is_larger_than_the_limit_is_kept_only_where_it_is_spared(spare: int, left: int) -> None:
    cache: DatasetCache[np.ndarray] = DatasetCache(1)
    cache.put(A, 1, array_of(2))
    cache.put(B, 1, array_of(2))
    cache.drop_beyond_limit(spare=spare)
    assert (len(cache), cache.get(A, 1)) == (left, None)


def test_what_surely_fits_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[object] = []
    monkeypatch.setattr(dataset_cache, "array_bytes", lambda made: measured.append(made) or 2 * MEBIBYTE)
    for at_most, left in ((MEBIBYTE, 1), (MEBIBYTE + 1, 0)):
        cache: DatasetCache[str] = DatasetCache(1, at_most=lambda _, bound=at_most: bound)
        cache.put(A, 1, "small")
        cache.drop_beyond_limit(spare=0)
        assert (len(cache), len(measured)) == (left, 1 - left)


def test_what_was_asked_of_longest_ago_makes_room_for_the_rest() -> None:
    cache: DatasetCache[np.ndarray] = DatasetCache(2)
    for name in (A, B, C):
        cache.put(name, 1, array_of(1))
    cache.get(A, 1)
    cache.drop_beyond_limit(spare=0)
    assert [cache.get(name, 1) is not None for name in (A, B, C)] == [True, False, True]


def test_what_nobody_asked_of_for_long_is_forgotten_and_the_rest_is_not() -> None:
    now_s = [0.0]
    cache: DatasetCache[str] = DatasetCache(1, monotonic_s=lambda: now_s[0])
    cache.put(A, 1, "old")
    now_s[0] = LONGEST_IDLE_S
    cache.put(B, 1, "new")
    now_s[0] += 1
    cache.drop_idle()
    assert (cache.get(A, 1), cache.get(B, 1)) == (None, "new")
    now_s[0] += LONGEST_IDLE_S + 1
    assert (cache.put(C, 1, "newest"), len(cache)) == ("newest", 1)


def test_memory_is_that_of_arrays_each_counted_once_and_not_of_files(tmp_path) -> None:
    whole = np.zeros(1_000)
    path = tmp_path / "mapped"
    path.write_bytes(bytes(8_000))
    mapped = np.asarray(np.memmap(path, np.float64, "r"))
    assert array_bytes([whole, {"half": whole[:500]}, lambda: whole, (mapped, mapped[1:])]) == whole.nbytes
