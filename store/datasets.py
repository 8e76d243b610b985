"""Data sets: a community's activities in a compressed file, what is known of them in Redis."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import os
import secrets
import time
from typing import TYPE_CHECKING

import msgspec

from scoring.activity import Activity
from scoring.records import RecordReader
from store import keys
from store.models import ArchiveFacts, BadDatasetError, Dataset, Retention

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from redis import Redis

DAY_S = 86_400
CHUNK_BYTES = 4_000_000
_PART = ".part"


class _Kept(msgspec.Struct, frozen=True):
    """A data set and the name of its file. Each upload has a file of its own, so a reader never sees half of two."""

    file: str
    dataset: Dataset


class Datasets:
    """The data sets of all owners, one gzip file of NDJSON each under `data_dir`/datasets."""

    def __init__(self, redis: Redis, data_dir: Path, retention: Retention, clock: Callable[[], datetime]) -> None:
        self._redis = redis
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
    ) -> Dataset:
        """Keep the records in `lines` (NDJSON), replacing what the id held. Until all is safe the old set stays.

        Raises BadDatasetError when lines are bad, unless `skip_bad`; OSError when the disk is full; whatever reading
        `lines` raises. None of them leaves anything behind.
        """
        reader = RecordReader(rename)
        reader.feed(lines)
        if reader.bad_total and not skip_bad:
            raise BadDatasetError(tuple(reader.bad), reader.bad_total)
        encoder = msgspec.json.Encoder()
        records = [encoder.encode(activity) for activity in reader.activities]
        path = self._path(owner, dataset_id)
        _write(path, records)
        dataset = Dataset(
            id=dataset_id,
            owner=owner,
            network=network,
            profile=profile,
            granted_rights=granted_rights,
            digest=_digest(records),
            records=len(records),
            counts=reader.counts,
            bytes=path.stat().st_size,
            created_at=self._clock(),
            archive=archive,
        )
        try:
            self._publish(_Kept(path.name, dataset))
        except BaseException:
            path.unlink()
            raise
        return dataset

    def get(self, owner: str, dataset_id: str) -> Dataset | None:
        """Return what is known of the owner's data set, or None."""
        kept = _decode(self._redis.get(keys.dataset(owner, dataset_id)))
        return None if kept is None else kept.dataset

    def delete(self, owner: str, dataset_id: str) -> bool:
        """Forget the data set and its file; False when there is none."""
        kept = _decode(self._redis.getdel(keys.dataset(owner, dataset_id)))
        if kept is None:
            return False
        (self._folder / kept.file).unlink(missing_ok=True)
        return True

    def activities(self, owner: str, dataset_id: str) -> list[Activity]:
        """Return the records in the order of the upload. Raises LookupError when there is no such data set."""
        kept = _decode(self._redis.get(keys.dataset(owner, dataset_id)))
        if kept is None:
            raise LookupError(f"there is no data set {dataset_id!r}")
        try:
            return list(_read(self._folder / kept.file))
        except FileNotFoundError as error:
            raise LookupError(f"the file of data set {dataset_id!r} is gone, or has just been replaced") from error

    def sweep(self) -> None:
        """Delete files whose time is over, and what broken uploads left a day ago."""
        for path in self._folder.glob("*"):
            limit_s = DAY_S if path.name.endswith(_PART) else self._life_s + DAY_S
            with contextlib.suppress(FileNotFoundError):  # other launchers sweep too
                if time.time() - path.stat().st_mtime > limit_s:
                    path.unlink()

    def _path(self, owner: str, dataset_id: str) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        named = hashlib.sha256(msgspec.json.encode([owner, dataset_id])).hexdigest()[:24]
        return self._folder / f"{named}-{secrets.token_hex(8)}.ndjson.gz"

    def _publish(self, kept: _Kept) -> None:
        key = keys.dataset(kept.dataset.owner, kept.dataset.id)
        before = _decode(self._redis.set(key, msgspec.json.encode(kept), ex=self._life_s, get=True))
        if before is not None:
            (self._folder / before.file).unlink(missing_ok=True)


def _write(path: Path, records: list[bytes]) -> None:
    part = path.with_name(path.name + _PART)
    try:
        with part.open("wb") as raw:
            with gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=1, mtime=0) as packed:
                packed.writelines(record + b"\n" for record in records)
            raw.flush()
            os.fsync(raw.fileno())
        part.rename(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _read(path: Path) -> Iterator[Activity]:
    decoder = msgspec.json.Decoder(Activity)
    with gzip.open(path) as records:
        while chunk := records.readlines(CHUNK_BYTES):
            yield from decoder.decode_lines(b"".join(chunk))


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _digest(records: list[bytes]) -> str:
    digest = hashlib.sha256()
    for record in sorted(records):
        digest.update(record + b"\n")
    return "sha256:" + digest.hexdigest()


def _decode(raw: object) -> _Kept | None:
    return msgspec.json.decode(raw, type=_Kept) if isinstance(raw, bytes) else None
