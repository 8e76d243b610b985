"""Near-copies: which texts repeat an earlier one, by the Jaccard similarity of their word shingles.

Pairs are found exactly, by prefix filtering (Chaudhuri, Ganti & Kaushik 2006): two sets that are similar enough share
at least one of their rarest shingles.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np

from candor.scoring.arrays import changes, distinct, is_among, order_by, pair_key, where_true
from candor.scoring.words import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from candor.scoring.arrays import Bools, Floats, Ints
    from candor.scoring.method import CopyRule


MIX = np.uint64(0x9E3779B97F4A7C15)
PAIRS_AT_ONCE = 100_000


@dataclass(frozen=True, eq=False)
class Copies:
    """Texts grouped by what they say.

    `row[i]` is a record whose text is in group `group[i]`, by person `author[i]`; `similar` lists pairs of groups that
    are near-copies of each other, each group with itself among them. `last_said[i]` is the latest earlier record in
    which the same person said nearly the same, -1 for none.
    """

    row: Ints
    group: Ints
    author: Ints
    similar: tuple[Ints, Ints]
    last_said: Ints

    @property
    def repeats_self(self) -> Bools:
        """Say for each text whether its author said nearly the same earlier."""
        return self.last_said >= 0

    def moved(self, to: Ints) -> Copies:
        """Return the same where each row is another now."""
        return replace(self, row=to[self.row], last_said=np.where(self.repeats_self, to[self.last_said], -1))

    def within(self, rows: slice, author: NDArray[Any]) -> Copies:
        """Return those of a range of the rows, numbered from its first, as if there were no others; by these people."""
        inside = self._of((self.row >= rows.start) & (self.row < rows.stop))
        row = inside.row - rows.start
        return replace(inside, row=row, author=author[row], last_said=np.maximum(inside.last_said - rows.start, -1))

    @property
    def alike(self) -> Copies:
        """The texts that have a near-copy: no other can be one, whoever is trusted."""
        return _in_groups(self, ~_alone(self.group, self.similar))

    def among(self, rows: Ints) -> Copies:
        """Return those of some rows (ascending) that repeat their author's earlier ones or have a near-copy there."""
        some = self._of(is_among(self.row, rows))
        telling = ~_alone(some.group, some.similar)
        telling[some.group[some.repeats_self]] = True
        return _in_groups(some, telling)

    def _of(self, texts: Bools) -> Copies:
        group = self.group[texts]
        there = np.bincount(group, minlength=int(self.group.max(initial=-1)) + 1) > 0
        inside = there[self.similar[0]] & there[self.similar[1]]
        similar = self.similar[0][inside], self.similar[1][inside]
        return Copies(self.row[texts], group, self.author[texts], similar, self.last_said[texts])


@dataclass(frozen=True, eq=False)
class Shingles:
    """What texts say: `row[i]` is the record of text i, of which `size[i]` values are hashes of its shingles, in turn.

    Hashes are the same in every process, so that they can be kept.
    """

    row: Ints
    size: Ints
    value: NDArray[np.uint64]


def find_copies(spoken: Iterable[tuple[int, str]], author: NDArray[Any], rule: CopyRule) -> Copies:
    """Group texts, given with their rows (ascending), by near-identity; shorter ones than the rule's are left out."""
    return copies_among(shingles_of(spoken, rule), author, rule)


def copies_among(shingles: Shingles, author: NDArray[Any], rule: CopyRule) -> Copies:
    """Group texts by near-identity, of which the shingles are known."""
    if not shingles.row.size:
        none = np.zeros(0, np.int64)
        return Copies(none, none, author[none], (none, none), none)
    group, sizes, numbers = _equal_sets(*_numbered(shingles))
    pairs = _similar_pairs(sizes, numbers, rule.jaccard)
    everyone = np.arange(sizes.size)
    similar = (
        np.concatenate((everyone, pairs[:, 0], pairs[:, 1])),
        np.concatenate((everyone, pairs[:, 1], pairs[:, 0])),
    )
    row = shingles.row
    return Copies(row, group, author[row], similar, _last_said(row, group, author[row], similar))


class _Codes(dict[str, int]):
    """A number of 63 bits for each word, which nobody can give to another one."""

    def __missing__(self, word: str) -> int:
        digest = blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        self[word] = code = int.from_bytes(digest, "little") >> 1
        return code


def shingles_of(spoken: Iterable[tuple[int, str]], rule: CopyRule) -> Shingles:
    """Cut texts into shingles; those of fewer words than the rule's are left out."""
    rows, words_in, codes, code_of = array("q"), array("q"), array("q"), _Codes()
    for at, text in spoken:
        if len(found := words(text)) >= rule.least_words:
            rows.append(at)
            words_in.append(len(found))
            codes.extend(map(code_of.__getitem__, found))
    if not rows:
        return Shingles(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.uint64))
    row, size, code = np.array(rows, np.int64), np.array(words_in, np.int64), np.array(codes, np.int64).view(np.uint64)
    rolled = np.zeros(max(code.size - rule.shingle_words + 1, 0), np.uint64)
    for offset in range(rule.shingle_words):
        rolled = (rolled ^ (rolled >> np.uint64(29))) * MIX + code[offset : offset + rolled.size] + np.uint64(1)
    text_of = np.repeat(np.arange(row.size), size)
    inside = where_true(text_of[: rolled.size] == text_of[text_of.size - rolled.size :])  # none runs into the next
    return Shingles(row, np.bincount(text_of[inside], minlength=row.size), rolled[inside] * MIX)


def _numbered(shingles: Shingles) -> tuple[Ints, Ints]:
    """Number shingles by their hashes; return those of each text, ascending and each once, and where each text ends."""
    values, number = np.unique(shingles.value, return_inverse=True)
    text_of = np.repeat(np.arange(shingles.row.size), shingles.size)
    text_of, number = _pairs_of(distinct(pair_key(text_of, number, values.size)), values.size)
    return number, np.cumsum(np.bincount(text_of, minlength=shingles.row.size))


def _pairs_of(key: Ints, size: int) -> tuple[Ints, Ints]:
    """Return the pairs that pair_key made."""
    return np.divmod(key, max(size, 1))


def _equal_sets(shingle: Ints, end: Ints) -> tuple[Ints, Ints, Ints]:
    """Number the texts by their sets of shingles, in order of appearance; return the size of each set, and all sets."""
    number: dict[bytes, int] = {}
    written, size, begin = shingle.tobytes(), np.diff(end, prepend=0), 0
    group = np.zeros(end.size, np.int64)
    for text, stop in enumerate((end * shingle.itemsize).tolist()):
        group[text] = number.setdefault(written[begin:stop], len(number))
        begin = stop
    first = changes(np.maximum.accumulate(group)) if group.size else np.zeros(0, np.bool_)
    return group, size[first], shingle[first.repeat(size)]


def _similar_pairs(size: Ints, shingle: Ints, jaccard: float) -> Ints:
    """Return each pair of groups whose shingles overlap by at least `jaccard` of their union, sorted.

    Groups have so many shingles each, which stand one after the other.
    """
    if not size.size:
        return np.zeros((0, 2), np.int64)
    group = np.repeat(np.arange(size.size), size)
    count = np.bincount(shingle)
    rarity = order_by(count).argsort()[shingle]
    key = np.sort(pair_key(group, rarity, count.size))  # of each group the rarest first
    place = np.arange(key.size) - np.repeat(size.cumsum() - size, size)
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
    begins = where_true(changes(group))
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
    first = size.cumsum() - size
    pair = np.repeat(np.arange(left.size), size[left])
    at = np.arange(pair.size) - np.repeat(size[left].cumsum() - size[left], size[left]) + first[left][pair]
    wanted = pair_key(right[pair], key[at] % shingles, shingles)
    common = np.bincount(pair[is_among(wanted, key)], minlength=left.size)
    return np.asarray(common / (size[left] + size[right] - common))


def _in_groups(copies: Copies, chosen: Bools) -> Copies:
    """Return the texts of the chosen groups, which are numbered anew."""
    texts, number = chosen[copies.group], chosen.cumsum() - 1
    inside = chosen[copies.similar[0]] & chosen[copies.similar[1]]
    one, other = (number[side[inside]] for side in copies.similar)
    row, group = copies.row[texts], number[copies.group[texts]]
    return Copies(row, group, copies.author[texts], (one, other), copies.last_said[texts])


def _alone(group: Ints, similar: tuple[Ints, Ints]) -> Bools:
    """Say of each group whether it has one text, and no near-copy but itself."""
    groups = int(group.max(initial=-1)) + 1
    return (np.bincount(group, minlength=groups) <= 1) & (np.bincount(similar[0], minlength=groups) <= 1)


def _last_said(row: Ints, group: Ints, author: Ints, similar: tuple[Ints, Ints]) -> Ints:
    """Return for each text the latest earlier row in which its author said nearly the same, -1 for none."""
    alone = _alone(group, similar)
    near: dict[int, list[int]] = {}
    for one, other in zip(*(side[~alone[similar[0]]].tolist() for side in similar), strict=True):
        near.setdefault(one, []).append(other)
    found, last = np.full(row.size, -1), dict[tuple[int, int], int]()
    for place in where_true(~alone[group]).tolist():
        own, by = int(group[place]), int(author[place])
        found[place] = max(last.get((other, by), -1) for other in near[own])
        last[own, by] = int(row[place])
    return found
