"""Spooled texts: what the texts of an upload say waits in files without a name; columns are written from there."""

from __future__ import annotations

import tempfile
from array import array
from typing import TYPE_CHECKING, BinaryIO, cast

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from candor.store.column_file import ColumnFile

    Ints = NDArray[np.int64]

_PIECE = 100_000


class SpooledTexts:
    """Texts of some rows: where each ends in memory, what they say in a file without a name."""

    def __init__(self, folder: Path) -> None:
        self.row = array("q")
        self.end = array("q")
        self._file = cast("BinaryIO", tempfile.TemporaryFile(dir=folder, buffering=1 << 20))  # noqa: SIM115 # see close
        self._size = 0

    def add(self, row: int, text: bytes) -> None:
        """Append the text of a row."""
        self._size += self._file.write(text)
        self.row.append(row)
        self.end.append(self._size)

    def close(self) -> None:
        """Give the file up."""
        self._file.close()

    def data(self) -> NDArray[np.uint8]:
        """Map what they say."""
        self._file.flush()
        return np.memmap(self._file, np.uint8, "r") if self._size else np.zeros(0, np.uint8)


class TextsByRow:
    """Looks up spooled texts by row."""

    def __init__(self, texts: SpooledTexts) -> None:
        self._row, self._end = np.frombuffer(texts.row, np.int64), np.frombuffer(texts.end, np.int64)
        self._data = texts.data()

    def __call__(self, row: int) -> str:
        """Return the text of a row that has one."""
        return self.raw(row).decode()

    def raw(self, row: int) -> bytes:
        """Return it as UTF-8."""
        place = int(np.searchsorted(self._row, row))
        first = int(self._end[place - 1]) if place else 0
        return bytes(self._data[first : int(self._end[place])])


def write_texts(file: ColumnFile, name: str, spooled: SpooledTexts, at: Ints) -> None:
    """Write texts in the order of `at`, their rows in the table; -1 is left out."""
    chosen = np.flatnonzero(at >= 0)
    chosen = chosen[np.argsort(at[chosen])]
    end = np.frombuffer(spooled.end, np.int64)
    size = np.diff(end, prepend=0)[chosen]
    first = end[chosen] - size
    file.add(f"{name}.row", [at[chosen]], "<i4")
    file.add(f"{name}.end", [np.cumsum(size)], "<i8")
    file.add(f"{name}.data", _gathered(spooled.data(), first, size), "u1")


def _gathered(data: NDArray[np.uint8], first: Ints, size: Ints) -> Iterator[NDArray[np.uint8]]:
    for begin in range(0, first.size, _PIECE):
        sizes, firsts = size[begin : begin + _PIECE], first[begin : begin + _PIECE]
        inside = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        yield data[np.repeat(firsts, sizes) + inside]


def write_list(file: ColumnFile, name: str, texts: Iterable[bytes]) -> None:
    """Write texts that stand in no row: they are numbered as they come."""
    end, data = array("q"), bytearray()
    for text in texts:
        data += text
        end.append(len(data))
    file.add(f"{name}.row", [np.arange(len(end))], "<i4")
    file.add(f"{name}.end", [np.frombuffer(end, np.int64)], "<i8")
    file.add(f"{name}.data", [np.frombuffer(bytes(data), np.uint8)], "u1")
