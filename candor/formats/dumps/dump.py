"""What every format of a dump says of itself, what a run of it counts, and how files are read piece by piece."""

from __future__ import annotations

import sys
import zipfile
import zlib
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Self, TypeVar

import msgspec

from candor.formats.archive import ArchiveError, is_of_a_mac
from candor.formats.compression import CHUNK_BYTES, UnreadableError, unpacked
from candor.formats.dumps.uploaded import UploadedFile
from candor.formats.lines import lines_of
from candor.formats.reading import MALFORMED, read_item
from candor.names.account_text import UnknownAccountError
from candor.scoring.records import People

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
    reads_zip: bool = False

    def records(self, paths: Sequence[Path], run: Run) -> Iterator[Activity]:
        """Yield the records with the one names of the accounts in them. Raises OSError, UnreadableError."""
        people = People(run.network)
        for activity in self._read(paths, run):
            try:
                yield people.with_canonical_names(activity)
            except UnknownAccountError:
                run.left_out["malformed"] += 1

    def _read(self, paths: Sequence[Path], run: Run) -> Iterator[Activity]:
        try:
            yield from self.read(paths, run)
        except UnreadableError:
            raise
        except ArchiveError as error:
            raise DumpError(str(error)) from error
        except _ODD as error:
            raise DumpError(f"this is not written as {self.facts.label} is") from error


@contextmanager
def chunks_of(path: Path) -> Iterator[Iterator[bytes]]:
    """Open a file and give what is in it, unpacked, piece by piece. Raises OSError, UnreadableError.

    A file of a stranger unpacks to no more than its limit, and not with the widest window.
    """
    with path.open("rb") as file:
        chunks = iter(partial(file.read, CHUNK_BYTES), b"")
        if isinstance(path, UploadedFile):
            yield unpacked(chunks, path.limit)
        else:
            yield unpacked(chunks, sys.maxsize, window=_WIDEST_WINDOW)


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
        self._opened = ExitStack()
        self._zip: zipfile.ZipFile | None = None
        self.names: list[str] = []

    def __enter__(self) -> Self:
        path = self._path
        if path.is_dir():
            self.names = sorted(each.relative_to(path).as_posix() for each in path.rglob("*.json"))
            return self
        try:
            self._zip = self._opened.enter_context(zipfile.ZipFile(self._opened.enter_context(path.open("rb"))))
        except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError):
            self._opened.close()
            raise DumpError(f"{path} is neither a folder nor a zip file") from None
        self.names = sorted(name for name in self._zip.namelist() if not is_of_a_mac(name))
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def read(self, name: str) -> bytes:
        """Return what a file holds. Raises DumpError where it is too large or damaged."""
        if self._zip is None:
            return (self._path / name).read_bytes()
        try:
            with self._zip.open(name) as file:
                body = file.read(_LARGEST_ENTRY_BYTES + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, OSError) as error:
            raise DumpError(f"{name} is damaged") from error
        if len(body) > _LARGEST_ENTRY_BYTES:
            raise DumpError(f"{name} is too large")
        return body
