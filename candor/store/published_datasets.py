"""Data sets as Redis knows them: found with their tables, and published where nobody changed them meanwhile."""

from __future__ import annotations

import itertools
import logging
from collections import Counter
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import unquote

import msgspec

from candor.store import redis_keys
from candor.store.client import DamagedValueError, grow, keys_like, seal, unseal
from candor.store.models import DAY_S, ArchiveFacts, Dataset, Retention
from candor.store.parts import Part
from candor.store.sealed import Check, no_check
from candor.store.storage import DamagedFileError
from candor.store.table_without import write_without

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from datetime import datetime

    from redis import Redis
    from redis.client import Pipeline

    from candor.scoring.record_counts import References
    from candor.scoring.table import Table
    from candor.store.dataset_files import DatasetFiles
    from candor.store.queue import JobQueue
    from candor.store.suppression import Suppression


log = logging.getLogger(__name__)


class KeptDataset(msgspec.Struct, frozen=True):
    """A data set, and the parts that hold it, in the order in which they came.

    `taken_out` are digests of the ids of records that were taken out of it one by one, and are not to come back.
    """

    parts: tuple[Part, ...]
    dataset: Dataset
    taken_out: frozenset[str] = frozenset()

    def holding(self, parts: tuple[Part, ...], **facts: object) -> KeptDataset:
        """Return it with other parts, and what is known of it then."""
        size = sum(part.bytes for part in parts)
        dataset = msgspec.structs.replace(self.dataset, bytes=size, **facts)
        return msgspec.structs.replace(self, parts=parts, dataset=dataset)


_DECODER = msgspec.json.Decoder(KeptDataset)


def after_change(
    base: Dataset,
    new: Dataset | None,
    records: int,
    references: References,
    digest: str,
    *,
    last: datetime | None,
) -> Dataset:
    """Describe a data set after a change, with `new` where an upload was added, None where something was taken out.

    `references` says which of the records left act on which; `last` when the last thing was done in
    what was added, or in all that is left.
    """
    counts = base.counts if new is None else base.counts.plus(new.counts)
    return msgspec.structs.replace(
        base,
        archive=_both(base.archive, None if new is None else new.archive),
        map=(new and new.map) or base.map,
        digest=digest,
        records=records,
        last=last if new is None else max(filter(None, (base.last, last)), default=None),
        counts=counts,
        references=references,
    )


def _both(before: ArchiveFacts | None, added: ArchiveFacts | None) -> ArchiveFacts | None:
    """Describe the export that records came from, of one person: two parts of it, or the first of two exports."""
    if before is None or added is None or before.account != added.account:
        return before
    left_out = dict(Counter(before.left_out) + Counter(added.left_out))
    return msgspec.structs.replace(before, left_out=left_out, notes=tuple(dict.fromkeys((*before.notes, *added.notes))))


def decode_dataset(raw: object) -> KeptDataset | None:
    """Read one as Redis has it; None where there is nothing. Raises DamagedValueError."""
    return unseal(raw, _DECODER) if isinstance(raw, bytes) else None


def readable(raw: object) -> KeptDataset | None:
    """Read one as Redis has it; None where there is nothing, or it is damaged."""
    try:
        return decode_dataset(raw)
    except DamagedValueError:
        return None


class ChangedMeanwhileError(Exception):
    """Somebody else changed the data set while this change was made."""


class PublishedDatasets:
    """What `Datasets` is built on. Each data set is one entry in Redis, and is replaced whole."""

    def __init__(
        self,
        redis: Redis,
        files: DatasetFiles,
        retention: Retention,
        suppression: Suppression,
        clock: Callable[[], datetime],
        *,
        queue: JobQueue,
    ) -> None:
        self._redis = redis
        self._queue = queue
        self._suppression = suppression
        self._files = files
        self._life_s = retention.datasets_days * DAY_S
        self._clock = clock

    def delete(self, owner: str, dataset_id: str, check: Check[Dataset] = no_check) -> bool:
        """Forget the data set and its file; False when there is none. What `check` raises about it stops it.

        Raises StorageAwayError: then nothing is forgotten.
        """
        self._files.confirm_storage()
        key = redis_keys.dataset(owner, dataset_id)

        def _forget(pipe: Pipeline) -> None:
            self._look(pipe, key, check)
            pipe.multi()
            pipe.getdel(key)

        (forgotten,) = self._redis.transaction(_forget, key) or (None,)
        if forgotten is None:
            return False
        kept = readable(forgotten)
        grow(self._redis, redis_keys.ERASED_DATASETS)
        self._redis.delete(redis_keys.boards_of(owner, dataset_id), redis_keys.board_series(owner, dataset_id))
        return kept is None or self._files.delete(kept.parts)

    def _replace(self, key: str, raw: object, left: KeptDataset) -> bool:
        def _step(pipe: Pipeline) -> None:
            same = pipe.get(key) == raw
            pipe.multi()
            if same:
                pipe.set(key, seal(left), keepttl=True)

        return bool(self._redis.transaction(_step, key))

    def _all(self, owner: str | None = None) -> list[KeptDataset]:
        """Return what can be read of all data sets: one that is damaged is shown to nobody, and the log says so."""
        found = []
        for key, raw in self._raw(owner):
            try:
                kept = decode_dataset(raw)
            except DamagedValueError:
                log.exception("stored value damaged: %s", key)
                continue
            if kept is not None:
                found.append(kept)
        return found

    def _raw(self, owner: str | None) -> list[tuple[str, object]]:
        """Return what is kept of all data sets, with where it is."""
        names = keys_like(self._redis, redis_keys.dataset(owner, None))
        return list(zip(names, self._redis.mget(names), strict=True)) if names else []

    def _claimed(self) -> list[tuple[Part, ...]]:
        """Return the parts of every data set. Raises DamagedValueError: then nobody can say which parts are whose."""
        return [kept.parts for _, raw in self._raw(None) if (kept := decode_dataset(raw))]

    def _erase_damaged(self, owner: str | None) -> int:
        """Delete data sets of which nobody can tell what they hold, with their parts; return how many those were."""
        damaged = [key for key, raw in self._raw(owner) if raw is not None and readable(raw) is None]
        for key in damaged:
            *_, whose, dataset_id = map(unquote, key.split(":"))
            self._redis.delete(key)
            self._files.delete_all_of(whose, dataset_id)
        if damaged:
            self._files.drop_tables([kept.parts for kept in self._all()])
        return len(damaged)

    def _on_network(self, network: str, owner: str | None) -> Iterator[KeptDataset]:
        return (kept for kept in self._all(owner) if kept.dataset.network == network)

    def _holds(self, key: str, parts: tuple[Part, ...]) -> bool:
        """Tell whether the data set is in these parts now, and in those that came since."""
        now = decode_dataset(self._redis.get(key))
        return now is not None and now.parts[: len(parts)] == parts

    def _find(self, key: str) -> KeptDataset | None:
        """Look a data set up; its file may be gone because another has just replaced it, so look twice."""
        raw = None
        while (now := self._redis.get(key)) != raw:
            raw = now
            if (kept := decode_dataset(raw)) is not None and self._files.has(kept.parts):
                return kept
        return None

    def _look(self, pipe: Pipeline, key: str, check: Check[Dataset], base: KeptDataset | None = None) -> None:
        kept = readable(pipe.get(key))
        if base is not None and (kept is None or kept.parts != base.parts):
            raise ChangedMeanwhileError
        check(kept.dataset if kept is not None and self._files.has(kept.parts) else None)

    def _whole(self, owner: str, dataset_id: str) -> KeptDataset:
        kept = self._find(redis_keys.dataset(owner, dataset_id))
        if kept is None:
            raise LookupError(f"there is no data set {dataset_id!r}")
        return kept

    def _found(self, owner: str, dataset_id: str) -> tuple[KeptDataset, Table]:
        kept, key = self._whole(owner, dataset_id), redis_keys.dataset(owner, dataset_id)
        try:
            return kept, self._files.table(kept.parts, partial(self._holds, key, kept.parts))
        except FileNotFoundError as error:
            self._changed_since(kept, error)
            return self._found(owner, dataset_id)

    def _changed_since(self, kept: KeptDataset, error: FileNotFoundError) -> None:
        """Look whether a part that is gone went because the data set was changed; raise what it means otherwise."""
        owner, dataset_id = kept.dataset.owner, kept.dataset.id
        now = self._find(redis_keys.dataset(owner, dataset_id))
        if now is None:
            raise LookupError(f"there is no data set {dataset_id!r}") from error
        if now == kept:
            raise DamagedFileError(f"a part of the data set {dataset_id!r} is gone: {error}") from error

    def _without(self, kept: KeptDataset, table: Table, people: set[str], objects: Collection[str] = ()) -> KeptDataset:
        """Return the data set without people, in other parts where they, or what was sent again, are in them."""
        dataset = kept.dataset
        with self._files.made(lambda file: write_without(table, people, file, objects)) as (left, rest, file):
            known = rest if len(table) == sum(part.records for part in kept.parts) else None  # nothing was sent again
            parts = self._files.rewrite(dataset.owner, dataset.id, kept.parts, left, rest=known)
            self._files.keep_table(parts, file)
        return kept.holding(parts, records=rest.records, references=rest.references, digest=rest.digest)

    def _left_of(
        self, whole: KeptDataset, table: Callable[[], Table], people: set[str], base: KeptDataset | None
    ) -> KeptDataset:
        """Return a data set without people who came with an upload, counted as dropped from it.

        Raises ChangedMeanwhileError where parts of `base` are gone by now.
        """
        try:
            left = self._without(whole, table(), people)
            dropped = whole.dataset.records - left.dataset.records
            counts = whole.dataset.counts
            counts = msgspec.structs.replace(counts, suppressed=counts.suppressed + dropped)
            return left.holding(left.parts, counts=counts)
        except FileNotFoundError as error:
            dataset = whole.dataset
            if base is None or self._holds(redis_keys.dataset(dataset.owner, dataset.id), base.parts):
                raise
            raise ChangedMeanwhileError from error

    def _publish(
        self,
        kept: KeptDataset,
        new: Table,
        table: Callable[[], Table],
        check: Check[Dataset],
        base: KeptDataset | None = None,
    ) -> Dataset:
        """Let the data set be found, without whoever is suppressed by then: an upload may take an hour.

        `new` is what came with it; who was there before is taken out by whoever suppresses them.
        Where it cannot be, its parts are deleted but for those of `base`, which it was made from and replaces. Raises
        ChangedMeanwhileError when that is no longer there.
        """
        key = redis_keys.dataset(kept.dataset.owner, kept.dataset.id)
        ends = self._clock() + timedelta(seconds=self._life_s)
        whole = kept = kept.holding(kept.parts, expires_at=ends)

        def _publish(pipe: Pipeline) -> None:
            nonlocal kept
            self._look(pipe, key, check, base)
            named = itertools.chain(new.people.all(), new.objects.all())
            if suppressed := self._suppression.among(whole.dataset.network, named):
                if kept is not whole:  # an earlier try
                    self._files.delete(kept.parts, but=whole.parts)
                kept = self._left_of(whole, table, suppressed, base)
            pipe.multi()
            pipe.set(key, seal(kept), ex=self._life_s, get=True)

        try:
            (replaced,) = self._redis.transaction(_publish, redis_keys.SUPPRESSIONS, key) or (None,)
        except BaseException:
            for parts in {whole.parts, kept.parts}:
                self._files.delete(parts, but=base.parts if base else ())
            raise
        before = readable(replaced)
        for old in (whole.parts, before.parts if before else ()):
            if old != kept.parts:
                self._files.delete(old, but=kept.parts)
        return kept.dataset
