"""Data sets: a community's activities as parts in the storage, what is known of them in Redis."""

from __future__ import annotations

import contextlib
import logging
import math
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from redis.exceptions import RedisError

from candor.scoring.activity import TYPE_CODE
from candor.scoring.columns import microseconds, moment
from candor.scoring.withdrawn import Withdrawals
from candor.store import redis_keys
from candor.store.additions import WholeLookError
from candor.store.client import DamagedValueError, seal, text
from candor.store.models import ArchiveFacts, Dataset
from candor.store.part_files import is_small, part_prefix
from candor.store.published_datasets import (
    ChangedMeanwhileError,
    KeptDataset,
    PublishedDatasets,
    after_change,
    decode_dataset,
)
from candor.store.record_reading import AHEAD, read_records
from candor.store.sealed import Check, no_check
from candor.store.storage import DamagedFileError
from candor.store.table_merge import TableMerge, empty_table, rows_with_ids
from candor.store.written_alike import written_alike

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from datetime import datetime

    from redis.client import Pipeline

    from candor.scoring.copies import Copies
    from candor.scoring.method import CopyRule
    from candor.scoring.table import Table
    from candor.store.additions import ReadRecords
    from candor.store.parts import Part


log = logging.getLogger(__name__)

MOST_SMALL = 16
"""From so many small parts on they are merged."""
LARGE = 500_000
"""Records from which on a worker makes the index that adding to them needs, ahead: it takes a second a million."""
MERGE_FUNCTION, INDEX_FUNCTION = "worker.findings.merge_parts", "worker.findings.index_records"


class Datasets(PublishedDatasets):
    """The data sets of all owners, each in parts. Who is suppressed is in none."""

    def put(
        self,
        owner: str,
        dataset_id: str,
        *,
        network: str,
        profile: str | None,
        granted_rights: bool,
        lines: Iterable[object],
        rename: Mapping[str, str] | None = None,
        skip_bad: bool = False,
        archive: ArchiveFacts | None = None,
        check: Check[Dataset] = no_check,
        must_name: bool = False,
    ) -> Dataset:
        """Keep records (lines of NDJSON, or read already), replacing what the id held; the old set stays until then.

        Records of people who are suppressed are dropped and counted, and so is what was done to them.

        Raises BadDatasetError as `read_records` does; OSError when the disk is full; whatever reading `lines` raises,
        or what `check` raises about the set that is there, before or after reading. None of these leaves a trace.
        """
        with contextlib.suppress(DamagedValueError):  # to be replaced
            check(self.get(owner, dataset_id))
        with read_records(
            self._files, network, lines, rename or {}, skip_bad=skip_bad, must_name=must_name, now=self._clock()
        ) as read:
            dataset = self._described(
                owner,
                dataset_id,
                read,
                network=network,
                profile=profile,
                granted_rights=granted_rights,
                archive=archive,
                map=dict(rename or {}),
            )
            parts = self._files.write(owner, dataset_id, read.table, np.arange(len(read.table)), upload=0)
            self._files.keep_table(parts, read.file)
            kept = self._publish(KeptDataset((), dataset).holding(parts), read.table, lambda: read.table, check)
        if kept.records >= LARGE:
            self._ask_for("index", INDEX_FUNCTION, owner, dataset_id)
        return kept

    def append(
        self,
        owner: str,
        dataset_id: str,
        lines: Iterable[object],
        *,
        rename: Mapping[str, str] | None = None,
        skip_bad: bool = False,
        archive: ArchiveFacts | None = None,
        check: Check[Dataset] = no_check,
    ) -> Dataset:
        """Add records to a data set; one with the id of another takes its place, and the same again changes nothing.

        Raises LookupError when there is no such data set, and whatever `put` raises.
        """
        before = self.get(owner, dataset_id)
        check(before)
        if before is None:
            raise LookupError(f"there is no data set {dataset_id!r}")
        with read_records(
            self._files, before.network, lines, rename or {}, skip_bad=skip_bad, adds=True, now=self._clock()
        ) as read:
            said = {name: getattr(before, name) for name in ("network", "profile", "granted_rights")}
            new = self._described(owner, dataset_id, read, archive=archive, map=dict(rename or {}), **said)
            changed = self._append(owner, dataset_id, new, read, check)
        self._ask_to_merge(owner, dataset_id)
        return changed

    def _append(self, owner: str, dataset_id: str, new: Dataset, read: ReadRecords, check: Check[Dataset]) -> Dataset:
        """Publish a data set with the records of a table, of which no other is read; again, if it was changed."""
        while not read.withdrawals:
            base, key = self._whole(owner, dataset_id), redis_keys.dataset(owner, dataset_id)
            before = base.dataset.references
            try:
                added = self._files.added(
                    base.parts, read, before.unmatched_examples, partial(self._holds, key, base.parts)
                )
            except WholeLookError:
                break
            except FileNotFoundError as error:
                self._changed_since(base, error)
                continue
            if not read.records:
                raise read.faults
            if not added.changes:
                return base.dataset
            parts, references = self._with(base, read.table), added.references(before)
            described = after_change(
                base.dataset, new, added.records, references, added.digest, last=_last(read.table, self._clock())
            )
            kept = KeptDataset((), described).holding(parts)
            with contextlib.suppress(ChangedMeanwhileError):
                return self._publish(kept, read.table, partial(self._files.table, parts, lambda: False), check, base)
        return self._append_and_take_out(owner, dataset_id, new, read, check)

    def _append_and_take_out(
        self, owner: str, dataset_id: str, new: Dataset, read: ReadRecords, check: Check[Dataset]
    ) -> Dataset:
        """Publish a data set with the records of a table and without what they take out, of which all are read."""
        taken_back, counted = Withdrawals(read.withdrawals), new.counts.withdrawn
        codes = [TYPE_CODE[name] for name in taken_back.types]
        gone: set[int] = set()

        def _merged(old: Table) -> TableMerge:
            nonlocal gone
            rows = np.flatnonzero(np.isin(old.type, codes)).tolist()
            gone = {row for row in rows if taken_back.take_back(old.record(row))}
            gone.update(rows_with_ids(old, read.hidden))
            if not (gone or read.records or read.withdrawals):
                raise read.faults
            new.counts.withdrawn = counted + len(gone)
            return TableMerge(old, read.table, gone)

        def _parts(base: KeptDataset, merged: Table) -> tuple[Part, ...]:
            return self._rewritten(base, merged) if gone else self._with(base, read.table)

        return self._change(owner, dataset_id, check, _merged, _parts, new=new)

    def _with(self, base: KeptDataset, table: Table) -> tuple[Part, ...]:
        """Return the parts of a data set with those of a table behind them."""
        upload, rows = 1 + max(part.upload for part in base.parts), np.arange(len(table))
        return base.parts + self._files.write(base.dataset.owner, base.dataset.id, table, rows, upload=upload)

    def remove(self, owner: str, dataset_id: str, record_id: str, check: Check[Dataset] = no_check) -> Dataset:
        """Take one record out of a data set. Raises LookupError when there is no such data set or record."""
        check(self.get(owner, dataset_id))

        def _without(old: Table) -> TableMerge:
            row = old.row_of(record_id)
            if row is None:
                raise LookupError(f"there is no record {record_id!r}")
            return TableMerge(old, empty_table(), gone=(row,))

        return self._change(owner, dataset_id, check, _without, self._rewritten)

    def _rewritten(self, base: KeptDataset, left: Table) -> tuple[Part, ...]:
        return self._files.rewrite(base.dataset.owner, base.dataset.id, base.parts, left)

    def all_of(self, owner: str) -> list[Dataset]:
        """Return all data sets of an owner, by id."""
        kept = (kept for kept in self._all(owner) if self._files.has(kept.parts))
        return sorted((each.dataset for each in kept), key=lambda dataset: dataset.id)

    def _described(self, owner: str, dataset_id: str, read: ReadRecords, **said: Any) -> Dataset:  # noqa: ANN401
        """Describe records as a data set of the owner's."""
        return Dataset(
            id=dataset_id,
            owner=owner,
            digest=read.digest,
            records=read.records,
            counts=read.counts,
            references=read.references,
            bytes=0,
            created_at=self._clock(),
            last=_last(read.table, self._clock()),
            **said,
        )

    def _change(
        self,
        owner: str,
        dataset_id: str,
        check: Check[Dataset],
        merge: Callable[[Table], TableMerge],
        parts_of: Callable[[KeptDataset, Table], tuple[Part, ...]],
        *,
        new: Dataset | None = None,
    ) -> Dataset:
        """Publish a data set with what `merge` makes of it; again, if it was changed by somebody else meanwhile."""
        while True:
            base, old = self._found(owner, dataset_id)
            merged = merge(old)
            if merged.changes_nothing:
                return base.dataset

            with self._files.made(merged.write) as (table, digest, file):
                try:
                    parts = parts_of(base, table)
                except FileNotFoundError:
                    if self._holds(redis_keys.dataset(owner, dataset_id), base.parts):
                        raise
                    continue
                self._files.keep_table(parts, file)
                last = _last(table, self._clock())
                described = after_change(base.dataset, new, merged.records, merged.references, digest, last=last)
                kept = KeptDataset((), described).holding(parts)
                with contextlib.suppress(ChangedMeanwhileError):
                    return self._publish(kept, table, lambda: table, check, base)  # called at once

    def get(self, owner: str, dataset_id: str) -> Dataset | None:
        """Return what is known of the owner's data set, or None: one whose file is gone is gone."""
        kept = self._find(redis_keys.dataset(owner, dataset_id))
        return None if kept is None else kept.dataset

    def is_kept(self, owner: str, dataset_id: str) -> bool:
        """Say whether there is such a data set, also where what is known of it is damaged."""
        try:
            return self.get(owner, dataset_id) is not None
        except DamagedValueError:
            return True

    def version(self, owner: str, dataset_id: str) -> object:
        """Return what differs whenever `activities` would: parts and suppression list; None without a data set."""
        kept = self._find(redis_keys.dataset(owner, dataset_id))
        if kept is None:
            return None
        lasting = kept.holding(kept.parts, expires_at=None)  # as they are kept longer, records stay the same
        return lasting, self._files.state(kept.parts), self._suppression.version()

    def activities(self, owner: str, dataset_id: str) -> Table:
        """Return the records, sorted by time, as columns.

        Raises LookupError when there is no such data set, DamagedFileError when a part is not as it was written.
        """
        kept, table = self._found(owner, dataset_id)
        people = self._suppression.among(kept.dataset.network, table.people.all())
        return self._files.without(table, people) if people else table

    def has_person(self, owner: str, dataset_id: str, account: str) -> bool:
        """Tell whether an account occurs in a data set and is not suppressed; takes as long for either.

        Raises LookupError and DamagedFileError as `activities` does.
        """
        kept, table = self._found(owner, dataset_id)
        is_suppressed = bool(self._suppression.among(kept.dataset.network, [account]))
        return table.people.has(account) and not is_suppressed

    def people_among(self, owner: str, dataset_id: str, accounts: Collection[str]) -> set[str]:
        """Return which of some accounts occur in a data set, but for people who are suppressed.

        Raises LookupError and DamagedFileError as `activities` does.
        """
        kept, table = self._found(owner, dataset_id)
        there = set(accounts).intersection(table.people.all())
        return there.difference(self._suppression.among(kept.dataset.network, sorted(there)))

    def people(self, owner: str, dataset_id: str, most: int) -> list[str]:
        """Return the people of a data set, but for who is suppressed; nobody where they are more than `most`.

        Raises LookupError and DamagedFileError as `activities` does.
        """
        kept, table = self._found(owner, dataset_id)
        if len(table.people) > most:
            return []
        there = list(table.people.all())
        gone = self._suppression.among(kept.dataset.network, there)
        return [name for name in there if name not in gone]

    def copies(self, owner: str, dataset_id: str, table: Table, rule: CopyRule) -> Copies:
        """Return the near-copies among the posts of a table that `activities` gave; of a data set they are kept.

        Raises LookupError when there is no such data set any more.
        """
        kept, key = self._whole(owner, dataset_id), redis_keys.dataset(owner, dataset_id)
        return self._files.copies(kept.parts, table, rule, partial(self._holds, key, kept.parts))

    def tables(self, is_wanted: Callable[[str], bool], owner: str | None = None) -> Iterator[tuple[str, Table]]:
        """Yield network and records of the data sets, an owner's or everybody's, of the networks that are wanted.

        Those that cannot be read are passed over.
        """
        for dataset in [kept.dataset for kept in self._all(owner) if is_wanted(kept.dataset.network)]:
            with contextlib.suppress(LookupError, DamagedFileError):
                yield dataset.network, self._found(dataset.owner, dataset.id)[1]

    def written_alike(self, network: str, name: str, owner: str | None = None) -> list[str]:
        """Return the accounts of a network in an owner's data sets, or in all, that somebody may have meant by a name.

        They are written so but for case and accents, or call themselves so; the name itself and who is suppressed are
        left out. While the storage is away nobody more is found: whoever asks to erase a name is not kept waiting.
        """
        found = set[str]()
        with contextlib.suppress(OSError):
            for _, table in self.tables(lambda other: other == network, owner):
                found.update(written_alike(table, name))
        found.discard(name)
        return sorted(found.difference(self._suppression.among(network, sorted(found))))

    def merge_parts(self, owner: str, dataset_id: str) -> bool:
        """Merge the small parts of a data set; what it says stays as it is. False where it was replaced meanwhile.

        Raises LookupError, DamagedFileError.
        """
        base, table = self._found(owner, dataset_id)
        key = redis_keys.dataset(owner, dataset_id)
        try:
            parts = self._files.merge(owner, dataset_id, base.parts, table)
        except FileNotFoundError:
            if self._holds(key, base.parts):
                raise
            return False
        while True:
            raw = self._redis.get(key)
            now = decode_dataset(raw)
            if now is None or now.parts[: len(base.parts)] != base.parts:
                self._files.delete(parts, but=base.parts)
                return False
            merged = now.holding(parts + now.parts[len(base.parts) :])  # what was added meanwhile stays behind
            if self._replace(key, raw, merged):
                self._files.move_table(now.parts, merged.parts, partial(self._holds, key, merged.parts))
                self._files.delete(base.parts, but=parts)
                return True

    def make_index(self, owner: str, dataset_id: str) -> None:
        """Keep at hand what adding to a data set needs to know of it. Raises LookupError, DamagedFileError, OSError."""
        kept, key = self._whole(owner, dataset_id), redis_keys.dataset(owner, dataset_id)
        self._files.make_index(kept.parts, partial(self._holds, key, kept.parts))

    def renew(self, owner: str, dataset_id: str) -> None:
        """Keep the data set from now on as long as one that was just written."""
        key, ends = redis_keys.dataset(owner, dataset_id), self._clock() + timedelta(seconds=self._life_s)

        def _renew(pipe: Pipeline) -> None:
            kept = decode_dataset(pipe.get(key))
            pipe.multi()
            if kept is not None:
                pipe.set(key, seal(kept.holding(kept.parts, expires_at=ends)), ex=self._life_s)

        self._redis.transaction(_renew, key)

    def delete_expired(self) -> None:
        """Delete parts whose time is over, and what broken uploads left a day ago."""
        erased = self._redis.get(redis_keys.ERASED_AT)
        since_s = math.inf if erased is None else self._clock().timestamp() - float(text(erased))
        try:
            self._files.delete_expired(self._life_s, self._claimed(), since_s)
        except DamagedValueError:
            log.exception("what is known of a data set is damaged, so no file is deleted: it may be one of its parts")

    def _ask_to_merge(self, owner: str, dataset_id: str) -> None:
        """Have a worker merge small parts once there are many."""
        kept = self._find(redis_keys.dataset(owner, dataset_id))
        small = sum(map(is_small, kept.parts)) if kept else 0
        if small >= MOST_SMALL and small % MOST_SMALL == 0:
            self._ask_for("merge", MERGE_FUNCTION, owner, dataset_id)  # or the next time there are as many more

    def _ask_for(self, what: str, function: str, owner: str, dataset_id: str) -> None:
        """Have a worker do something with the parts of a data set, where Redis takes what is asked."""
        with contextlib.suppress(RedisError):
            name = f"{what}_{part_prefix(owner, dataset_id)}"
            self._queue.push("batch", owner, name, function=function, about=dataset_id)


def _last(table: Table, now: datetime) -> datetime | None:
    """Return when the last thing in a table was done, apart from what is dated in the future, and from accounts."""
    acts = int(np.searchsorted(table.published[: table.acts], microseconds(now + AHEAD), "right"))
    return moment(int(table.published[acts - 1])) if acts else None
