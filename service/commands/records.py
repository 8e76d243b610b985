"""Reads the records that `candor score` is given: a file or standard input, NDJSON, gzip or not."""

from __future__ import annotations

import gzip
import io
import sys
import zlib
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from candor.scoring.records import Counts, RecordReader
from service.commands.trouble import misuse, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from candor.scoring.activity import Activity

STDIN = "-"
GZIP_MAGIC = b"\x1f\x8b"


def read_records(source: str, rename: Mapping[str, str], *, skip_bad: bool) -> list[Activity]:
    """Read and check the records, telling on stderr what was seen.

    Raises Trouble when the source can not be read, or when records are bad, unless `skip_bad`.
    """
    say(f"Reading {'standard input' if source == STDIN else source}.")
    reader = RecordReader(rename)
    try:
        with _open(source) as lines:
            reader.feed(lines)
    except (OSError, EOFError, zlib.error) as error:
        raise misuse(f"the records can not be read from {source}: {_why(error)}") from None
    say(_summary(reader))
    if reader.bad_total:
        _report(reader)
        if not skip_bad:
            raise misuse("nothing was scored; mend the records, or leave the bad ones out with --skip-bad")
    return reader.activities


@contextmanager
def _open(source: str) -> Iterator[IO[bytes]]:
    with ExitStack() as files:
        raw = sys.stdin.buffer if source == STDIN else files.enter_context(Path(source).open("rb"))
        lines = io.BufferedReader(cast("io.RawIOBase", raw))
        if lines.peek(2)[:2] == GZIP_MAGIC:
            yield cast("IO[bytes]", files.enter_context(gzip.open(lines)))
        else:
            yield lines


def _why(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__


def _summary(reader: RecordReader) -> str:
    seen = [f"{count:,} {words}" for words, count in _oddities(reader.counts) if count]
    return f"Read {reader.counts.records:,} records" + (f": {', '.join(seen)}." if seen else ".")


def _oddities(counts: Counts) -> tuple[tuple[str, int], ...]:
    return (
        ("repeated (counted once)", counts.duplicates),
        ("private (dropped)", counts.private),
        ("of nobody known", counts.nameless),
        ("unknown fields (ignored)", counts.unknown_fields),
        ("blank lines", counts.skipped),
        ("of people who are kept out (dropped)", counts.kept_out),
    )


def _report(reader: RecordReader) -> None:
    for bad in reader.bad:
        say(f"line {bad.line}{bad.pointer and f', {bad.pointer}'}: {bad.detail}")
    if (more := reader.bad_total - len(reader.bad)) > 0:
        say(f"and {more:,} more")
