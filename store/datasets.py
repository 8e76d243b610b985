"""Data sets: a community's activities as columns in a file, what is known of them in Redis."""

from __future__ import annotations

import contextlib
import hashlib
import secrets
import time
from typing import TYPE_CHECKING, Any

import msgspec

from scoring.records import MAX_REPORTED, RecordReader
from scoring.table import Sparse, Table, Texts
from store import keys
from store.column_file import PART, read_columns, write_columns
from store.models import ArchiveFacts, BadDatasetError, Dataset, Retention
from store.shelf import Check, accept
from store.table_builder import TableBuilder, conflict
from store.table_without import write_without

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

    from redis import Redis
    from redis.client import Pipeline

    from store.suppression import Suppression

DAY_S = 86_400


class _Kept(msgspec.Struct, frozen=True):
    """A data set and the name of its file. Each upload has a file of its own, so a reader never sees half of two."""

    file: str
    dataset: Dataset


class Datasets:
    """The data sets of all owners, one column file each under `data_dir`/datasets. Who is kept out is in none."""

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
        self._folder = data_dir / "datasets"
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
        lines: Iterable[bytes],
        rename: Mapping[str, str] | None = None,
        skip_bad: bool = False,
        archive: ArchiveFacts | None = None,
        check: Check[Dataset] = accept,
    ) -> Dataset:
        """Keep the records in `lines` (NDJSON), replacing what the id held. Until all is safe the old set stays.

        Records of people who are kept out are dropped and counted, and so is what was done to them.

        Raises BadDatasetError when lines are bad, unless `skip_bad`; OSError when the disk is full; whatever reading
        `lines` raises, or what `check` raises about the set that is there, before or after reading. None of them leaves
        anything behind.
        """
        check(self.get(owner, dataset_id))
        path = self._path(owner, dataset_id)
        with TableBuilder(path.parent) as builder:
            reader = RecordReader(rename, keep=builder.add)
            reader.feed(lines)
            faults = _repeated(reader, builder)
            if faults.total and not skip_bad:
                raise faults
            with write_columns(path) as file:
                builder.write(file)
            reader.counts.nameless = builder.count_nameless()
            dataset = Dataset(
                id=dataset_id,
                owner=owner,
                network=network,
                profile=profile,
                granted_rights=granted_rights,
                digest=builder.digest(),
                records=builder.kept(),
                counts=reader.counts,
                bytes=path.stat().st_size,
                created_at=self._clock(),
                archive=archive,
            )
        return self._publish(_Kept(path.name, dataset), check)

    def get(self, owner: str, dataset_id: str) -> Dataset | None:
        """Return what is known of the owner's data set, or None."""
        kept = _decode(self._redis.get(keys.dataset(owner, dataset_id)))
        return None if kept is None else kept.dataset

    def delete(self, owner: str, dataset_id: str, check: Check[Dataset] = accept) -> bool:
        """Forget the data set and its file; False when there is none. What `check` raises about it stops it."""
        key = keys.dataset(owner, dataset_id)

        def forget(pipe: Pipeline) -> None:
            _look(pipe, key, check)
            pipe.multi()
            pipe.getdel(key)

        (forgotten,) = self._redis.transaction(forget, key) or (None,)
        if (kept := _decode(forgotten)) is None:
            return False
        (self._folder / kept.file).unlink(missing_ok=True)
        self._redis.delete(keys.boards_of(owner, dataset_id))
        return True

    def activities(self, owner: str, dataset_id: str) -> Table:
        """Return the records, sorted by time, as columns. Raises LookupError when there is no such data set."""
        kept = _decode(self._redis.get(keys.dataset(owner, dataset_id)))
        if kept is None:
            raise LookupError(f"there is no data set {dataset_id!r}")
        try:
            table = self._table(kept.file)
        except FileNotFoundError as error:
            raise LookupError(f"the file of data set {dataset_id!r} is gone, or has just been replaced") from error
        if not (people := self._suppression.among(kept.dataset.network, table.people.all())):
            return table
        path, _ = self._written_without(table, people, kept.dataset)
        try:
            return self._table(path.name)
        finally:
            path.unlink()  # what is mapped stays as long as somebody reads it

    def sweep(self) -> None:
        """Delete files whose time is over, and what broken uploads left a day ago."""
        for path in self._folder.glob("*"):
            limit_s = DAY_S if path.name.endswith(PART) else self._life_s + DAY_S
            with contextlib.suppress(FileNotFoundError):  # other launchers sweep too
                if time.time() - path.stat().st_mtime > limit_s:
                    path.unlink()

    def _table(self, file: str) -> Table:
        return table_of(read_columns(self._folder / file))

    def _without_suppressed(self, kept: _Kept) -> _Kept:
        """Return the data set, in another file if somebody in it is kept out; the one it had is gone then."""
        table = self._table(kept.file)
        people = self._suppression.among(kept.dataset.network, table.people.all())
        return self._without(kept, table, people) if people else kept

    def _without(self, kept: _Kept, table: Table, people: set[str]) -> _Kept:
        dataset = kept.dataset
        path, records = self._written_without(table, people, dataset)
        taken_out = sorted(self._suppression.digests(dataset.network, people))
        said = hashlib.sha256(msgspec.json.encode([dataset.digest, *taken_out])).hexdigest()
        counts = msgspec.structs.replace(dataset.counts, kept_out=dataset.counts.kept_out + dataset.records - records)
        facts = {"records": records, "counts": counts, "bytes": path.stat().st_size, "digest": f"sha256:{said}"}
        (self._folder / kept.file).unlink(missing_ok=True)
        return _Kept(path.name, msgspec.structs.replace(dataset, **facts))

    def _written_without(self, table: Table, people: set[str], dataset: Dataset) -> tuple[Path, int]:
        path = self._path(dataset.owner, dataset.id)
        with write_columns(path) as file:
            return path, write_without(table, people, file)

    def _path(self, owner: str, dataset_id: str) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        named = hashlib.sha256(msgspec.json.encode([owner, dataset_id])).hexdigest()[:24]
        return self._folder / f"{named}-{secrets.token_hex(8)}.columns"

    def _publish(self, kept: _Kept, check: Check[Dataset]) -> Dataset:
        """Let the data set be found, without whoever is kept out by then: an upload may take an hour."""
        key = keys.dataset(kept.dataset.owner, kept.dataset.id)

        def publish(pipe: Pipeline) -> None:
            nonlocal kept
            _look(pipe, key, check)
            kept = self._without_suppressed(kept)
            pipe.multi()
            pipe.set(key, msgspec.json.encode(kept), ex=self._life_s, get=True)

        try:
            (replaced,) = self._redis.transaction(publish, keys.SUPPRESSIONS, key) or (None,)
        except BaseException:
            (self._folder / kept.file).unlink(missing_ok=True)
            raise
        if before := _decode(replaced):
            (self._folder / before.file).unlink(missing_ok=True)
        return kept.dataset


def _look(pipe: Pipeline, key: str, check: Check[Dataset]) -> None:
    kept = _decode(pipe.get(key))
    check(None if kept is None else kept.dataset)


def _repeated(reader: RecordReader, builder: TableBuilder) -> BadDatasetError:
    """Count repetitions, and put ids that stand for two contents beside the reader's faults, by line."""
    bad, total = list(reader.bad), reader.bad_total
    for line, earlier, same in builder.repeated():
        if same:
            reader.counts.duplicates += 1
        else:
            bad.append(conflict(line, earlier))
            total += 1
    return BadDatasetError(tuple(sorted(bad, key=lambda fault: fault.line)[:MAX_REPORTED]), total)


def table_of(columns: dict[str, Any]) -> Table:
    """Put the columns of a file together."""
    texts: dict[str, Any] = {
        name: Texts(*(columns[f"{name}.{part}"] for part in ("row", "end", "data")))
        for name in ("people", "objects", "tag_sets", "ids", "contents", "urls", "more")
    }
    sparse: dict[str, Any] = {
        name: Sparse(columns[f"{name}.row"], columns[f"{name}.value"]) for name in ("values", "offset")
    }
    plain = ("type", "published", "actor", "target", "object", "tags", "visibility")
    return Table(int(columns["acts"][0]), **{name: columns[name] for name in plain}, **texts, **sparse)


def _decode(raw: object) -> _Kept | None:
    return msgspec.json.decode(raw, type=_Kept) if isinstance(raw, bytes) else None
