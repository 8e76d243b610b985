"""What `candor score` scores from: records, somebody's own export, or whatever a service fetches."""

from __future__ import annotations

import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import click

from candor.formats import ArchiveError, Reading, pack_wanted, read_archive
from candor.formats.compression import CHUNK_BYTES, UnreadableError
from candor.formats.rows import records_in
from candor.scoring.record_faults import DAY_UNTOLD
from candor.scoring.records import MAX_EXAMPLES, NAMELESS_SHARE, RecordReader
from candor.store.column_file import made_table
from candor.store.record_reading import faults_of
from candor.store.table_builder import TableBuilder
from service.commands.errors import say, usage_error
from service.commands.job_body import as_options, renames

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from candor.client import Client
    from candor.scoring.activity import Activity
    from candor.scoring.record_counts import Counts, References
    from candor.scoring.record_faults import BadRecord
    from candor.scoring.table import Table

STDIN = "-"


@dataclass(frozen=True)
class ScoreRequest:
    """What is to be scored: a job's body without records, and what a source must say of itself; nobody is everybody."""

    body: dict[str, Any]
    network: str
    profile: str | None
    granted_rights: bool


@dataclass(frozen=True)
class HowWritten:
    """How the records in a file are written: names of fields and types, which number is the day, the charset."""

    rename: Mapping[str, str]
    day_first: bool | None = None
    charset: str | None = None

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> HowWritten:
        """Return what the options of a command say of it. Raises CommandError."""
        return cls(renames(given["pairs"]), given["day_first"], given["charset"])


def written_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command that reads records the options that say how a table of them is written."""
    charset = click.option("--charset", help="How a table's letters are written, where not UTF-8: windows-1252 …")
    days = click.option(
        "--day-first/--month-first", default=None, help="What 02/03/2026 begins with, where no row of a table tells."
    )
    return days(charset(command))


class ScoreSource(Protocol):
    """Where the records are."""

    @property
    def gaps(self) -> tuple[str, ...]:
        """What they do not show."""

    @property
    def community(self) -> bool:
        """Whether they are those of a whole community."""

    def read(self) -> Sequence[Activity]:
        """Return the records, maybe as a table. Raises CommandError where a service is needed to have them."""

    def sent(self, client: Client, asked: ScoreRequest) -> AbstractContextManager[dict[str, Any]]:
        """Give the part of a job's body that says where the records are, which holds while the block lasts."""


@dataclass(frozen=True)
class UploadedRecords:
    """Records as a community keeps them. They go as a data set, which is deleted afterwards."""

    activities: Sequence[Activity]
    gaps: tuple[str, ...] = ()
    community: bool = True

    def read(self) -> Sequence[Activity]:
        """See ScoreSource."""
        return self.activities

    @contextmanager
    def sent(self, client: Client, asked: ScoreRequest) -> Iterator[dict[str, Any]]:
        """See ScoreSource."""
        profile, rights = asked.profile, asked.granted_rights
        say(f"Uploading {len(self.activities):,} records.")
        with client.uploaded(self.activities, network=asked.network, profile=profile, granted_rights=rights) as name:
            yield {"dataset": name}


@dataclass(frozen=True)
class Export:
    """Somebody's own export; a service reads the file again, as a data set that is deleted afterwards."""

    path: Path
    reading: Reading
    account: str | None
    community: bool = False

    @property
    def gaps(self) -> tuple[str, ...]:
        """What such an export does not show."""
        return self.reading.gaps

    def read(self) -> Sequence[Activity]:
        """See ScoreSource."""
        return self.reading.activities

    @contextmanager
    def sent(self, client: Client, asked: ScoreRequest) -> Iterator[dict[str, Any]]:
        """See ScoreSource."""
        with tempfile.TemporaryFile() as packed:
            say(f"Uploading {pack_wanted(self.path, packed):,} bytes of it, without media.")
            with client.archive(packed, asked.network, self.account) as name:
                yield {"dataset": name}


@dataclass(frozen=True)
class LiveNetwork:
    """The accounts' own network, which workers read."""

    gaps: tuple[str, ...] = ()
    community: bool = False

    def read(self) -> Sequence[Activity]:
        """See ScoreSource."""
        raise usage_error("--in-process reads no network: give --activities or --archive, or leave --in-process out")

    @contextmanager
    def sent(self, client: Client, asked: ScoreRequest) -> Iterator[dict[str, Any]]:
        """See ScoreSource."""
        del client, asked
        yield {}


def read_export(path: str, account: str | None) -> Export:
    """Read an export, telling on stderr what was seen; `account` says whose it is if it does not.

    Raises CommandError.
    """
    say(f"Reading {path}.")
    try:
        with Path(path).open("rb") as file:
            reading = read_archive(file, account)
            reading.check_not_empty()
    except OSError as error:
        raise usage_error(f"the archive cannot be read from {path}: {error.strerror}") from None
    except ArchiveError as error:
        raise usage_error(f"{path}: {error}") from None
    left_out = ", ".join(f"{count:,} {reason}" for reason, count in reading.left_out.items())
    whose = f" by {reading.account}" if reading.account else ""
    say(
        f"Read {len(reading.activities):,} records of {reading.network}{whose}"
        + (f"; left out: {left_out}." if left_out else ".")
    )
    for note in reading.notes:
        say(f"{note[:1].upper()}{note[1:]}.")
    return Export(Path(path), reading, account)


def read_records(source: str, network: str, written: HowWritten, *, skip_bad: bool) -> list[Activity]:
    """Read and check the records of a network, telling on stderr what was seen.

    Raises CommandError when the source cannot be read, or when records are bad, unless `skip_bad`.
    """
    reader = RecordReader(network, written.rename, loose=True)
    _feed(reader, source, written)
    _check(reader, reader.bad, reader.bad_total, written, skip_bad=skip_bad)
    if reader.names_nobody():
        raise usage_error(_nobody(reader.counts))
    return reader.activities


def read_record_table(source: str, network: str, written: HowWritten, *, skip_bad: bool) -> Table:
    """Read and check records as `read_records` does, into columns: a third of the time, and of the memory."""
    folder = Path(tempfile.gettempdir())
    with TableBuilder(folder) as builder:
        reader = RecordReader(network, written.rename, keep=builder.add, hide=builder.hide, loose=True)
        _feed(reader, source, written)
        faults = faults_of(reader, builder)
        reader.counts.withdrawn = builder.withdraw(reader.withdrawals) + builder.take_out_hidden()
        acts = builder.count_nameless(reader.counts)
        with made_table(folder, builder.write) as (table, _, _):
            reader.references = builder.references(MAX_EXAMPLES)
        _check(reader, faults.bad, faults.total, written, skip_bad=skip_bad)
        if reader.counts.nameless and reader.counts.nameless >= NAMELESS_SHARE * acts:
            raise usage_error(_nobody(reader.counts))
        return table


def _feed(reader: RecordReader, source: str, written: HowWritten) -> None:
    """Have a reader read a source. Raises CommandError when there is nothing in it, or it cannot be read."""
    say(f"Reading {'standard input' if source == STDIN else source}.")
    try:
        with click.open_file(source, "rb") as file:
            chunks = iter(partial(file.read, CHUNK_BYTES), b"")
            rows = records_in(chunks, sys.maxsize, written.rename, charset=written.charset, day_first=written.day_first)
            reader.feed(rows)
    except (OSError, UnreadableError) as error:
        why = as_options(_why(error))
        raise usage_error(f"the records cannot be read from {source}: {why}") from None
    if not reader.counts.records:
        raise usage_error(f"there is no record in {source}")


def _check(reader: RecordReader, bad: Sequence[BadRecord], total: int, written: HowWritten, *, skip_bad: bool) -> None:
    """Tell what was seen, and what is wrong. Raises CommandError for that, unless `skip_bad`."""
    _tell(reader.counts, reader.references)
    for fault in bad:
        say(f"line {fault.line}{fault.pointer and f', {fault.pointer}'}: {fault.detail}")
    if (more := total - len(bad)) > 0:
        say(f"and {more:,} more")
    if total and not skip_bad:
        untold = written.day_first is None and any(fault.detail.endswith(DAY_UNTOLD) for fault in bad)
        say_days = "say --day-first or --month-first, " if untold else ""
        raise usage_error(f"nothing was scored; {say_days}mend the records, or leave the bad ones out with --skip-bad")


def _nobody(counts: Counts) -> str:
    """Say that the records do not say who did it, and which field was probably meant."""
    meant = [name for name, nearest in counts.unknown_field_names.items() if nearest == "actor"]
    said = f"{counts.nameless} of {counts.records} records do not say who did it; that is `actor`"
    return said + (f": pass --map actor={meant[0]}" if meant else "")


def _why(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__


def _tell(counts: Counts, found: References) -> None:
    """Say what was seen, and what was probably not meant."""
    seen = [f"{count:,} {words}" for words, count in _oddities(counts, found) if count]
    say(f"Read {counts.records:,} records" + (f": {', '.join(seen)}." if seen else "."))
    for name, nearest in counts.unknown_field_names.items():
        say(f"Field {name!r} is not known" + (f": did you mean {nearest!r}?" if nearest else "."))
    if counts.unknown_states:
        states = ", ".join(f"{state!r} ({count:,})" for state, count in counts.unknown_states.items())
        say(f"States of which nothing is known, so that these records count as public: {states}.")
    if found.answering == 0 and counts.records > 1:
        say("No record names another one of them as its `object`: nothing shows who answered whom.")
    if found.unmatched:
        say(f"Objects that are the id of no record, such as: {', '.join(map(repr, found.unmatched_examples))}.")


def _oddities(counts: Counts, found: References) -> tuple[tuple[str, int], ...]:
    return (
        ("repeated (counted once)", counts.duplicates),
        ("private (dropped)", counts.private),
        ("taken back or hidden by later ones (dropped)", counts.withdrawn),
        ("of nobody known", counts.nameless - counts.ownerless_accepts),
        ("accepted answers whose thread or question is not known", counts.ownerless_accepts),
        ("unknown fields (ignored)", counts.unknown_fields),
        ("blank lines", counts.skipped),
        ("of people who are suppressed (dropped)", counts.suppressed),
        ("wrong", counts.bad),
        ("times without a zone (taken as UTC)", counts.without_zone),
        ("dated in the future (none counts before its day)", counts.in_future),
        ("whose object is not among them", found.unmatched),
    )
