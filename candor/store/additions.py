"""Additions: what a data set is once records are added, found from an index without reading those that are there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from candor.store.record_index import Entry, entries_of, moment_keys
from candor.store.table_merge import texts_of
from candor.store.text_words import hashed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from candor.scoring.table import Table
    from candor.store.parts import PartKeys
    from candor.store.record_index import RecordIndex

    Entries = Mapping[int, Entry]


@dataclass(frozen=True)
class Added:
    """A data set with more records: how many they are, their digest, and those whose object is the id of none."""

    changes: bool
    records: int
    digest: str
    unmatched: int
    unmatched_examples: tuple[str, ...]


class WholeLookError(Exception):
    """Only a look at all records can tell what a data set is then: accounts have ids, or are said twice of a moment."""


class Additions:
    """What came after an index was made, the newest last: a record takes the place of the one with its key."""

    def __init__(self, index: RecordIndex) -> None:
        self._index = index
        self._records: dict[int, Entry] = {}

    def add_part(self, keys: PartKeys) -> None:
        """Add the records of a part. Raises WholeLookError."""
        seed = self._index.seed
        ids, objects, people = (hashed(texts_of(each), seed) for each in (keys.ids, keys.objects, keys.people))
        found = np.where(keys.is_account, moment_keys(people, keys.published), ids)
        acted_on = np.where([bool(each) for each in keys.objects], objects, np.uint64(0))
        entries = map(Entry, keys.digests, acted_on.tolist())
        new = dict(zip(found.tolist(), entries, strict=True))
        if len(new) < len(keys.ids) or any(keys.ids[at] for at in np.flatnonzero(keys.is_account).tolist()):
            raise WholeLookError
        self._records |= new

    def with_table(self, table: Table, examples: tuple[str, ...], most: int) -> Added:
        """Return what the data set is with the records of a table. Raises WholeLookError.

        `examples` are the objects that were known to be the id of no record, of which `most` are told.
        """
        rows = entries_of(table, self._index.seed)
        new = {
            int(key): Entry(digest.tobytes(), int(acted_on))
            for key, digest, acted_on in zip(rows["key"], rows["digest"], rows["object"], strict=True)
        }
        if len(new) < len(table) or (table.ids.row >= table.acts).any():
            raise WholeLookError
        records = self._records | new
        objects = {each.object for each in records.values() if each.object} - records.keys()
        sought = [*records, *objects]  # together, as each block of the index is read once then
        there = {key: entry for key, entry in zip(sought, self._index.find(sought), strict=True) if entry is not None}
        before = there | self._records
        changes = any(key not in before or before[key].digest != entry.digest for key, entry in new.items())
        gone = {key: entry for key, entry in there.items() if key in records}
        strays = objects - there.keys()
        unmatched = self._unmatched(records, gone, strays)
        told = self._examples(table, records, strays, examples, most)
        if unmatched and not told:
            raise WholeLookError
        digest = self._index.digest_with(
            [each.digest for each in records.values()], [each.digest for each in gone.values()]
        )
        return Added(changes, len(self._index) + len(records) - len(gone), digest, unmatched, told)

    def _unmatched(self, records: Entries, gone: Entries, unknown: set[int]) -> int:
        """Count the records whose object is the id of none; `unknown` are such objects of `records`."""
        strays = self._index.strays()
        objects_gone = [each.object for each in gone.values()]
        was_stray = [key for key, times in zip(objects_gone, _times(strays, objects_gone), strict=True) if times]
        others = [key for key in records if key not in gone]
        matched = sum(_times(strays, others)) - sum(stray in records for stray in was_stray)
        added = sum(each.object in unknown for each in records.values())
        return int(strays.size) - len(was_stray) - matched + added

    def _examples(
        self, table: Table, records: Entries, strays: set[int], before: tuple[str, ...], most: int
    ) -> tuple[str, ...]:
        """Return some objects that are the id of no record: of those known before, and of those in the table."""
        known = zip(before, hashed(texts_of(list(before)), self._index.seed).tolist(), strict=True)
        still = [text for text, key in known if key not in records]
        objects = zip(table.objects.all(), hashed(table.objects, self._index.seed).tolist(), strict=True)
        return tuple(dict.fromkeys([*still, *(text for text, key in objects if key in strays)]))[:most]


def _times(ascending: NDArray[np.uint64], keys: Sequence[int]) -> list[int]:
    """Count how often each key stands in a sorted array; 0, which is no key, in none."""
    wanted = np.array(keys, np.uint64)
    first, last = (np.searchsorted(ascending, wanted, side) for side in ("left", "right"))
    times: list[int] = np.where(wanted > 0, last - first, 0).tolist()
    return times
