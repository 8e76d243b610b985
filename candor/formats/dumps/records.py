"""Records in our own fields, however they are written: NDJSON, JSON, CSV and Parquet."""

from __future__ import annotations

import sys
from itertools import islice
from typing import TYPE_CHECKING

from candor.formats.dumps.dump import DumpError, Format, FormatFacts, Run, chunks_of
from candor.formats.rows import records_in
from candor.scoring.record_faults import DAY_UNTOLD
from candor.scoring.records import RecordReader

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from candor.scoring.activity import Activity

FACTS = FormatFacts(
    id="records",
    label="records",
    files="NDJSON, a JSON array, CSV or Parquet with our field names; others with --map FIELD=COLUMN",
    network="any",
    account="as the network writes it",
    question="type question",
    answer="type answer",
    accept="type accept",
    review="type review",
    lost="fields that Candor does not know",
)
_AT_ONCE = 1_000
_FAULTS_TOLD = 3


def read(paths: Sequence[Path], run: Run) -> Iterator[Activity]:
    """Yield the records, those that are wrong left out and counted. Raises UnreadableError, also when all are wrong."""
    faults: list[str] = []
    kept = 0
    for path in paths:
        found: list[Activity] = []
        reader = RecordReader(None, run.rename, keep=lambda _, records, found=found: found.extend(records), loose=True)  # type: ignore[misc]
        with chunks_of(path, as_it_is=True) as chunks:
            records = records_in(chunks, sys.maxsize, run.rename, charset=run.charset, day_first=run.day_first)
            while some := list(islice(records, _AT_ONCE)):
                reader.feed(some)
                kept += len(found)
                yield from found
                found.clear()
        run.left_out["malformed"] += reader.counts.bad
        run.left_out["fields"] += reader.counts.unknown_fields
        run.left_out["private"] += reader.counts.private
        faults += [f"record {bad.line}, {bad.pointer[1:] or 'as a whole'}: {bad.detail}" for bad in reader.bad]
    if faults and not kept:
        untold = run.day_first is None and any(fault.endswith(DAY_UNTOLD) for fault in faults)
        say = "; say --day-first or --month-first" if untold else ""
        raise DumpError(f"every record is wrong; the first faults: {'; '.join(faults[:_FAULTS_TOLD])}{say}")


FORMAT = Format(FACTS, read)
