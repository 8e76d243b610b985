"""Records that stand in the body of a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from candor.scoring.records import RecordReader
from service.problems import Fault, ProblemError

if TYPE_CHECKING:
    import msgspec


def read_records(raw: list[msgspec.Raw], most: int, pointer: str) -> RecordReader:
    """Read records that stand in a body. Raises ProblemError: 413 too many, 422 with a pointer to each fault."""
    if len(raw) > most:
        raise ProblemError("too_many_records", f"{len(raw)} records stand in the body; at most {most} are taken.")
    reader = RecordReader()
    reader.feed(raw)
    if reader.bad:
        faults = [Fault(f"{pointer}/{bad.line - 1}{bad.pointer}", bad.detail) for bad in reader.bad]
        detail = f"{reader.bad_total} {'record is' if reader.bad_total == 1 else 'records are'} wrong."
        raise ProblemError("invalid_records", detail, tuple(faults))
    return reader
