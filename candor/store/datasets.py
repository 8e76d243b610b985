"""Data sets: a community's activities as parts in the storage, what is known of them in Redis."""

from __future__ import annotations

import contextlib
import logging
import math
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec.structs import replace
from redis.exceptions import RedisError

from candor.scoring.activity import TYPE_CODE
from candor.scoring.columns import microseconds, moment
from candor.scoring.withdrawn import Withdrawals
from candor.store import redis_keys
from candor.store.additions import WholeLookError
from candor.store.client import DamagedValueError, seal, text
from candor.store.dataset_reading import ReadableDatasets
from candor.store.left_out import IDS_BY_AUTHORS, OtherAuthorsError, id_digest, rows_of_digests, without_rows
from candor.store.models import ArchiveFacts, Dataset
from candor.store.part_files import is_small, part_prefix
from candor.store.published_datasets import (
    ChangedMeanwhileError,
    KeptDataset,
    after_change,
    decode_dataset,
)
from candor.store.record_reading import AHEAD, read_records
from candor.store.sealed import Check, no_check
from candor.store.table_merge import TableMerge, empty_table, rows_with_ids

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from redis.client import Pipeline

    from candor.scoring.table import Table
    from candor.store.additions import ReadRecords
    from candor.store.parts import Part


log = logging.getLogger(__name__)

MOST_SMALL = 16
"""From so many small parts on they are merged."""
LARGE = 500_000
"""Records from which on a worker makes the index that adding to them needs, ahead: it takes a second a million."""
MERGE_FUNCTION, INDEX_FUNCTION = "worker.findings.merge_parts", "worker.findings.index_records"


class Datasets(ReadableDatasets):
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
        restore: bool = False,
    ) -> Dataset:
        """Keep records (lines of NDJSON, or read already), replacing what the id held; the old set stays until then.

        Records of people who are suppressed are dropped and counted, and so is what was done to them, and records that
        `remove` took out of the data set, unless it is to `restore` them.

        Raises BadDatasetError as `read_records` does; OSError when the disk is full; whatever reading `lines` raises,
        or what `check` raises about the set that is there, before or after reading. None of these leaves a trace.
        """
        taken_out: frozenset[str] = frozenset()
        with contextlib.suppress(DamagedValueError):  # to be replaced
            there = self._find(redis_keys.dataset(owner, dataset_id))
            check(None if there is None else there.dataset)
            if there is not None and there.dataset.network == network:
                taken_out = there.taken_out
        with (
            read_records(
                self._files, network, lines, rename or {}, skip_bad=skip_bad, must_name=must_name, now=self._clock()
            ) as sent,
            self._but(sent, taken_out, restore=restore) as (read, taken_out),
        ):
            if not read.records:
                raise read.faults
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
            described = KeptDataset((), dataset, taken_out)
            kept = self._publish(described.holding(parts), read.table, lambda: read.table, check)
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
        restore: bool = False,
    ) -> Dataset:
        """Add records to a data set; one with the id of another takes its place, and the same again changes nothing.

        Raises LookupError when there is no such data set, and whatever `put` raises.
        """
        there = self._find(redis_keys.dataset(owner, dataset_id))
        check(None if there is None else there.dataset)
        if there is None:
            raise LookupError(f"there is no data set {dataset_id!r}")
        before = there.dataset
        said = {name: getattr(before, name) for name in ("network", "profile", "granted_rights")}
        said |= {"archive": archive, "map": dict(rename or {})}
        with (
            read_records(
                self._files, before.network, lines, rename or {}, skip_bad=skip_bad, adds=True, now=self._clock()
            ) as sent,
            self._but(sent, there.taken_out, restore=restore) as (read, taken_out),
        ):
            try:
                changed = self._append(self._described(owner, dataset_id, read, **said), read, check, taken_out)
            except OtherAuthorsError as error:
                read.counts.other_author = len(error.rows)
                with without_rows(self._files, read, error.rows) as rest:
                    changed = self._append(self._described(owner, dataset_id, rest, **said), rest, check, taken_out)
        self._ask_to_merge(owner, dataset_id)
        return changed

    @contextlib.contextmanager
    def _but(
        self, read: ReadRecords, taken_out: frozenset[str], *, restore: bool
    ) -> Iterator[tuple[ReadRecords, frozenset[str]]]:
        """Give what was read without what was taken out before, and what is out then; or with it, to `restore` it."""
        rows = rows_of_digests(read.table, taken_out)
        if restore:
            back = {id_digest(str(read.table.ids.get(row))) for row in rows}
            yield read, taken_out - back
            return
        read.counts.taken_out = len(rows)
        with without_rows(self._files, read, rows) as left:
            yield left, taken_out

    def _append(self, new: Dataset, read: ReadRecords, check: Check[Dataset], taken_out: frozenset[str]) -> Dataset:
        """Publish a data set with the records of a table, of which no other is read; again, if it was changed.

        Raises OtherAuthorsError where records are to take the place of others' and must not.
        """
        owner, dataset_id = new.owner, new.id
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
            if not (read.records and added.changes):
                return self._unchanged(base, new, read)
            parts, references = self._with(base, read.table), added.references(before)
            described = after_change(
                base.dataset, new, added.records, references, added.digest, last=_last(read.table, self._clock())
            )
            kept = KeptDataset((), described, taken_out).holding(parts)
            with contextlib.suppress(ChangedMeanwhileError):
                return self._publish(kept, read.table, partial(self._files.table, parts, lambda: False), check, base)
        return self._append_and_take_out(new, read, check, taken_out)

    @staticmethod
    def _unchanged(base: KeptDataset, new: Dataset, read: ReadRecords) -> Dataset:
        """Return what is known of a data set to which nothing is added. Raises the faults where these are why."""
        if new.counts.taken_out or new.counts.other_author:
            return replace(base.dataset, counts=base.dataset.counts.plus(new.counts))
        if not read.records:
            raise read.faults
        return base.dataset

    def _append_and_take_out(
        self, new: Dataset, read: ReadRecords, check: Check[Dataset], taken_out: frozenset[str]
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
            is_left_out = new.counts.taken_out or new.counts.other_author
            if not (gone or read.records or read.withdrawals or is_left_out):
                raise read.faults
            new.counts.withdrawn = counted + len(gone)
            merged = TableMerge(old, read.table, gone)
            if others := merged.by_others:
                if new.archive is not None and new.archive.format in IDS_BY_AUTHORS:
                    raise OtherAuthorsError(others)
                new.counts.other_author = len(others)
            return merged

        def _parts(base: KeptDataset, merged: Table) -> tuple[Part, ...]:
            return self._rewritten(base, merged) if gone else self._with(base, read.table)

        return self._change(new.owner, new.id, check, _merged, _parts, new=new, out=lambda _: taken_out)

    def _with(self, base: KeptDataset, table: Table) -> tuple[Part, ...]:
        """Return the parts of a data set with those of a table behind them."""
        upload, rows = 1 + max(part.upload for part in base.parts), np.arange(len(table))
        return base.parts + self._files.write(base.dataset.owner, base.dataset.id, table, rows, upload=upload)

    def remove(self, owner: str, dataset_id: str, record_id: str, check: Check[Dataset] = no_check) -> Dataset:
        """Take one record out of a data set, for good. Raises LookupError when there is no such data set or record."""
        check(self.get(owner, dataset_id))

        def _without(old: Table) -> TableMerge:
            row = old.row_of(record_id)
            if row is None:
                raise LookupError(f"there is no record {record_id!r}")
            return TableMerge(old, empty_table(), gone=(row,))

        out = frozenset({id_digest(record_id)})
        return self._change(owner, dataset_id, check, _without, self._rewritten, out=out.union)

    def _rewritten(self, base: KeptDataset, left: Table) -> tuple[Part, ...]:
        return self._files.rewrite(base.dataset.owner, base.dataset.id, base.parts, left)

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
        out: Callable[[frozenset[str]], frozenset[str]],
    ) -> Dataset:
        """Publish a data set with what `merge` makes of it; again, if it was changed by somebody else meanwhile.

        `out` says what is out for good then, of what was before.
        """
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
                kept = KeptDataset((), described, out(base.taken_out)).holding(parts)
                with contextlib.suppress(ChangedMeanwhileError):
                    return self._publish(kept, table, lambda: table, check, base)  # called at once

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
