"""What every format of a dump says of itself, what a run of it counts, and how files are read piece by piece."""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from candor.formats.archive import ArchiveError
from candor.formats.compression import CHUNK_BYTES, TooLargeError, UnreadableError, unpacked
from candor.formats.dumps.uploaded import BY_NAME, Kinds, UploadedFile, files_at
from candor.formats.encodings import as_utf_8
from candor.formats.lines import lines_cut_short
from candor.formats.reading import MALFORMED, read_item, record
from candor.names.account_text import UnknownAccountError
from candor.scoring.canonical_names import People

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from candor.scoring.activity import AccountKind, Activity

T = TypeVar("T")
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
    """One reading of a dump: where it is from, what is renamed, what is left out, by reason, whom its source trusts.

    `day_first` says what is the day of 2/3/2026 where no row tells, `charset` how the letters of a table are written;
    `first_fault` what is wrong with the first thing that is malformed.
    """

    network: str
    rename: Mapping[str, str] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    trusted: dict[str, None] = field(default_factory=dict)
    day_first: bool | None = None
    charset: str | None = None
    first_fault: str | None = None
    _named: dict[str, tuple[datetime, str | None, AccountKind | None]] = field(
        default_factory=dict, compare=False, repr=False
    )

    def name(self, account: str, name: str | None, at: datetime, kind: AccountKind | None = None) -> None:
        """Take in how an account is called beside something of `at`; the latest name is kept."""
        known = self._named.get(account)
        if (name or kind == "bot") and (known is None or at >= known[0]):
            self._named[account] = (at, name, kind)

    def accounts(self) -> Iterator[Activity]:
        """Yield who was named beside what was read, each once."""
        for account, (at, name, kind) in self._named.items():
            try:
                yield record(type="account", actor=account, published=at, name=name, kind=kind)
            except MALFORMED:
                self.left_out["malformed"] += 1

    def leave_out(self, why: str, count: int) -> None:
        """Count what is not among the records."""
        if count:
            self.left_out[why] += count

    def each_file(self, paths: Sequence[Path], read: Callable[[Path], Iterable[Activity]]) -> Iterator[Activity]:
        """Yield the records of each file; of several, one that is broken is counted and loses no other.

        Raises UnreadableError where none of them can be read, TooLargeError.
        """
        broken: list[UnreadableError | ArchiveError] = []
        for path in paths:
            try:
                yield from read(path)
            except TooLargeError:
                raise
            except (UnreadableError, ArchiveError) as error:
                broken.append(error)
        if broken and len(broken) == len(paths):
            raise broken[0]
        self.leave_out("files", len(broken))

    def each(
        self, things: Iterable[Any], shape: type[T], make: Callable[[T], Iterable[Activity]]
    ) -> Iterator[Activity]:
        """Read each thing as a shape and yield the records made of it: all or, if one is wrong, none, counted."""
        for thing in things:
            try:
                made = list(make(read_item(thing, shape, self.left_out)))
            except _ODD as error:
                self.left_out["malformed"] += 1
                self.first_fault = self.first_fault or _fault_of(thing, error)
                continue
            yield from made


def _fault_of(thing: Any, error: Exception) -> str | None:  # noqa: ANN401 JSON
    """Say what is wrong with a thing, as far as that is known."""
    if isinstance(thing, UnreadableError):
        return str(thing)
    return str(error) if isinstance(error, msgspec.MsgspecError) else None


@dataclass(frozen=True)
class Format:
    """A format: its facts, and what reads its files, which yields records and counts the rest in the run."""

    facts: FormatFacts
    read: Callable[[Sequence[Path], Run], Iterator[Activity]]
    kinds: Kinds = BY_NAME

    def records(self, paths: Sequence[Path], run: Run) -> Iterator[Activity]:
        """Yield the records with the one names of the accounts in them. Raises OSError, UnreadableError."""
        people = People(run.network)
        for activity in self.found(paths, run):
            try:
                yield people.with_canonical_names(activity)
            except UnknownAccountError:
                run.left_out["malformed"] += 1

    def found(self, paths: Sequence[Path], run: Run) -> Iterator[Activity]:
        """Yield the records with accounts as the files write them. Raises OSError, UnreadableError."""
        try:
            counts = run.left_out
            with ExitStack() as opened:
                yield from self.read(
                    [each for path in paths for each in files_at(path, self.kinds, counts, opened)], run
                )
                yield from run.accounts()
        except UnreadableError:
            raise
        except ArchiveError as error:
            raise DumpError(str(error)) from error
        except _ODD as error:
            raise DumpError(f"this is not written as {self.facts.label} is") from error


@contextmanager
def chunks_of(path: Path, *, as_it_is: bool = False) -> Iterator[Iterator[bytes]]:
    """Open a file and give what is in it, unpacked, text as UTF-8, piece by piece. Raises OSError, UnreadableError.

    Text that is to be decoded later is left `as_it_is`.

    A file of a stranger unpacks to no more than its limit, and not with the widest window.
    """
    with path.open("rb") as file:
        chunks = iter(partial(file.read, CHUNK_BYTES), b"")
        if isinstance(path, UploadedFile) and path.limit < sys.maxsize:
            found = unpacked(chunks, path.limit)
        else:
            found = unpacked(chunks, sys.maxsize, window=_WIDEST_WINDOW)
        yield found if as_it_is else as_utf_8(found)


def lines_in(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file, packed or not; of one that is too long to be held the first bytes, as CutShort."""
    with chunks_of(path) as chunks:
        yield from lines_cut_short(chunks)
