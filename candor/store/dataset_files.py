"""The files that hold data sets: one column file for each upload, so that a reader never sees half of two."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import time
import zlib
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from candor.errors import OperatorError
from candor.scoring.activity import POSTS, TYPE_CODE
from candor.scoring.record_digest import record_digest
from candor.scoring.records import names_any_of
from candor.store.column_file import PART, read_table, write_columns
from candor.store.models import DAY_S

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from numpy.typing import NDArray

    from candor.scoring.table import Table
    from candor.store.column_file import ColumnFile

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

UNCLAIMED_S = 3600
_CHUNK_BYTES = 2**20
_POST_CODES = [TYPE_CODE[name] for name in POSTS]


class DamagedFileError(OperatorError):
    """A file of a data set is not as it was written: truncated, changed, or another file."""


def checksum_of(path: Path) -> int:
    """Return the CRC-32 of a file, whatever is in it. Raises FileNotFoundError."""
    checksum = 0
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(_CHUNK_BYTES):
            checksum = zlib.crc32(chunk, checksum)
    return checksum


class DatasetFiles:
    """A folder of column files. Each is found by its name, which only whoever knows its owner and id can guess."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def new(self, owner: str, dataset_id: str) -> Path:
        """Return where the next file of a data set may be."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        named = hashlib.sha256(msgspec.json.encode([owner, dataset_id])).hexdigest()[:24]
        return self._folder / f"{named}-{secrets.token_hex(8)}.columns"

    def has(self, name: str) -> bool:
        """Tell whether the file is there."""
        return (self._folder / name).is_file()

    def state(self, name: str) -> tuple[int, ...] | None:
        """Return what a change to the file changes; None where it is gone."""
        try:
            found = (self._folder / name).stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns

    def table(self, name: str, checksum: int) -> Table:
        """Read a file through, and map it. Raises FileNotFoundError, DamagedFileError."""
        path = self._folder / name
        if checksum_of(path) != checksum:
            raise DamagedFileError(
                f"{path} is not as it was written: look at the disk, and upload the data set again or put the file "
                "back from a backup"
            )
        return read_table(path)

    def write_without(self, name: str, table: Table, people: Collection[str], path: Path) -> tuple[int, str]:
        """Write a file's table without the people, to be swept when the file would be.

        Returns how many records are left, and their digest.
        """
        with write_columns(path) as file:
            left = write_without(table, people, file)
        born_s = (self._folder / name).stat().st_mtime
        os.utime(path, (born_s, born_s))
        return left

    def without(self, table: Table, people: Collection[str]) -> Table:
        """Return a table without the people, from a file that nobody else sees: it goes with its last reader."""
        path = self.new("", secrets.token_hex(8))
        with write_columns(path) as file:
            write_without(table, people, file)
        try:
            return read_table(path)
        finally:
            path.unlink()

    def renew(self, name: str) -> None:
        """Have a file swept later, as if it had just been written."""
        with contextlib.suppress(FileNotFoundError):
            os.utime(self._folder / name)

    def delete(self, name: str) -> bool:
        """Delete a file; False when it is not there. Whoever has it open can read on."""
        try:
            (self._folder / name).unlink()
        except FileNotFoundError:
            return False
        return True

    def delete_unclaimed(self, claimed: Collection[str]) -> None:
        """Delete whatever has lain here for an hour, whoever may be in it, but for the `claimed` files."""
        for path in self._folder.glob("*.columns"):
            with contextlib.suppress(FileNotFoundError):
                if time.time() - path.stat().st_ctime > UNCLAIMED_S and path.name not in claimed:
                    path.unlink()

    def delete_expired(self, life_s: float) -> None:
        """Delete files whose time is over, and what broken uploads left a day ago."""
        for path in self._folder.glob("*"):
            limit_s = DAY_S if path.name.endswith(PART) else life_s + DAY_S
            with contextlib.suppress(FileNotFoundError):  # other launchers delete them too
                if time.time() - path.stat().st_mtime > limit_s:
                    path.unlink()


def write_without(table: Table, people: Collection[str], file: ColumnFile) -> tuple[int, str]:
    """Write the columns of a table without the people; return how many records are left, and their digest."""
    size = len(table)
    named = np.fromiter((name in people for name in table.people.all()), np.bool_, len(table.people))
    theirs = _at(named, table.actor)
    about = _at(named, table.target) | _at(theirs, np.where(table.object < size, table.object, -1))
    post = np.isin(table.type, _POST_CODES)
    kept = ~theirs & (post | ~about)
    via_lost = _lost_via(table, kept, people)
    number = np.where(kept, np.cumsum(kept) - 1, -1)
    left = int(kept.sum())
    target = np.where(about, -1, table.target)[kept]
    used_people, persons = renumbered(np.concatenate((table.actor[kept], target)))
    used_tags, tags = renumbered(table.tags[kept])
    objects = table.object[kept]
    known = objects < size
    used_objects, unknown = renumbered(np.where(known, -1, objects - size))
    there = np.where(objects >= 0, number[np.where(known, objects, -1)], -1)
    for name, dtype, column in (
        ("acts", "<i8", np.array([kept[: table.acts].sum()])),
        ("type", "i1", table.type[kept]),
        ("published", "<i8", table.published[kept]),
        ("actor", "<i4", persons[:left]),
        ("target", "<i4", persons[left:]),
        ("tags", "<i4", tags),
        ("visibility", "i1", table.visibility[kept]),
        ("object", "<i4", np.where(about[kept], -1, np.where(known, there, unknown + left))),
    ):
        file.add(name, dtype, column)
    for name, chosen in (("people", used_people), ("tag_sets", used_tags), ("objects", used_objects)):
        file.add_list(name, getattr(table, name), chosen)
    for name in ("ids", "contents", "urls", "more", "values", "offset"):
        part = getattr(table, name)
        chosen = np.flatnonzero((kept & ~via_lost if name == "more" else kept)[part.row])
        add = file.add_sparse if name in {"values", "offset"} else file.add_texts
        add(name, part, chosen, number[part.row[chosen]])
    lost = kept & (about | ((table.object >= 0) & (table.object < size) & ~_at(kept, np.minimum(table.object, size))))
    return left, file.add_digests(_digests_without(table, lost, about, via_lost)[kept])


def _lost_via(table: Table, kept: Bools, people: Collection[str]) -> Bools:
    """Say of which acts that are kept the reshare that led there is gone, or names the people."""
    lost = np.zeros(len(table), np.bool_)
    rows = [row for row in table.more.row.tolist() if row < table.acts and kept[row]]
    if rows:
        gone = {table.ids.get(row) for row in np.flatnonzero(~kept).tolist()}
        via = ((row, str(table.via_of(row))) for row in rows)
        lost[[row for row, by in via if by in gone or names_any_of(by, people)]] = True
    return lost


def _digests_without(table: Table, lost: Bools, about: Bools, via_lost: Bools) -> NDArray[np.uint8]:
    """Return the digests of the records, of those anew that no longer say what, or whom, they were about."""
    digests = np.array(table.digests)
    for row in np.flatnonzero(lost | via_lost).tolist():
        record = table.record(row)
        record = msgspec.structs.replace(record, object=None) if lost[row] else record
        record = msgspec.structs.replace(record, target_actor=None) if about[row] else record
        record = msgspec.structs.replace(record, via=None) if via_lost[row] else record
        digests[row] = np.frombuffer(record_digest(record), np.uint8)
    return digests


def _at(flags: Bools, where: NDArray[Any]) -> Bools:
    """Look flags up by number; -1 has none."""
    return np.asarray(np.append(flags, False)[where])


def renumbered(numbers: NDArray[Any]) -> tuple[Ints, Ints]:
    """Return the numbers that occur, and each as its place among them; -1 stays."""
    used = np.unique(numbers[numbers >= 0]).astype(np.int64)
    return used, np.where(numbers >= 0, np.searchsorted(used, numbers), -1)
