"""Additions: what a data set is once records are added, found from an index without reading those that are there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from candor.scoring.record_counts import ASKING_CODES, References
from candor.scoring.records import MAX_EXAMPLES
from candor.store.record_index import among, distinct_hashes, entries_of, has_twice, made_of, moment_keys, newest
from candor.store.table_merge import joined_texts
from candor.store.text_words import hashed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import BinaryIO

    from numpy.typing import NDArray

    from candor.scoring.record_counts import Counts
    from candor.scoring.table import Table, Texts
    from candor.scoring.withdrawn import Withdrawal
    from candor.store.models import BadDatasetError
    from candor.store.parts import PartKeys
    from candor.store.record_index import Entries, Hashes, RecordIndex


@dataclass(frozen=True)
class ReadRecords:
    """Records that were read: as a table, the file that it lies in, their digest and what was seen while reading.

    Withdrawals and the ids of private records, `hidden`, take others out of a data set. `faults` are those to raise
    where that is all there is, and nothing is taken out.
    """

    table: Table
    file: BinaryIO
    digest: str
    records: int
    counts: Counts
    references: References
    withdrawals: Sequence[Withdrawal]
    hidden: Texts
    faults: BadDatasetError


@dataclass(frozen=True)
class Added:
    """A data set with more records: how many they are, their digest, and those whose object is the id of none.

    `acting` is how many more of them have an object than before.
    """

    changes: bool
    records: int
    digest: str
    unmatched: int
    unmatched_examples: tuple[str, ...]
    acting: int
    asks: bool

    def references(self, before: References) -> References:
        """Say how many records act on what then; how many on one of theirs only where that was known `before`."""
        known = before.answering
        answering = None if known is None else known + before.unmatched + self.acting - self.unmatched
        asks = True if self.asks else before.asks
        return References(answering, self.unmatched, self.unmatched_examples, asks)


class WholeLookError(Exception):
    """Only a look at all records can tell what a data set is then: accounts have ids, or are said twice of a moment.

    So it is where records come again by another author.
    """


class Additions:
    """What came after an index was made, the newest last: a record takes the place of the one with its key."""

    def __init__(self, index: RecordIndex) -> None:
        self._index = index
        self._records = index.find(np.zeros(0, np.uint64))

    def add_part(self, keys: PartKeys) -> None:
        """Add the records of a part. Raises WholeLookError."""
        seed = self._index.seed
        ids, objects, people = (hashed(joined_texts(each), seed) for each in (keys.ids, keys.objects, keys.people))
        found = np.where(keys.is_account, moment_keys(people, keys.published), ids)
        acted_on = np.where([bool(each) for each in keys.objects], objects, np.uint64(0))
        actors = np.where([bool(each) for each in keys.people], people, np.uint64(0))
        new = made_of(found, np.frombuffer(b"".join(keys.digests), np.uint8), acted_on, actors)
        if has_twice(new) or any(keys.ids[at] for at in np.flatnonzero(keys.is_account).tolist()):
            raise WholeLookError
        self._records = newest(self._records, new)

    def write_index(self, file: BinaryIO) -> bool:
        """Write the index of all that there is by now. Raises DamagedIndexError."""
        return self._index.write_with(self._records, self._index.find(self._records["key"]), file)

    def with_records(self, read: ReadRecords, examples: tuple[str, ...]) -> Added:
        """Return what the data set is with records that were read. Raises WholeLookError.

        `examples` are the objects that were known to be the id of no record.
        """
        table, hidden = read.table, distinct_hashes(hashed(read.hidden, self._index.seed))
        if among(hidden, self._records["key"]).any() or self._index.find(hidden).size:
            raise WholeLookError
        new = entries_of(table, self._index.seed)
        if has_twice(new) or (table.ids.row >= table.acts).any():
            raise WholeLookError
        records = newest(self._records, new)
        objects = distinct_hashes(_but(records["object"], records["key"]))
        objects = objects[objects > 0]
        there = self._index.find(
            np.sort(np.concatenate((records["key"], objects)))
        )  # together: each block is read once then
        gone = there[among(there["key"], records["key"])]
        before = newest(there, self._records)
        before = before[among(before["key"], new["key"])]
        _refuse_others(before["actor"], new["actor"][among(new["key"], before["key"])])
        changes = before.size < new.size or bool((before["digest"] != new["digest"]).any())
        strays = _but(objects, there["key"])
        unmatched = self._unmatched(records, gone, strays)
        told = self._examples(table, records["key"], strays, examples)
        if unmatched and not told:
            raise WholeLookError
        size = len(self._index) + records.size - gone.size
        acting = np.count_nonzero(new["object"]) - np.count_nonzero(before["object"])
        digest, asks = self._index.digest_with(records, gone), bool(np.isin(table.type, ASKING_CODES).any())
        return Added(changes, size, digest, unmatched, told, int(acting), asks)

    def _unmatched(self, records: Entries, gone: Entries, unknown: Hashes) -> int:
        """Count the records whose object is the id of none; `unknown` are such objects of `records`."""
        strays = self._index.strays()
        was_stray = gone["object"][_times(strays, gone["object"]) > 0]
        others = _but(records["key"], gone["key"])
        matched = _times(strays, others).sum() - among(was_stray, records["key"]).sum()
        added = among(records["object"], unknown).sum()
        return int(strays.size - was_stray.size - matched + added)

    def _examples(self, table: Table, keys: Hashes, strays: Hashes, before: tuple[str, ...]) -> tuple[str, ...]:
        """Return some objects that are the id of no record: of those known before, and of those in the table."""
        known = among(hashed(joined_texts(list(before)), self._index.seed), keys)
        still = [text for text, is_known in zip(before, known.tolist(), strict=True) if not is_known]
        found = np.flatnonzero(among(hashed(table.objects, self._index.seed), strays))[: MAX_EXAMPLES + len(still)]
        return tuple(dict.fromkeys([*still, *map(table.objects.at, found.tolist())]))[:MAX_EXAMPLES]


def _refuse_others(before: Hashes, now: Hashes) -> None:
    """Raise WholeLookError where the author of a record that comes again is another, who is known by name in both."""
    if ((before != now) & (before > 0) & (now > 0)).any():
        raise WholeLookError


def _but(keys: Hashes, others: Hashes) -> Hashes:
    """Return the keys that are not among others."""
    return keys[~among(keys, others)]


def _times(ascending: Hashes, keys: Hashes) -> NDArray[np.int64]:
    """Count how often each key stands in a sorted array; 0, which is no key, in none."""
    first, last = (np.searchsorted(ascending, keys, side) for side in ("left", "right"))
    return np.where(keys > 0, last - first, 0)
