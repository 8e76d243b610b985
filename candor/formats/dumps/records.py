"""Records in our own fields, however they are written: NDJSON, JSON, CSV and Parquet."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from candor.formats.dumps.dump import Format, FormatFacts, Run
from candor.formats.dumps.objects import objects_in
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


def read(paths: Sequence[Path], run: Run) -> Iterator[Activity]:
    """Yield the records, those that are wrong left out and counted."""
    for path in paths:
        found: list[Activity] = []
        reader = RecordReader(None, run.rename, keep=lambda _, record, found=found: found.append(record), loose=True)  # type: ignore[misc]
        objects = objects_in(path, run.rename)
        while some := list(islice(objects, _AT_ONCE)):
            reader.feed(each if isinstance(each, dict) else bytes(each) for each in some)
            yield from found
            found.clear()
        run.left_out["malformed"] += reader.counts.bad
        run.left_out["private"] += reader.counts.private


FORMAT = Format(FACTS, read)
