"""Column file: named arrays one behind the other, and at the end where each is. Read by mapping, column by column."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

import msgspec
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

PART = ".part"
_MAGIC = b"candor-columns-1"
_ALIGNMENT = 64


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
