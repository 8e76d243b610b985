"""Reading what is uploaded: records become a table in a file, or a list of what is wrong with them."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from candor.scoring.columns import microseconds
from candor.scoring.record_faults import BadRecord, conflicting_id
from candor.scoring.records import MAX_EXAMPLES, MAX_REPORTED, NAMELESS_SHARE, RecordReader
from candor.store.additions import ReadRecords
from candor.store.models import BadDatasetError
from candor.store.table_builder import TableBuilder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from candor.store.dataset_files import DatasetFiles


AHEAD = timedelta(days=2)
"""How far clocks and time zones may be off: what is dated later is of the future."""
MOST_JUNK = 1_000_000
"""Lines without a record: with 5 µs for each, a body of 64 MB of them would take minutes."""


@contextmanager
def read_records(
    files: DatasetFiles,
    network: str,
    lines: Iterable[object],
    rename: Mapping[str, str],
    now: datetime,
    *,
    skip_bad: bool,
    must_name: bool = False,
    adds: bool = False,
) -> Iterator[ReadRecords]:
    """Read records (lines of NDJSON, or read already) of a network, with what `rename` calls otherwise.

    Raises BadDatasetError when records are bad, unless `skip_bad`; when none is left, unless what it `adds` may take
    others out; and when they should name who did it (`must_name`, or a field looks as if it should be `actor`) and 98
    in a hundred acts do not.
    """
    with TableBuilder(files.scratch) as builder:
        reader = RecordReader(network, rename, keep=builder.add, hide=builder.hide, loose=True, most_junk=MOST_JUNK)
        reader.feed(lines)
        faults = faults_of(reader, builder)
        reader.counts.withdrawn = builder.withdraw(reader.withdrawals) + builder.take_out_hidden()
        takes_out = adds and (reader.withdrawals or len(builder.hidden()))
        if (faults.total and not skip_bad) or not (builder.kept() or takes_out) or reader.gave_up:
            raise faults
        counts = reader.counts
        acts = builder.count_nameless(counts)
        must_name |= "actor" in counts.unknown_field_names.values()
        if must_name and acts and counts.nameless >= NAMELESS_SHARE * acts:
            raise BadDatasetError((), 0, counts)
        with files.made(builder.write) as (table, digest, file):
            counts.in_future = int(np.count_nonzero(table.published > microseconds(now + AHEAD)))
            references = builder.references(MAX_EXAMPLES)
            yield ReadRecords(
                table, file, digest, builder.kept(), counts, references, reader.withdrawals, builder.hidden(), faults
            )


def faults_of(reader: RecordReader, builder: TableBuilder) -> BadDatasetError:
    """Return all that is wrong with what was read, by line: ids with two contents, too. Repetitions are counted."""
    bad, total = list(reader.bad), reader.bad_total
    for line, earlier, same in builder.repeated():
        if same:
            reader.counts.duplicates += 1
        else:
            bad.append(BadRecord(line, *conflicting_id(earlier)))
            reader.counts.bad += 1
            total += 1
    first = tuple(sorted(bad, key=lambda fault: fault.line)[:MAX_REPORTED])
    return BadDatasetError(first, total, reader.counts, gave_up=reader.gave_up)
