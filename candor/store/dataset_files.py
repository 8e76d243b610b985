"""The files that hold data sets: one column file for each upload, so that a reader never sees half of two."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec
import numpy as np

from candor.scoring.activity import POSTS, TYPE_CODE
from candor.scoring.table import Sparse, Table, Texts
from candor.store.models import DAY_S

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

PART = ".part"
_MAGIC = b"candor-columns-1"
_ALIGNMENT = 64

_PIECE_BYTES = 16 * 2**20
_POST_CODES = [TYPE_CODE[name] for name in POSTS]

UNCLAIMED_S = 3600


class _Place(msgspec.Struct, frozen=True):
    """Where an array is: its first byte, how many items, of which type (as numpy writes it)."""

    first: int
    size: int
    dtype: str


class ColumnFile:
    """A file being written: `add` each column, in pieces of one type."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._places: dict[str, _Place] = {}

    def add(self, name: str, pieces: Iterable[NDArray[np.generic]], dtype: str) -> None:
        """Write a column."""
        self._file.write(bytes(-self._file.tell() % _ALIGNMENT))
        first = self._file.tell()
        size = 0
        for piece in pieces:
            np.ascontiguousarray(piece, np.dtype(dtype)).tofile(self._file)
            size += piece.size
        self._places[name] = _Place(first, size, dtype)

    def close(self) -> None:
        """Write where each column is."""
        said = msgspec.json.encode(self._places)
        self._file.write(said + len(said).to_bytes(8, "little") + _MAGIC)


@contextmanager
def write_columns(path: Path) -> Iterator[ColumnFile]:
    """Write a column file under a temporary name; it is there, whole and safe, when the block ends, or not at all."""
    part = path.with_name(path.name + PART)
    try:
        with part.open("wb") as file:
            columns = ColumnFile(file)
            yield columns
            columns.close()
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def read_columns(path: Path) -> dict[str, NDArray[np.generic]]:
    """Map the columns of a file: nothing is read before it is used. Raises FileNotFoundError, ValueError."""
    whole = np.memmap(path, np.uint8, "r")
    tail = len(_MAGIC) + 8
    if bytes(whole[-len(_MAGIC) :]) != _MAGIC:
        raise ValueError(f"{path} is no column file")
    said = int.from_bytes(bytes(whole[-tail : -len(_MAGIC)]), "little")
    places = msgspec.json.decode(bytes(whole[-tail - said : -tail]), type=dict[str, _Place])
    return {name: _array(whole, place) for name, place in places.items()}


def _array(whole: NDArray[np.uint8], place: _Place) -> NDArray[np.generic]:
    dtype = np.dtype(place.dtype)
    return np.asarray(whole[place.first : place.first + place.size * dtype.itemsize].view(dtype))


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


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
    used, persons = _renumbered(np.concatenate((table.actor[kept], target)))
    file.add("acts", [np.array([kept[: table.acts].sum()])], "<i8")
    _add(file, "type", table.type[kept], "i1")
    _add(file, "published", table.published[kept], "<i8")
    _add(file, "actor", persons[:left], "<i4")
    _add(file, "target", persons[left:], "<i4")
    _write_list(file, "people", table.people, used)
    used, tags = _renumbered(table.tags[kept])
    _add(file, "tags", tags, "<i4")
    _write_list(file, "tag_sets", table.tag_sets, used)
    _add(file, "visibility", table.visibility[kept], "i1")
    known = table.object[kept] < size
    used, unknown = _renumbered(np.where(known, -1, table.object[kept] - size))
    there = np.where(table.object[kept] >= 0, number[np.where(known, table.object[kept], -1)], -1)
    _add(file, "object", np.where(about[kept], -1, np.where(known, there, unknown + left)), "<i4")
    _write_list(file, "objects", table.objects, used)
    for name in ("ids", "contents", "urls", "more"):
        texts: Texts = getattr(table, name)
        chosen = np.flatnonzero(kept[texts.row])
        _write_texts(file, name, texts, chosen, number[texts.row[chosen]])
    for name in ("values", "offset"):
        _write_sparse(file, name, getattr(table, name), kept, number)
    return left


def _at(flags: Bools, where: NDArray[Any]) -> Bools:
    """Look flags up by number; -1 has none."""
    return np.asarray(np.append(flags, False)[where])


def _renumbered(numbers: NDArray[Any]) -> tuple[Ints, Ints]:
    """Return the numbers that occur, and each as its place among them; -1 stays."""
    used = np.unique(numbers[numbers >= 0]).astype(np.int64)
    return used, np.where(numbers >= 0, np.searchsorted(used, numbers), -1)


def _add(file: ColumnFile, name: str, column: NDArray[Any], dtype: str) -> None:
    file.add(name, [column], dtype)


def _write_list(file: ColumnFile, name: str, texts: Texts, chosen: Ints) -> None:
    _write_texts(file, name, texts, chosen, np.arange(chosen.size))


def _write_texts(file: ColumnFile, name: str, texts: Texts, chosen: Ints, row: Ints) -> None:
    size = np.diff(texts.end, prepend=0)[chosen]
    first = texts.end[chosen] - size
    _add(file, f"{name}.row", row, "<i4")
    _add(file, f"{name}.end", np.cumsum(size), "<i8")
    file.add(f"{name}.data", _pieces(texts.data, first, size), "u1")


def _pieces(data: NDArray[np.uint8], first: Ints, size: Ints) -> Iterator[NDArray[np.uint8]]:
    """Yield the chosen texts, some megabytes at a time."""
    end = np.cumsum(size)
    begin = 0
    while begin < size.size:
        before = int(end[begin] - size[begin])
        stop = max(begin + 1, int(np.searchsorted(end, before + _PIECE_BYTES, side="right")))
        sizes = size[begin:stop]
        inside = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        yield data[np.repeat(first[begin:stop], sizes) + inside]
        begin = stop


def _write_sparse(file: ColumnFile, name: str, numbers: Sparse, kept: Bools, number: Ints) -> None:
    chosen = np.flatnonzero(kept[numbers.row])
    _add(file, f"{name}.row", number[numbers.row[chosen]], "<i8")
    _add(file, f"{name}.value", numbers.value[chosen], numbers.value.dtype.str)


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

    def delete_expired(self, life_s: float) -> None:
        """Delete files whose time is over, and what broken uploads left a day ago."""
        for path in self._folder.glob("*"):
            limit_s = DAY_S if path.name.endswith(PART) else life_s + DAY_S
            with contextlib.suppress(FileNotFoundError):  # other launchers delete them too
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
