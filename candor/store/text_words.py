"""Texts eight bytes at a time, many at once: hashes of them, and their order where they stand in one group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from candor.scoring.arrays import changes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from candor.scoring.table import Texts

    Ints = NDArray[Any]
    Words = NDArray[np.uint64]

_TEXTS_AT_ONCE = 16_384  # what is made of them on the way stays in the cache of a processor
_WORD_BYTES = 8
_FACTOR = np.uint64(0x9E3779B97F4A7C15)


def order_in_groups(group: Ints, texts: Texts, places: Ints) -> Ints:
    """Return the order that sorts the texts at some places within their groups, which ascend already.

    Texts sort by their bytes, which is how Python sorts them.
    """
    order, begins = np.arange(places.size), changes(group)
    some, done = np.flatnonzero(~(begins & np.append(begins[1:], True))), 0
    if not some.size:
        return order
    first = np.where(places > 0, texts.end[places - 1], 0)
    size, words = texts.end[places] - first, _words_in(np.asarray(texts.data))
    group = np.cumsum(begins) - 1
    while some.size:
        rows = order[some]
        left = np.minimum(size[rows] - done, _WORD_BYTES)
        word = _first_bytes(words[first[rows] + done], left).byteswap()
        by = np.lexsort((left, word, group[some]))  # what ends here comes before what goes on with zeros
        order[some], left = rows[by], left[by]
        group[some] = same = np.cumsum(changes(group[some], word[by].view(np.int64), left)) - 1
        some, done = some[(np.bincount(same)[same] > 1) & (left == _WORD_BYTES)], done + _WORD_BYTES
    return order


def hashed(texts: Texts, seed: int) -> Words:
    """Return a hash of each text, never 0; who does not know the seed cannot make two the same."""
    pieces = [_hashed(texts, first, seed) for first in range(0, len(texts), _TEXTS_AT_ONCE)]
    return np.concatenate(pieces) if pieces else np.zeros(0, np.uint64)


def _hashed(texts: Texts, begin: int, seed: int) -> Words:
    ends = np.asarray(texts.end[begin : begin + _TEXTS_AT_ONCE], np.int64)
    start = int(texts.end[begin - 1]) if begin else 0
    data = np.asarray(texts.data[start : int(ends[-1])])
    words = _words_in(data)
    size = np.diff(ends, prepend=start)
    first = ends - size - start
    found = mixed(size.astype(np.uint64) ^ np.uint64(seed))
    for done, some in _longer(size):
        word = _first_bytes(words[first[some] + done], np.minimum(size[some] - done, _WORD_BYTES))
        found[some] = mixed((found[some] ^ word) * _FACTOR + np.uint64(seed))
    return np.maximum(found, np.uint64(1))


def _words_in(data: NDArray[np.uint8]) -> Words:
    """Return the eight bytes from each byte on as a number, the first the lowest; zeros stand behind the last."""
    padded = np.append(data, np.zeros(_WORD_BYTES, np.uint8))
    return np.ndarray((data.size + 1,), "<u8", padded, strides=(1,))


def _first_bytes(words: Words, count: Ints) -> Words:
    """Return words of which all but the first bytes, none to eight, are zero."""
    unused = (np.uint64(_WORD_BYTES) - count.astype(np.uint64)) * np.uint64(8)
    return np.where(count > 0, words & (~np.uint64(0) >> np.minimum(unused, np.uint64(63))), np.uint64(0))


def _longer(size: Ints) -> Iterator[tuple[int, Ints]]:
    """Yield 0, 8, 16 … with the texts that are longer than that."""
    some, done = np.flatnonzero(size > 0), 0
    while some.size:
        yield done, some
        done += _WORD_BYTES
        some = some[size[some] > done]


def mixed(values: Words) -> Words:
    """Spread every bit over all (the end of MurmurHash3)."""
    values = (values ^ (values >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    values = (values ^ (values >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    mixed: Words = values ^ (values >> np.uint64(33))
    return mixed
