"""Near-copies: which texts repeat an earlier one, by the Jaccard similarity of their word shingles.

Pairs are found exactly, by prefix filtering (Chaudhuri, Ganti & Kaushik 2006): two sets that are similar enough share
at least one of their rarest shingles.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from candor.scoring.words import words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from candor.scoring.method import CopyRule

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

MIX = np.uint64(0x9E3779B97F4A7C15)


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
    row, shingles = _shingle(texts, rows, rule)
    sets = [np.sort(found) for found in shingles]
    group_of: dict[bytes, int] = {}
    group = np.fromiter((group_of.setdefault(found.tobytes(), len(group_of)) for found in sets), np.int64, len(sets))
    distinct = [np.frombuffer(found, np.uint64) for found in group_of]
    pairs = np.array(sorted(_similar_pairs(distinct, rule.jaccard)), np.int64).reshape(-1, 2)
    everyone = np.arange(len(distinct))
    similar = (
        np.concatenate((everyone, pairs[:, 0], pairs[:, 1])),
        np.concatenate((everyone, pairs[:, 1], pairs[:, 0])),
    )
    return Copies(row, group, author[row], similar, _repeats_self(row, group, author[row], similar))


def _shingle(texts: Sequence[str | None], rows: Ints, rule: CopyRule) -> tuple[Ints, list[NDArray[np.uint64]]]:
    """Return the rows that are long enough, and the distinct shingles of each as 64-bit hashes."""
    number: dict[str, int] = {}
    kept, found = [], []
    for row in rows:
        text = texts[row]
        spoken = words(text) if text else []
        if len(spoken) < rule.least_words:
            continue
        codes = np.fromiter((number.setdefault(word, len(number)) for word in spoken), np.uint64, len(spoken))
        rolled = np.zeros(codes.size - rule.shingle_words + 1, np.uint64)
        for offset in range(rule.shingle_words):
            rolled = (rolled ^ (rolled >> np.uint64(29))) * MIX + codes[offset : offset + rolled.size] + np.uint64(1)
        kept.append(int(row))
        found.append(np.unique(rolled * MIX))
    return np.array(kept, np.int64), found


def _similar_pairs(sets: list[NDArray[np.uint64]], jaccard: float) -> Iterator[tuple[int, int]]:
    """Yield each pair of groups whose shingles overlap by at least `jaccard` of their union."""
    if not sets:
        return
    values, inverse, count = np.unique(np.concatenate(sets), return_inverse=True, return_counts=True)
    rarity = np.lexsort((values, count)).argsort()[inverse]
    ends = np.cumsum([found.size for found in sets])
    rare_to_common = [np.sort(part) for part in np.split(rarity, ends[:-1])]
    shared = np.sort(count) > 1
    seen: dict[int, list[int]] = {}
    for index, ranks in enumerate(rare_to_common):
        prefix = ranks[: ranks.size - math.ceil(jaccard * ranks.size) + 1]
        candidates: set[int] = set()
        for rank in prefix[shared[prefix]].tolist():
            posting = seen.setdefault(rank, [])
            candidates.update(posting)
            posting.append(index)
        for other in candidates:
            if _jaccard(ranks, rare_to_common[other]) >= jaccard:
                yield other, index


def _jaccard(left: NDArray[np.int64], right: NDArray[np.int64]) -> float:
    common = np.intersect1d(left, right, assume_unique=True).size
    return common / (left.size + right.size - common)


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
