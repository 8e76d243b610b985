"""Erasing a person from data sets: what they did and what was done to them goes, in every copy on every machine."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from candor.store import redis_keys
from candor.store.client import DamagedValueError, grow, if_damaged
from candor.store.published_datasets import PublishedDatasets
from candor.store.storage import DamagedFileError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from candor.scoring.redaction import DataSubject
    from candor.scoring.table import Table


class DatasetErasure(PublishedDatasets):
    """Finds a person in the data sets of all owners, and takes them out."""

    _seen_erased: object = None

    def kept_of(self, subject: DataSubject, owner: str | None) -> Iterator[dict[str, Any]]:
        """Yield the records by the person, towards them, and on what bears their name, whoever is suppressed by now.

        Raises DamagedFileError where a file cannot be searched.
        """
        for dataset in [kept.dataset for kept in self._on_network(subject.network, owner)]:
            try:
                kept, table = self._found(dataset.owner, dataset.id)
            except LookupError:
                continue
            people = [number for number, name in enumerate(table.people.all()) if name in subject.names]
            _, named = _named_in(table, subject)
            objects = [len(table) + number for number, name in enumerate(table.objects.all()) if name in named]
            theirs = np.isin(table.actor, people) | np.isin(table.target, people) | np.isin(table.object, objects)
            for row in np.flatnonzero(theirs).tolist():
                record = msgspec.to_builtins(table.record(row))
                yield {"owner": kept.dataset.owner, "dataset": kept.dataset.id, "record": record}

    def erase(self, subject: DataSubject, owner: str | None) -> Mapping[str, int]:
        """Delete the person's own exports and damaged data sets, write others anew, delete files that none has."""
        changed, damaged = 0, self._erase_damaged(owner)
        for dataset in [kept.dataset for kept in self._on_network(subject.network, owner)]:
            if dataset.archive is not None and dataset.archive.account in subject.names:
                changed += self.delete(dataset.owner, dataset.id)
            else:
                changed += self._redact(dataset.owner, dataset.id, subject)
        with self._redis.pipeline() as pipe:
            pipe.set(redis_keys.ERASED_AT, self._clock().timestamp())
            grow(pipe, redis_keys.ERASED_DATASETS)  # other machines may have them in tables of sets replaced since
            pipe.execute()
        with contextlib.suppress(DamagedValueError):  # of another owner: what nobody claims goes when that can be told
            self._files.delete_unclaimed(self._claimed())
        return {"datasets": changed, **if_damaged(damaged)}

    def drop_erased(self) -> bool:
        """Delete tables at hand here of data sets that were deleted, or written anew without somebody, anywhere.

        Returns whether there were such since the last time.
        """
        erased = self._redis.get(redis_keys.ERASED_DATASETS)
        if erased == self._seen_erased:
            return False
        self._files.drop_tables([kept.parts for kept in self._all()])
        self._seen_erased = erased
        return True

    def _redact(self, owner: str, dataset_id: str, subject: DataSubject) -> bool:
        """Write the data set anew without the person, under another digest; False when they are not in it."""
        key, published = redis_keys.dataset(owner, dataset_id), False
        while not published:
            raw = self._redis.get(key)
            try:
                kept, table = self._found(owner, dataset_id)
            except LookupError:
                return False
            except DamagedFileError:  # who is in it cannot be known, nor can anybody be scored from it
                return self.delete(owner, dataset_id)
            theirs, objects = _named_in(table, subject)
            is_named = bool(theirs or objects)
            if not is_named and len(table) == sum(part.records for part in kept.parts):
                return False
            try:  # what was sent again goes, too: they may be in what stood before
                left = self._without(kept, table, theirs, objects)
            except FileNotFoundError:
                if self._holds(key, kept.parts):
                    raise
                continue
            if is_named:
                left = left.holding(left.parts, redacted_at=self._clock())
            published = self._replace(key, raw, left)  # not when it was replaced meanwhile, maybe by another erasure
            grow(self._redis, redis_keys.ERASED_DATASETS)
            old, new = (kept, left) if published else (left, kept)
            self._files.delete(old.parts, but=new.parts)
        return is_named


def _named_in(table: Table, subject: DataSubject) -> tuple[set[str], set[str]]:
    """Return the names of the person among the people of a table, and ids of no record, addresses, threads with one."""
    people = set(subject.names).intersection(table.people.all())
    threads = {thread for thread in {thread for _, thread in table.threads()} if subject.occurs_in(thread)}
    return people, subject.among(table.objects) | subject.among(table.urls) | threads
