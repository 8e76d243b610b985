"""Data sets: a community's activities as columns in a file, what is known of them in Redis."""

from __future__ import annotations

import contextlib
from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from candor.scoring.records import MAX_EXAMPLES, MAX_REPORTED, BadRecord, RecordReader, conflicting_id
from candor.store import redis_keys
from candor.store.client import keys_like
from candor.store.column_file import write_columns
from candor.store.dataset_files import DamagedFileError, DatasetFiles, checksum_of
from candor.store.models import DAY_S, ArchiveFacts, BadDatasetError, Dataset, Retention
from candor.store.owned_hash import Check, no_check
from candor.store.table_builder import TableBuilder
from candor.store.table_merge import TableMerge, empty_table

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from redis import Redis
    from redis.client import Pipeline

    from candor.scoring.redaction import DataSubject
    from candor.scoring.table import Table
    from candor.store.suppression import Suppression


class _Kept(msgspec.Struct, frozen=True):
    """A data set, the name of its file and the CRC-32 of what was written there."""

    file: str
    checksum: int
    dataset: Dataset


class _ChangedMeanwhileError(Exception):
    """Somebody else changed the data set while this change was made."""


class Datasets:
    """The data sets of all owners, one column file each under `data_dir`/datasets. Who is suppressed is in none."""

    def __init__(
        self,
        redis: Redis,
        data_dir: Path,
        retention: Retention,
        suppression: Suppression,
        clock: Callable[[], datetime],
    ) -> None:
        self._redis = redis
        self._suppression = suppression
        self._files = DatasetFiles(data_dir / "datasets")
        self._life_s = retention.datasets_days * DAY_S
        self._clock = clock

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
    ) -> Dataset:
        """Keep records (lines of NDJSON, or read already), replacing what the id held; the old set stays until then.

        Records of people who are suppressed are dropped and counted, and so is what was done to them.

        Raises BadDatasetError when lines are bad, unless `skip_bad`, or when no record is left to keep; OSError when
        the disk is full; whatever reading `lines` raises, or what `check` raises about the set that is there, before or
        after reading. None of them leaves anything behind.
        """
        check(self.get(owner, dataset_id))
        said = {"network": network, "profile": profile, "granted_rights": granted_rights, "archive": archive}
        return self._publish(self._write(owner, dataset_id, lines, rename or {}, said, skip_bad=skip_bad), check)

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
        said = {name: getattr(before, name) for name in ("network", "profile", "granted_rights")} | {"archive": archive}
        new = self._write(owner, dataset_id, lines, rename or {}, said, skip_bad=skip_bad)
        try:
            table = self._files.table(new.file, new.checksum)
            return self._change(owner, dataset_id, check, lambda old: TableMerge(old, table), new.dataset)
        finally:
            self._files.delete(new.file)

    def remove(self, owner: str, dataset_id: str, record_id: str, check: Check[Dataset] = no_check) -> Dataset:
        """Take one record out of a data set. Raises LookupError when there is no such data set or record."""
        check(self.get(owner, dataset_id))

        def _without(old: Table) -> TableMerge:
            row = old.row_of(record_id)
            if row is None:
                raise LookupError(f"there is no record {record_id!r}")
            return TableMerge(old, empty_table(), gone=(row,))

        return self._change(owner, dataset_id, check, _without)

    def all_of(self, owner: str) -> list[Dataset]:
        """Return all data sets of an owner, by id."""
        kept = (kept for kept in self._all(owner) if self._files.has(kept.file))
        return sorted((each.dataset for each in kept), key=lambda dataset: dataset.id)

    def _write(
        self,
        owner: str,
        dataset_id: str,
        lines: Iterable[object],
        rename: Mapping[str, str],
        said: Mapping[str, Any],
        *,
        skip_bad: bool,
    ) -> _Kept:
        """Write records to a file of their own, and describe them. Raises BadDatasetError."""
        path = self._files.new(owner, dataset_id)
        with TableBuilder(path.parent) as builder:
            reader = RecordReader(said["network"], rename, keep=builder.add, loose=True)
            reader.feed(lines)
            faults = _repeated(reader, builder)
            if (faults.total and not skip_bad) or not builder.kept():
                raise faults
            with write_columns(path) as file:
                digest = builder.write(file)
            reader.counts.nameless = builder.count_nameless()
            reader.counts.unmatched, reader.counts.unmatched_examples = builder.unmatched(MAX_EXAMPLES)
            dataset = Dataset(
                id=dataset_id,
                owner=owner,
                digest=digest,
                records=builder.kept(),
                counts=reader.counts,
                bytes=path.stat().st_size,
                created_at=self._clock(),
                **said,
            )
        return _Kept(path.name, checksum_of(path), dataset)

    def _change(
        self,
        owner: str,
        dataset_id: str,
        check: Check[Dataset],
        merge: Callable[[Table], TableMerge],
        new: Dataset | None = None,
    ) -> Dataset:
        """Publish a data set with what `merge` makes of it; again, if it was changed by somebody else meanwhile."""
        while True:
            base, table = self._found(owner, dataset_id)
            merged = merge(table)
            if merged.changes_nothing:
                return base.dataset
            path = self._files.new(owner, dataset_id)
            with write_columns(path) as file:
                digest = merged.write(file)
            dataset = _merged(base.dataset, new, merged, digest, path)

            def _unchanged(current: Dataset | None, base: Dataset = base.dataset) -> None:
                if current is None or current.digest != base.digest:
                    raise _ChangedMeanwhileError
                check(current)

            with contextlib.suppress(_ChangedMeanwhileError):
                return self._publish(_Kept(path.name, checksum_of(path), dataset), _unchanged)

    def get(self, owner: str, dataset_id: str) -> Dataset | None:
        """Return what is known of the owner's data set, or None: one whose file is gone is gone."""
        kept = self._find(redis_keys.dataset(owner, dataset_id))
        return None if kept is None else kept.dataset

    def delete(self, owner: str, dataset_id: str, check: Check[Dataset] = no_check) -> bool:
        """Forget the data set and its file; False when there is none. What `check` raises about it stops it."""
        key = redis_keys.dataset(owner, dataset_id)

        def _forget(pipe: Pipeline) -> None:
            self._look(pipe, key, check)
            pipe.multi()
            pipe.getdel(key)

        (forgotten,) = self._redis.transaction(_forget, key) or (None,)
        if (kept := _decode(forgotten)) is None:
            return False
        self._redis.delete(redis_keys.boards_of(owner, dataset_id))
        return self._files.delete(kept.file)

    def version(self, owner: str, dataset_id: str) -> object:
        """Return what differs whenever `activities` would: file and suppression list; None without a data set."""
        kept = self._find(redis_keys.dataset(owner, dataset_id))
        return None if kept is None else (kept, self._files.state(kept.file), self._suppression.version())

    def activities(self, owner: str, dataset_id: str) -> Table:
        """Return the records, sorted by time, as columns.

        Raises LookupError when there is no such data set, DamagedFileError when its file is not as it was written.
        """
        kept, table = self._found(owner, dataset_id)
        people = self._suppression.among(kept.dataset.network, table.people.all())
        return self._files.without(table, people) if people else table

    def kept_of(self, subject: DataSubject, owner: str | None) -> Iterator[dict[str, Any]]:
        """Yield the records by the person and towards the person, whoever is suppressed by now.

        Raises DamagedFileError where a file cannot be searched.
        """
        for dataset in [kept.dataset for kept in self._on_network(subject.network, owner)]:
            try:
                kept, table = self._found(dataset.owner, dataset.id)
            except LookupError:
                continue
            people = [number for number, name in enumerate(table.people.all()) if name in subject.names]
            for row in np.flatnonzero(np.isin(table.actor, people) | np.isin(table.target, people)).tolist():
                record = msgspec.to_builtins(table.record(row))
                yield {"owner": kept.dataset.owner, "dataset": kept.dataset.id, "record": record}

    def erase(self, subject: DataSubject, owner: str | None) -> Mapping[str, int]:
        """Delete the person's own exports and damaged data sets, write others anew, delete files that none has."""
        changed = 0
        for dataset in [kept.dataset for kept in self._on_network(subject.network, owner)]:
            if dataset.archive is not None and dataset.archive.account in subject.names:
                changed += self.delete(dataset.owner, dataset.id)
            else:
                changed += self._redact(dataset.owner, dataset.id, subject.names)
        self._files.delete_unclaimed({kept.file for kept in self._all()})
        return {"datasets": changed}

    def renew(self, owner: str, dataset_id: str) -> None:
        """Keep the data set from now on as long as one that was just written."""
        key = redis_keys.dataset(owner, dataset_id)
        if (kept := self._find(key)) is not None:
            self._redis.expire(key, self._life_s)
            self._files.renew(kept.file)

    def delete_expired(self) -> None:
        """Delete files whose time is over, and what broken uploads left a day ago."""
        self._files.delete_expired(self._life_s)

    def _on_network(self, network: str, owner: str | None) -> Iterator[_Kept]:
        return (kept for kept in self._all(owner) if kept.dataset.network == network)

    def _redact(self, owner: str, dataset_id: str, people: Collection[str]) -> bool:
        """Write the data set anew without the people, under another digest; False when they are not in it."""
        key, published = redis_keys.dataset(owner, dataset_id), False
        while not published:
            raw = self._redis.get(key)
            try:
                kept, table = self._found(owner, dataset_id)
            except LookupError:
                return False
            except DamagedFileError:  # who is in it cannot be known, nor can anybody be scored from it
                return self.delete(owner, dataset_id)
            theirs = set(people).intersection(table.people.all())
            if not theirs:
                return False
            left = self._without(kept, table, theirs)
            redacted = msgspec.structs.replace(left.dataset, redacted_at=self._clock())
            left = msgspec.structs.replace(left, dataset=redacted)
            published = self._replace(key, raw, left)  # not when it was replaced meanwhile, maybe by another erasure
            self._files.delete(kept.file if published else left.file)
        return True

    def _replace(self, key: str, raw: object, left: _Kept) -> bool:
        def _step(pipe: Pipeline) -> None:
            same = pipe.get(key) == raw
            pipe.multi()
            if same:
                pipe.set(key, msgspec.json.encode(left), keepttl=True)

        return bool(self._redis.transaction(_step, key))

    def _all(self, owner: str | None = None) -> list[_Kept]:
        names = keys_like(self._redis, redis_keys.dataset(owner, None))
        return [kept for raw in self._redis.mget(names) if (kept := _decode(raw))] if names else []

    def _find(self, key: str) -> _Kept | None:
        """Look a data set up; its file may be gone because another has just replaced it, so look twice."""
        raw = None
        while (now := self._redis.get(key)) != raw:
            raw = now
            if (kept := _decode(raw)) is not None and self._files.has(kept.file):
                return kept
        return None

    def _look(self, pipe: Pipeline, key: str, check: Check[Dataset]) -> None:
        kept = _decode(pipe.get(key))
        check(kept.dataset if kept is not None and self._files.has(kept.file) else None)

    def _found(self, owner: str, dataset_id: str) -> tuple[_Kept, Table]:
        kept = self._find(redis_keys.dataset(owner, dataset_id))
        if kept is None:
            raise LookupError(f"there is no data set {dataset_id!r}")
        try:
            return kept, self._files.table(kept.file, kept.checksum)
        except FileNotFoundError as error:
            if self._find(redis_keys.dataset(owner, dataset_id)) not in (None, kept):
                return self._found(owner, dataset_id)
            raise LookupError(f"there is no data set {dataset_id!r}") from error

    def _without_suppressed(self, kept: _Kept) -> _Kept:
        """Return the data set, in another file if somebody in it is suppressed."""
        table = self._files.table(kept.file, kept.checksum)
        people = self._suppression.among(kept.dataset.network, table.people.all())
        return self._without(kept, table, people) if people else kept

    def _without(self, kept: _Kept, table: Table, people: set[str]) -> _Kept:
        dataset = kept.dataset
        path = self._files.new(dataset.owner, dataset.id)
        records, digest = self._files.write_without(kept.file, table, people, path)
        counts = msgspec.structs.replace(
            dataset.counts, suppressed=dataset.counts.suppressed + dataset.records - records
        )
        facts = {"records": records, "counts": counts, "bytes": path.stat().st_size, "digest": digest}
        return _Kept(path.name, checksum_of(path), msgspec.structs.replace(dataset, **facts))

    def _publish(self, kept: _Kept, check: Check[Dataset]) -> Dataset:
        """Let the data set be found, without whoever is suppressed by then: an upload may take an hour."""
        key = redis_keys.dataset(kept.dataset.owner, kept.dataset.id)

        def _publish(pipe: Pipeline) -> None:
            nonlocal kept
            self._look(pipe, key, check)
            if (left := self._without_suppressed(kept)) is not kept:
                self._files.delete(kept.file)
                kept = left
            pipe.multi()
            pipe.set(key, msgspec.json.encode(kept), ex=self._life_s, get=True)

        try:
            (replaced,) = self._redis.transaction(_publish, redis_keys.SUPPRESSIONS, key) or (None,)
        except BaseException:
            self._files.delete(kept.file)
            raise
        if before := _decode(replaced):
            self._files.delete(before.file)
        return kept.dataset


def _merged(base: Dataset, new: Dataset | None, merged: TableMerge, digest: str, path: Path) -> Dataset:
    """Describe a data set after a change."""
    counts = base.counts if new is None else base.counts.plus(new.counts)
    return msgspec.structs.replace(
        base,
        archive=_both(base.archive, None if new is None else new.archive),
        digest=digest,
        records=merged.records,
        counts=msgspec.structs.replace(counts, unmatched=merged.unmatched[0], unmatched_examples=merged.unmatched[1]),
        bytes=path.stat().st_size,
    )


def _both(before: ArchiveFacts | None, added: ArchiveFacts | None) -> ArchiveFacts | None:
    """Describe the export that records came from, of one person: two parts of it, or the first of two exports."""
    if before is None or added is None or before.account != added.account:
        return before
    left_out = dict(Counter(before.left_out) + Counter(added.left_out))
    return msgspec.structs.replace(before, left_out=left_out, notes=tuple(dict.fromkeys((*before.notes, *added.notes))))


def _repeated(reader: RecordReader, builder: TableBuilder) -> BadDatasetError:
    """Count repetitions, and put ids that stand for two contents beside the reader's faults, by line."""
    bad, total = list(reader.bad), reader.bad_total
    for line, earlier, same in builder.repeated():
        if same:
            reader.counts.duplicates += 1
        else:
            bad.append(BadRecord(line, *conflicting_id(earlier)))
            reader.counts.bad += 1
            total += 1
    return BadDatasetError(tuple(sorted(bad, key=lambda fault: fault.line)[:MAX_REPORTED]), total, reader.counts)


def _decode(raw: object) -> _Kept | None:
    return msgspec.json.decode(raw, type=_Kept) if isinstance(raw, bytes) else None
