"""What every format of a dump says of itself, what a run of it counts, and how files are read piece by piece."""

from __future__ import annotations

import sys
import zipfile
import zlib
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Self, TypeVar

import msgspec

from candor.formats.compression import CHUNK_BYTES, UnreadableError, unpacked
from candor.formats.lines import lines_of
from candor.formats.reading import MALFORMED, read_item

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from candor.scoring.activity import Activity

T = TypeVar("T")
_LARGEST_ENTRY_BYTES = 512 * 2**20
_WIDEST_WINDOW = 31
"""Of zstd, as a power of two: 2 GB, which dumps of Reddit were packed with."""


_ODD = (*MALFORMED, TypeError, AttributeError)


class DumpError(UnreadableError):
    """The files are not what the format asks for; the words say what is missing."""


class FormatFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What a format is: one row of the table in docs/formats.md."""

    id: str
    label: str
    files: str
    network: str
    account: str
    question: str
    answer: str
    accept: str
    review: str = "none"
    trusted: str = "none"
    lost: str


@dataclass
class Run:
    """One reading of a dump: where it is from, what is renamed, what is left out, by reason, whom its source trusts."""

    network: str
    rename: Mapping[str, str] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    trusted: dict[str, None] = field(default_factory=dict)

    def each(
        self, things: Iterable[Any], shape: type[T], make: Callable[[T], Iterable[Activity]]
    ) -> Iterator[Activity]:
        """Read each thing as a shape and yield the records made of it: all or, if one is wrong, none, counted."""
        for thing in things:
            try:
                made = list(make(read_item(thing, shape)))
            except _ODD:
                self.left_out["malformed"] += 1
                continue
            yield from made


@dataclass(frozen=True)
class Format:
    """A format: its facts, and what reads its files, which yields records and counts the rest in the run."""

    facts: FormatFacts
    read: Callable[[Sequence[Path], Run], Iterator[Activity]]


@contextmanager
def chunks_of(path: Path) -> Iterator[Iterator[bytes]]:
    """Open a file and give what is in it, unpacked, piece by piece. Raises OSError, UnreadableError."""
    with path.open("rb") as file:
        yield unpacked(iter(partial(file.read, CHUNK_BYTES), b""), sys.maxsize, window=_WIDEST_WINDOW)


def lines_in(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file, packed or not."""
    with chunks_of(path) as chunks:
        yield from lines_of(chunks)


class Entries:
    """The files of an export by name, in a zip or in a folder, each read whole when it is asked for."""

    def __init__(self, paths: Sequence[Path]) -> None:
        if len(paths) != 1:
            raise DumpError("name one export, zipped or unpacked")
        self._path = paths[0]
        self._zip: zipfile.ZipFile | None = None
        self.names: list[str] = []

    def __enter__(self) -> Self:
        path = self._path
        if path.is_dir():
            self.names = sorted(each.relative_to(path).as_posix() for each in path.rglob("*.json"))
            return self
        try:
            self._zip = zipfile.ZipFile(path)
        except zipfile.BadZipFile:
            raise DumpError(f"{path} is neither a folder nor a zip file") from None
        self.names = sorted(self._zip.namelist())
        return self

    def __exit__(self, *_: object) -> None:
        if self._zip is not None:
            self._zip.close()

    def read(self, name: str) -> bytes:
        """Return what a file holds. Raises DumpError where it is too large or damaged."""
        if self._zip is None:
            return (self._path / name).read_bytes()
        try:
            with self._zip.open(name) as file:
                body = file.read(_LARGEST_ENTRY_BYTES + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
            raise DumpError(f"{name} is damaged") from error
        if len(body) > _LARGEST_ENTRY_BYTES:
            raise DumpError(f"{name} is too large")
        return body
