"""Column files: the columns of a table one behind the other in a file, which a reader maps instead of reading it."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar, cast

import msgspec
import numpy as np

from candor.scoring.record_digest import DIGEST_BYTES, combined
from candor.scoring.table import Sparse, Table, Texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

Item = TypeVar("Item")
_MAGIC = b"candor-columns-1"
_ALIGNMENT = 64
_PIECE_BYTES = 2**18
_LONG_BYTES = 96  # of a text on average
_ALIKE = 3  # the longest text is at most so many times as long as the average


class _Place(msgspec.Struct, frozen=True):
    """Where an array is: its first byte, how many items, of which type (as numpy writes it)."""

    first: int
    size: int
    dtype: str


class ColumnFile:
    """A file being written, column by column."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._places: dict[str, _Place] = {}

    def add(self, name: str, dtype: str, *pieces: NDArray[Any]) -> None:
        """Write a column, which may come in pieces."""
        self._add(name, dtype, iter(pieces))

    def add_texts(self, name: str, texts: Texts, chosen: Ints, row: Ints) -> None:
        """Write the chosen texts, in that order, as those of these rows."""
        size = np.diff(texts.end, prepend=0)[chosen]
        first = texts.end[chosen] - size
        self.add(f"{name}.row", "<i4", row)
        self.add(f"{name}.end", "<i8", np.cumsum(size))
        self.add_pieces(f"{name}.data", pieces(texts.data, first, size))

    def add_pieces(self, name: str, pieces: Iterator[NDArray[np.uint8]]) -> None:
        """Write a column of bytes, of which no more than a piece is in memory."""
        self._add(name, "u1", pieces)

    def add_list(self, name: str, texts: Texts, chosen: Ints) -> None:
        """Write the chosen texts, numbered as they come."""
        self.add_texts(name, texts, chosen, np.arange(chosen.size))

    def add_sparse(self, name: str, numbers: Sparse, chosen: Ints, row: Ints) -> None:
        """Write the chosen numbers, in that order, as those of these rows."""
        self.add(f"{name}.row", "<i8", row)
        self.add(f"{name}.value", numbers.value.dtype.str, numbers.value[chosen])

    def add_digests(self, digests: NDArray[np.uint8]) -> str:
        """Write the digest of each record and that of all of them, and return it."""
        whole = combined(np.ascontiguousarray(digests).reshape(-1))
        self.add("digests", "u1", digests.reshape(-1))
        self.add("digest", "u1", np.frombuffer(whole.encode(), np.uint8))
        return whole

    def close(self) -> None:
        """Write where each column is."""
        index = msgspec.json.encode(self._places)
        self._file.write(index + len(index).to_bytes(8, "little") + _MAGIC)
        self._file.flush()

    def _add(self, name: str, dtype: str, pieces: Iterator[NDArray[Any]]) -> None:
        self._file.write(bytes(-self._file.tell() % _ALIGNMENT))
        first = self._file.tell()
        size = 0
        for piece in pieces:
            # not `tofile`, whose error at a full disk does not say what it is
            self._file.write(np.ascontiguousarray(piece, np.dtype(dtype)).reshape(-1).view(np.uint8).data)
            size += piece.size
        self._places[name] = _Place(first, size, dtype)


@contextmanager
def made_table(folder: Path, write: Callable[[ColumnFile], Item]) -> Iterator[tuple[Table, Item, BinaryIO]]:
    """Give the table that `write` writes, what it returns, and the file: one without a name, which nobody can cut off.

    The table can be used after the block, too.
    """
    with tempfile.TemporaryFile(dir=folder) as opened:
        file = cast("BinaryIO", opened)
        columns = ColumnFile(file)
        said = write(columns)
        columns.close()
        yield read_table(file), said, file


def read_table(path: Path | BinaryIO) -> Table:
    """Map the table in a file: nothing is read before it is used. Raises FileNotFoundError, ValueError."""
    whole = np.memmap(path, np.uint8, "r")
    tail = len(_MAGIC) + 8
    if bytes(whole[-len(_MAGIC) :]) != _MAGIC:
        raise ValueError(f"{path} is no column file")
    size = int.from_bytes(bytes(whole[-tail : -len(_MAGIC)]), "little")
    places = msgspec.json.decode(bytes(whole[-tail - size : -tail]), type=dict[str, _Place])
    columns = {name: _array(whole, place) for name, place in places.items()}
    texts: dict[str, Any] = {
        name: Texts(*(columns[f"{name}.{part}"] for part in ("row", "end", "data")))
        for name in ("people", "objects", "tag_sets", "ids", "contents", "urls", "more")
    }
    sparse: dict[str, Any] = {
        name: Sparse(columns[f"{name}.row"], columns[f"{name}.value"]) for name in ("values", "offset")
    }
    plain: Any = {
        name: columns[name] for name in ("type", "published", "actor", "target", "object", "tags", "visibility")
    }
    plain["digests"] = columns["digests"].reshape(-1, DIGEST_BYTES)
    return Table(int(columns["acts"][0]), bytes(columns["digest"]).decode(), **plain, **texts, **sparse)


def _array(whole: NDArray[np.uint8], place: _Place) -> NDArray[Any]:
    dtype = np.dtype(place.dtype)
    return np.asarray(whole[place.first : place.first + place.size * dtype.itemsize].view(dtype))


def pieces(data: NDArray[np.uint8], first: Ints, size: Ints) -> Iterator[NDArray[np.uint8]]:
    """Yield texts of these sizes that begin there, one behind the other, some at a time."""
    end = np.cumsum(size)
    begin = 0
    while begin < size.size:
        before = int(end[begin] - size[begin])
        stop = max(begin + 1, int(np.searchsorted(end, before + _PIECE_BYTES, side="right")))
        yield _joined(data, first[begin:stop], size[begin:stop])
        begin = stop


def interleaved(
    sources: Sequence[NDArray[np.uint8]], which: Ints, first: Ints, size: Ints
) -> Iterator[NDArray[np.uint8]]:
    """Yield texts of these sizes, each of which begins there in one of the sources, as `pieces` does those of one."""
    end = np.cumsum(size)
    begin = 0
    while begin < size.size:
        before = int(end[begin] - size[begin])
        stop = max(begin + 1, int(np.searchsorted(end, before + _PIECE_BYTES, side="right")))
        some = slice(begin, stop)
        yield _joined_of(sources, which[some], first[some], size[some])
        begin = stop


def _joined_of(sources: Sequence[NDArray[np.uint8]], which: Ints, first: Ints, size: Ints) -> NDArray[np.uint8]:
    """Return some texts of several sources one behind the other: those of each source are put together first."""
    if (which == which[0]).all():
        return _joined(sources[int(which[0])], first, size)
    place, found, before = np.empty_like(first), [], 0
    for number, data in enumerate(sources):
        mine = which == number
        if mine.any():
            found.append(_joined(data, first[mine], size[mine]))
            place[mine] = before + np.cumsum(size[mine]) - size[mine]
            before += found[-1].size
    return _joined(np.concatenate(found), place, size)


def _joined(data: NDArray[np.uint8], first: Ints, size: Ints) -> NDArray[np.uint8]:
    """Return some texts one behind the other, as they lie where they do already.

    Else byte by byte, or short ones of about one length, or long ones, whole: byte by byte takes 7 ns a byte, short
    ones a third of that, and text by text 700 ns a text.
    """
    end = first + size
    if (first[1:] == end[:-1]).all():
        return data[first[0] : end[-1]]
    whole, longest = int(size.sum()), int(size.max())
    if whole > _LONG_BYTES * size.size:
        raw = data.data
        return np.frombuffer(b"".join([raw[a:b] for a, b in zip(first.tolist(), end.tolist(), strict=True)]), np.uint8)
    if 0 < size.size * longest <= _ALIKE * whole:
        return _short_joined(data, first, size, longest)
    return data[np.repeat(first - (np.cumsum(size) - size), size) + np.arange(whole)]


def _short_joined(data: NDArray[np.uint8], first: Ints, size: Ints, longest: int) -> NDArray[np.uint8]:
    """Return some texts one behind the other: each is taken as long as the longest, and what is too much left out."""
    last = data.size - longest
    from_each = np.ndarray((last + 1,), f"V{longest}", data, strides=(1,))
    taken = from_each[np.minimum(first, last)].view(np.uint8).reshape(-1, longest)
    at, late = np.arange(longest), np.flatnonzero(first > last)
    taken[late] = data[np.minimum(first[late, np.newaxis] + at, data.size - 1)]
    return taken[at < size[:, np.newaxis]]
