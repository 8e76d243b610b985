"""Records as data engineers write them: NDJSON, JSON arrays, CSV and Parquet, packed or not, told apart by content."""

from __future__ import annotations

import json
import re
from itertools import chain, islice, repeat
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from candor.formats import parquet, workbook
from candor.formats.accepted import with_accepts
from candor.formats.clocks import clock_column, with_clocks
from candor.formats.column_parts import says_html
from candor.formats.compression import TooLargeError, UnreadableError, bounded, peek, unpacked
from candor.formats.day_order import is_in_doubt, with_days_told
from candor.formats.delimited import header_in, is_header_alone, refuse_other_table, rows_in
from candor.formats.dumps import stackexchange
from candor.formats.encodings import as_utf_8
from candor.formats.hidden_rows import with_hidden
from candor.formats.json_items import HEAD_BYTES, WRAPPED, items_under, json_items
from candor.formats.known_files import refuse_known, refuse_other_json
from candor.formats.lines import LONGEST_LINE_BYTES, CutShort, lines_of, some_lines
from candor.formats.pairs import with_pairs
from candor.formats.posts import (
    TOPIC,
    begins_topics,
    names_nothing_by_number,
    posts_in,
    says_types,
    with_guests,
    with_made_ids,
    with_names,
    with_plain_text,
    with_titles,
    with_topics,
    with_types,
    with_types_of_posts,
    without_replies_to_zero,
)
from candor.formats.threads import with_threads
from candor.formats.wrapped import rows_sent, wrapped_in
from candor.scoring.activity import (
    FIELDS,
    MAPPED,
    RECORD_TYPES,
    Activity,
    accepted_column,
    has_pairs,
    thread_column,
    title_column,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from candor.formats.earlier import EarlierRecords

MEDIA_TYPES = (
    "application/x-ndjson",
    "application/jsonl",
    "application/json",
    "text/csv",
    "text/tab-separated-values",
    "application/vnd.apache.parquet",
    workbook.MEDIA_TYPE,
    "application/octet-stream",
    "application/gzip",
    "application/zstd",
)
_RECORD_SEPARATOR = b"\x1e"
_BEFORE = b" \t\r\x1e"
"""Before each value in a sequence of JSON texts (RFC 7464)."""
_BY_COLUMN = re.compile(
    rb'\s*\{\s*"(?:\w{1,40}"\s*:\s*\{\s*"0"\s*:|(?:columns|id|type|actor|object|published|content)"\s*:\s*\[)'
)
_DESCRIBED = re.compile(rb'\s*\{\s*"(?:meta|schema)"\s*:.*?"data"\s*:\s*\[\s*\{', re.DOTALL)
"""Rows with a description of their columns before them, as ClickHouse and pandas write them."""
_PYTHON = re.compile(rb"\s*\[?\s*\{'\w+': ")
_NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1d]")
_BY_COLUMN_ADVICE = "this table is written by columns: in pandas, write it with orient='records', lines=True"
_READ = "one record a line as JSON, a JSON array, CSV or Parquet"
_LOOKED_AT_FOR_DAYS = 20
Row: TypeAlias = "bytes | dict[str, Any] | Activity | UnreadableError"


def records_in(
    chunks: Iterable[bytes],
    limit: int,
    rename: Mapping[str, str] | None = None,
    folder: Path | None = None,
    *,
    any_table: bool = False,
    charset: str | None = None,
    earlier: EarlierRecords | None = None,
    day_first: bool | None = None,
) -> Iterator[Row]:
    """Yield each record as its JSON, or read already; what is none is yielded too, as bytes or an error that names it.

    `limit` is how many bytes it may unpack to, `folder` where a Parquet file may wait. `charset` how its
    letters are written where it is not UTF-8. `rename` says which columns
    stand for fields of ours; with `any_table` a table may have any columns. A table of ours without a column `type`
    holds posts: replies where they have an `object`, else notes; where a column says which answers were accepted,
    answers and questions, and accepts behind them, of whoever asked, also where `earlier` alone finds the question; a
    column of titles comes before the text, one of threads says what else posts reply to, and one of names what authors
    are called. `day_first` says what is the day of 2/3/2026 where no row tells. Raises UnreadableError, TooLargeError.
    """
    ours = None if any_table else dict(rename or {})
    head, chunks = peek(unpacked(chunks, limit), HEAD_BYTES)
    if workbook.is_open_document(head):
        raise UnreadableError(workbook.OPEN_DOCUMENT)
    if head.startswith(parquet.MAGIC):
        rows: Iterator[Row] = bounded(parquet.rows_of(chunks, folder, ours), limit)
    else:
        if workbook.is_workbook(head):
            chunks, charset = workbook.csv_of_table(chunks, limit, folder), None
        if head.lstrip()[:1] in {b"{", b"["}:  # JSON has no other (RFC 8259, 8.1)
            charset = None
        rows = _text_rows(as_utf_8(chunks, charset), ours)
    if ours is None:
        return rows
    return chain.from_iterable(_completed(rows, ours, folder, earlier, day_first=day_first))


def _text_rows(chunks: Iterable[bytes], ours: dict[str, str] | None) -> Iterator[Row]:
    head, chunks = peek(chunks, 1)
    if b"\r" in head and b"\n" not in head:  # as older programs of Apple end lines
        head, chunks = head.replace(b"\r", b"\n"), (chunk.replace(b"\r", b"\n") for chunk in chunks)
    text = head.lstrip()
    refuse_known(text)
    if text[:1] in {b"{", b"["}:
        if _PYTHON.match(text):
            raise UnreadableError("this is how Python prints a dict: write it with json.dumps, one a line")
        if ours is not None and "content" not in ours:
            refuse_other_json(text)
        rows = _json_rows(head, chunks, ours)
        return rows if ours is None else posts_in(rows, ours)
    if stackexchange.is_posts(head):
        return stackexchange.posts_alone(chunks)
    if ours == {} and (table := header_in(head, None)) and stackexchange.is_table(table.names):
        return stackexchange.posts_in_rows(rows_in(lines_of(chunks), table, head, None))
    if header := header_in(head, ours):
        if b"\n" not in head.strip() and ours is not None and not is_header_alone(head, header, ours):
            raise _joined()
        return rows_in(lines_of(chunks), header, head, ours)
    refuse_other_table(head, ours)
    _check_is_json(head)
    return _json_lines(chunks)


def _json_rows(head: bytes, chunks: Iterator[bytes], ours: Mapping[str, str] | None) -> Iterator[Row]:
    if ours is not None:
        fields, time = {*FIELDS, *ours.values()}, ours.get("published", "published")
        if (sent := rows_sent(head, chunks, time)) is not None:
            return sent
        if (found := wrapped_in(head, chunks, fields, time)) is not None:
            return map(_or_fault, found)
    if _BY_COLUMN.match(head):
        raise UnreadableError(_BY_COLUMN_ADVICE)
    if _DESCRIBED.match(head):
        return items_under(chunks, "data")[1]
    if head.lstrip()[:1] == b"[" or (ours is None and WRAPPED.match(head)) or _is_spread(head) or _is_joined(head):
        return map(_or_fault, json_items(chunks))
    return _json_lines(chunks)


def _json_lines(chunks: Iterable[bytes]) -> Iterator[Row]:
    return chain.from_iterable(map(_bare_lines, some_lines(chunks)))


def _bare_lines(lines: list[bytes]) -> Iterable[Row]:
    """Return lines without what may stand before a value; one that was cut short is an error that says so."""
    if lines and isinstance(lines[0], CutShort):
        return [TooLargeError(f"a line is longer than {LONGEST_LINE_BYTES} bytes")]
    return map(bytes.lstrip, lines, repeat(_RECORD_SEPARATOR))


def _or_fault(item: bytes | dict[str, Any]) -> Row:
    if isinstance(item, CutShort):
        return TooLargeError(f"an item is longer than {LONGEST_LINE_BYTES} bytes")
    return item


def _check_is_json(head: bytes) -> None:
    """Raise UnreadableError, saying what is read, where no line is an object of JSON."""
    if not head.strip() or b"{" in {line.lstrip(_BEFORE)[:1] for line in head.split(b"\n")}:
        return
    if _NO_TEXT.search(head):
        raise UnreadableError(f"this is no text, and no file of a kind that is read here: bring {_READ}")
    if head.lstrip()[:1] == b"<":
        raise UnreadableError(f"this is XML, which is read in dumps with their `format`: bring {_READ}")
    raise UnreadableError(f"this is neither JSON nor a table: bring {_READ}")


def _completed(
    rows: Iterator[Row],
    ours: Mapping[str, str],
    folder: Path | None,
    earlier: EarlierRecords | None,
    *,
    day_first: bool | None,
) -> Iterator[Iterator[Row]]:
    """Yield the rows, once, with what others and columns tell: which number is the day, threads, titles and accepts.

    `ours` says all that it will once the first row was read.
    """
    column, first = ours.get("published", "published"), list(islice(rows, _LOOKED_AT_FOR_DAYS))
    rows = chain(first, rows)
    if has_pairs(ours):
        pairs = with_pairs(rows, ours)
        first = list(islice(pairs, _LOOKED_AT_FOR_DAYS))
        rows = chain(first, pairs)
    if (clock := clock_column(first, ours)) is not None:
        first, rows = list(with_clocks(first, clock, ours)), with_clocks(rows, clock, ours)
    if any(is_in_doubt(each, column) for each in first):
        rows = with_days_told(rows, column, day_first=day_first)
    rows = _plain(rows, first, ours, is_added=earlier is not None)
    thread = thread_column(ours)
    if thread is None and begins_topics(first, ours):
        rows, thread = with_topics(rows, ours), TOPIC
    if thread is not None:
        rows = with_threads(rows, thread, ours, folder, earlier)
    if MAPPED & ours.keys() and says_types(first, ours):
        rows = with_types_of_posts(rows, ours)
    if says_html(ours.get("content", "content")):
        rows = with_plain_text(rows, ours)
    if (title := title_column(ours)) is not None:
        rows = with_titles(rows, title, ours)
    if "name" in ours and ours["name"] not in RECORD_TYPES:
        rows = with_names(rows, ours["name"], ours)
    accepted = accepted_column(ours)
    yield rows if accepted is None else with_accepts(rows, accepted, ours, earlier, folder, day_first=day_first)


def _plain(rows: Iterator[Row], first: Sequence[Row], ours: Mapping[str, str], *, is_added: bool) -> Iterator[Row]:
    """Yield rows with what software writes in its own way as ours: hidden rows, types, zeros for nothing, guests."""
    if ours or any(isinstance(each, dict) for each in first):
        rows = with_hidden(rows, ours, is_added=is_added)
    if says_types(first, ours):
        rows = with_types(rows, ours)
    if MAPPED & ours.keys() or any(isinstance(each, dict) or names_nothing_by_number(each) for each in first):
        rows = without_replies_to_zero(rows, ours)
    if MAPPED & ours.keys():
        rows = with_made_ids(rows, ours)
    return with_guests(rows, ours) if "actor" in ours else rows


def _joined() -> UnreadableError:
    """Make the error for a table whose lines somebody joined, as `curl -d @FILE` does."""
    return UnreadableError(
        "there is one line where each record has its own: send the file as it is: curl --data-binary @FILE -H "
        "'Content-Type: text/csv'"
    )


def _is_spread(head: bytes) -> bool:
    """Say whether one value stands on several lines, as `jq` writes them."""
    first, newline, _ = head.lstrip().partition(b"\n")
    first = first.strip()
    return bool(newline) and first[:1] == b"{" and (first == b"{" or (first[-1:] in b",[{:" and not _is_json(first)))


def _is_json(text: bytes) -> bool:
    try:
        msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return False
    return True


def _is_joined(head: bytes) -> bool:
    """Say whether the first line holds several objects, as queues write them into files."""
    text = head.decode("utf-8", "replace").strip().partition("\n")[0]
    if text[:1] != "{" or "}" not in text[:-1]:
        return False
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return False
    return text[end:].lstrip()[:1] == "{"
