"""Near-copies: which texts repeat an earlier one, by the Jaccard similarity of their word shingles.

Pairs are found exactly, by prefix filtering (Chaudhuri, Ganti & Kaushik 2006): two sets that are similar enough share
at least one of their rarest shingles.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from candor.scoring.arrays import changes, distinct, is_among, pair_key, stable_order
from candor.scoring.words import words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from candor.scoring.method import CopyRule

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

MIX = np.uint64(0x9E3779B97F4A7C15)
PAIRS_AT_ONCE = 100_000


@dataclass(frozen=True, eq=False)
class Copies:
    """Texts grouped by what they say.

    `row[i]` is a record whose text is in group `group[i]`, by person `author[i]`; `similar` lists pairs of groups that
    are near-copies of each other, each group with itself among them.
    """

    row: Ints
    group: Ints
    author: Ints
    similar: tuple[Ints, Ints]
    repeats_self: Bools

    def void(self, standing: Floats, rows: int) -> Bools:
        """Say for each of `rows` records whether it copies an earlier text, of its author or of one with standing."""
        void = np.zeros(rows, np.bool_)
        if not self.row.size:
            return void
        trusted = standing[self.author] > 0
        earliest = np.full(self.group.max() + 1, rows)
        np.minimum.at(earliest, self.group[trusted], self.row[trusted])
        around = np.full(earliest.size, rows)
        np.minimum.at(around, self.similar[0], earliest[self.similar[1]])
        void[self.row] = (around[self.group] < self.row) | self.repeats_self
        return void

    def shared_authors(self) -> Ints:
        """Return whose texts are near-copies of others': whether they are void depends on who is trusted."""
        said: dict[int, set[int]] = {}
        for group, author in zip(self.group.tolist(), self.author.tolist(), strict=True):
            said.setdefault(group, set()).add(author)
        shared = {
            person
            for one, other in zip(*(side.tolist() for side in self.similar), strict=True)
            if len(theirs := said[one] | said[other]) > 1
            for person in theirs
        }
        return np.array(sorted(shared), np.int64)


def find_copies(texts: Sequence[str | None], author: NDArray[Any], rows: Ints, rule: CopyRule) -> Copies:
    """Group the texts at `rows` (ascending) by near-identity; shorter texts than the rule's are left out."""
    row, shingle, end = _shingle(texts, rows, rule)
    group, groups = _equal_sets(shingle, end)
    pairs = _similar_pairs(groups, rule.jaccard)
    everyone = np.arange(len(groups))
    similar = (
        np.concatenate((everyone, pairs[:, 0], pairs[:, 1])),
        np.concatenate((everyone, pairs[:, 1], pairs[:, 0])),
    )
    return Copies(row, group, author[row], similar, _repeats_self(row, group, author[row], similar))


def _shingle(texts: Sequence[str | None], rows: Ints, rule: CopyRule) -> tuple[Ints, Ints, Ints]:
    """Return the rows that are long enough, the distinct shingles of each one after the other, and where each ends.

    Shingles are numbered in the order of their 64-bit hashes, which differ from process to process: what is found does
    not depend on it. They ascend within a text.
    """
    spoken = [(row, words(text)) for row in rows.tolist() if (text := texts[row])]
    spoken = [(row, found) for row, found in spoken if len(found) >= rule.least_words]
    row = np.array([row for row, _ in spoken], np.int64)
    size = np.fromiter((len(found) for _, found in spoken), np.int64, row.size)
    said = chain.from_iterable(found for _, found in spoken)
    codes = np.fromiter(map(hash, said), np.int64, int(size.sum())).view(np.uint64)
    rolled = np.zeros(max(codes.size - rule.shingle_words + 1, 0), np.uint64)
    for offset in range(rule.shingle_words):
        rolled = (rolled ^ (rolled >> np.uint64(29))) * MIX + codes[offset : offset + rolled.size] + np.uint64(1)
    text = np.repeat(np.arange(row.size), size)
    inside = np.flatnonzero(text[: rolled.size] == text[text.size - rolled.size :])  # none runs into the next text
    values, shingle = np.unique(rolled[inside] * MIX, return_inverse=True)
    text, shingle = _pairs_of(distinct(pair_key(text[inside], shingle, values.size)), values.size)
    return row, shingle, np.cumsum(np.bincount(text, minlength=row.size))


def _pairs_of(key: Ints, size: int) -> tuple[Ints, Ints]:
    """Return the pairs that pair_key made."""
    return np.divmod(key, max(size, 1))


def _equal_sets(shingle: Ints, end: Ints) -> tuple[Ints, list[Ints]]:
    """Number the texts by their sets of shingles, in order of appearance, and return each set."""
    number: dict[bytes, int] = {}
    sets = np.split(shingle, end[:-1])
    group = np.array([number.setdefault(found.tobytes(), len(number)) for found in sets[: end.size]], np.int64)
    return group, [np.frombuffer(found, np.int64) for found in number]


def _similar_pairs(sets: list[Ints], jaccard: float) -> Ints:
    """Return each pair of groups whose shingles overlap by at least `jaccard` of their union, sorted."""
    if not sets:
        return np.zeros((0, 2), np.int64)
    size = np.fromiter(map(len, sets), np.int64, len(sets))
    shingle, group = np.concatenate(sets), np.repeat(np.arange(size.size), size)
    count = np.bincount(shingle)
    rarity = stable_order(count).argsort()[shingle]
    key = np.sort(pair_key(group, rarity, count.size))  # of each group the rarest first
    place = np.arange(key.size) - np.repeat(np.cumsum(size) - size, size)
    in_prefix = place < np.repeat(size - np.ceil(jaccard * size).astype(np.int64) + 1, size)
    group, rank = _pairs_of(key[in_prefix], count.size)
    shared = np.sort(count)[rank] > 1
    found = [
        some[_jaccard(some, key, size, count.size) >= jaccard]
        for some in (_of_like_size(each, size, jaccard) for each in _candidates(group[shared], rank[shared]))
    ]
    pairs = np.concatenate([np.zeros((0, 2), np.int64), *found])
    return np.asarray(pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))])


def _of_like_size(pairs: Ints, size: Ints, jaccard: float) -> Ints:
    """Return the pairs that could be similar enough if one held the other whole."""
    left, right = size[pairs[:, 0]], size[pairs[:, 1]]
    return np.asarray(pairs[np.minimum(left, right) / np.maximum(left, right) >= jaccard])


def _candidates(group: Ints, rank: Ints) -> Iterator[Ints]:
    """Yield pairs of groups that share one of their rarest shingles, some at a time, each once."""
    seen: dict[int, list[int]] = {}
    pairs: list[tuple[int, int]] = []
    begins = np.flatnonzero(changes(group))
    for ranks, index in zip(np.split(rank, begins[1:]), group[begins].tolist(), strict=bool(begins.size)):
        others: set[int] = set()
        for each in ranks.tolist():
            posting = seen.setdefault(each, [])
            others.update(posting)
            posting.append(index)
        pairs += [(other, index) for other in others]
        if len(pairs) >= PAIRS_AT_ONCE:
            yield np.array(pairs, np.int64)
            pairs = []
    if pairs:
        yield np.array(pairs, np.int64)


def _jaccard(pairs: Ints, key: Ints, size: Ints, shingles: int) -> Floats:
    """Return the similarity of pairs of groups; `key` holds the shingles of each group, ascending."""
    left, right = pairs[:, 0], pairs[:, 1]
    first = np.cumsum(size) - size
    pair = np.repeat(np.arange(left.size), size[left])
    at = np.arange(pair.size) - np.repeat(np.cumsum(size[left]) - size[left], size[left]) + first[left][pair]
    wanted = pair_key(right[pair], key[at] % shingles, shingles)
    common = np.bincount(pair[is_among(wanted, key)], minlength=left.size)
    return np.asarray(common / (size[left] + size[right] - common))


def _repeats_self(row: Ints, group: Ints, author: Ints, similar: tuple[Ints, Ints]) -> Bools:
    """Say for each text whether its author said nearly the same earlier."""
    first: dict[tuple[int, int], int] = {}
    for at, said, by in zip(row.tolist(), group.tolist(), author.tolist(), strict=True):
        first.setdefault((said, by), at)
    near: dict[int, list[int]] = {}
    for one, other in zip(*(side.tolist() for side in similar), strict=True):
        near.setdefault(one, []).append(other)
    said = zip(row.tolist(), group.tolist(), author.tolist(), strict=True)
    return np.array([any(first.get((g, by), at) < at for g in near[own]) for at, own, by in said], np.bool_)
