"""The files that hold data sets: one column file for each upload, so that a reader never sees half of two."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import time
from typing import TYPE_CHECKING, Any

import msgspec

from candor.scoring.table import Sparse, Table, Texts
from candor.store.column_file import PART, read_columns, write_columns
from candor.store.models import DAY_S
from candor.store.table_without import write_without

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

UNCLAIMED_S = 3600


class DatasetFiles:
    """A folder of column files. Each is found by its name, which only whoever knows its owner and id can guess."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def new(self, owner: str, dataset_id: str) -> Path:
        """Return where the next file of a data set may be."""
        self._folder.mkdir(parents=True, exist_ok=True)
        named = hashlib.sha256(msgspec.json.encode([owner, dataset_id])).hexdigest()[:24]
        return self._folder / f"{named}-{secrets.token_hex(8)}.columns"

    def table(self, name: str) -> Table:
        """Map a file. Raises FileNotFoundError."""
        return table_of(read_columns(self._folder / name))

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

    def sweep(self, life_s: float) -> None:
        """Delete files whose time is over, and what broken uploads left a day ago."""
        for path in self._folder.glob("*"):
            limit_s = DAY_S if path.name.endswith(PART) else life_s + DAY_S
            with contextlib.suppress(FileNotFoundError):  # other launchers sweep too
                if time.time() - path.stat().st_mtime > limit_s:
                    path.unlink()


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
