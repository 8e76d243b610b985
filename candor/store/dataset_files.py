"""The files that hold data sets: one column file for each upload, so that a reader never sees half of two."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import time
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from candor.scoring.activity import POSTS, TYPE_CODE
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
_POST_CODES = [TYPE_CODE[name] for name in POSTS]


class DatasetFiles:
    """A folder of column files. Each is found by its name, which only whoever knows its owner and id can guess."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def new(self, owner: str, dataset_id: str) -> Path:
        """Return where the next file of a data set may be."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        named = hashlib.sha256(msgspec.json.encode([owner, dataset_id])).hexdigest()[:24]
        return self._folder / f"{named}-{secrets.token_hex(8)}.columns"

    def table(self, name: str) -> Table:
        """Map a file. Raises FileNotFoundError."""
        return read_table(self._folder / name)

    def write_without(self, name: str, people: Collection[str], path: Path) -> int:
        """Write a file like another, without the people, to be swept when that would be; returns the records left."""
        with write_columns(path) as file:
            left = write_without(self.table(name), people, file)
        born_s = (self._folder / name).stat().st_mtime
        os.utime(path, (born_s, born_s))
        return left

    def without(self, name: str, people: Collection[str]) -> Table:
        """Return a file's table without the people, from a file that nobody else sees: it goes with its last reader."""
        path = self.new("", secrets.token_hex(8))
        self.write_without(name, people, path)
        try:
            return self.table(path.name)
        finally:
            path.unlink()

    def delete(self, name: str) -> None:
        """Delete a file, if it is there; whoever has it open can read on."""
        (self._folder / name).unlink(missing_ok=True)

    def delete_unclaimed(self, claimed: Collection[str], people: Collection[str]) -> None:
        """Delete whatever holds one of the people and is older than an hour, but for the `claimed` files."""
        for path in self._folder.glob("*.columns"):
            with contextlib.suppress(FileNotFoundError):
                is_old = time.time() - path.stat().st_mtime > UNCLAIMED_S
                if (
                    is_old
                    and path.name not in claimed
                    and not set(people).isdisjoint(self.table(path.name).people.all())
                ):
                    path.unlink()

    def delete_expired(self, life_s: float) -> None:
        """Delete files whose time is over, and what broken uploads left a day ago."""
        for path in self._folder.glob("*"):
            limit_s = DAY_S if path.name.endswith(PART) else life_s + DAY_S
            with contextlib.suppress(FileNotFoundError):  # other launchers delete them too
                if time.time() - path.stat().st_mtime > limit_s:
                    path.unlink()


def write_without(table: Table, people: Collection[str], file: ColumnFile) -> int:
    """Write the columns of a table without the people; return how many records are left."""
    size = len(table)
    named = np.fromiter((name in people for name in table.people.all()), np.bool_, len(table.people))
    theirs = _at(named, table.actor)
    about = _at(named, table.target) | _at(theirs, np.where(table.object < size, table.object, -1))
    post = np.isin(table.type, _POST_CODES)
    kept = ~theirs & (post | ~about)
    number = np.where(kept, np.cumsum(kept) - 1, -1)
    left = int(kept.sum())
    target = np.where(about, -1, table.target)[kept]
    used_people, persons = _renumbered(np.concatenate((table.actor[kept], target)))
    used_tags, tags = _renumbered(table.tags[kept])
    objects = table.object[kept]
    known = objects < size
    used_objects, unknown = _renumbered(np.where(known, -1, objects - size))
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
        chosen = np.flatnonzero(kept[part.row])
        add = file.add_sparse if name in {"values", "offset"} else file.add_texts
        add(name, part, chosen, number[part.row[chosen]])
    return left


def _at(flags: Bools, where: NDArray[Any]) -> Bools:
    """Look flags up by number; -1 has none."""
    return np.asarray(np.append(flags, False)[where])


def _renumbered(numbers: NDArray[Any]) -> tuple[Ints, Ints]:
    """Return the numbers that occur, and each as its place among them; -1 stays."""
    used = np.unique(numbers[numbers >= 0]).astype(np.int64)
    return used, np.where(numbers >= 0, np.searchsorted(used, numbers), -1)
