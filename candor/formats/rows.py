"""Records as data engineers write them: NDJSON, JSON arrays, CSV and Parquet, packed or not, told apart by content."""

from __future__ import annotations

import codecs
import csv
import json
import re
from itertools import chain, islice, repeat
from typing import TYPE_CHECKING, Any

import msgspec

from candor.formats import parquet
from candor.formats.columns import LEAST_COLUMNS, OtherColumnsError, check_named, replied_in
from candor.formats.compression import TooLargeError, UnreadableError, bounded, peek, unpacked
from candor.formats.dumps import stackexchange
from candor.formats.encodings import as_utf_8
from candor.formats.lines import LONGEST_LINE_BYTES, lines_of
from candor.scoring.activity import FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

MEDIA_TYPES = (
    "application/x-ndjson",
    "application/jsonl",
    "application/json",
    "text/csv",
    "application/vnd.apache.parquet",
    "application/octet-stream",
    "application/gzip",
    "application/zstd",
)
_HEAD_BYTES = 64 * 1024
_RECORD_SEPARATOR = b"\x1e"
"""Before each value in a sequence of JSON texts (RFC 7464)."""
_SAID_DELIMITER = re.compile(r"sep=(.)\s*", re.IGNORECASE)
"""The first line of what Excel writes where it says how columns are cut."""
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{}]|"', re.DOTALL)
_OPEN, _QUOTE = frozenset(b"[{"), ord('"')
_WRAPPED = re.compile(rb'\s*\{\s*"\w{1,40}"\s*:\s*\[\s*\{')
_BY_COLUMN = re.compile(
    rb'\s*\{\s*"(?:\w{1,40}"\s*:\s*\{\s*"0"\s*:|(?:columns|id|type|actor|object|published|content)"\s*:\s*\[)'
)
_DESCRIBED = re.compile(rb'\s*\{\s*"(?:meta|schema)"\s*:.*?"data"\s*:\s*\[\s*\{', re.DOTALL)
"""Rows with a description of their columns before them, as ClickHouse and pandas write them."""
_DELIMITERS = ",;\t|"
_WHOLE = re.compile(r"(-?\d{1,15})[.,]0+")
_IDS = frozenset({"id", "actor", "object", "target_actor"})
_ABSENT = frozenset({"", "NA", "N/A", "#N/A", "NULL", "null", "None", "nan", "NaN", "\\N"})
"""What R, Excel, MySQL, PostgreSQL, Hive and Python write into a cell of which nothing is known."""
_TEXTS = frozenset({"content", "name", "bio", "text", "title", "body"})
_SAFE_INTEGER = 2**53
_POWER = re.compile(r"\d(?:[.,]\d+)?e\+\d\d")
"""A whole number as R writes it where that is shorter, with all its digits: 1e+05."""
_BLANK = b" \t\r\n,"
_NOT_BLANK = re.compile(rb"[^ \t\r\n,]")


def records_in(
    chunks: Iterable[bytes],
    limit: int,
    rename: Mapping[str, str] | None = None,
    folder: Path | None = None,
    *,
    any_table: bool = False,
) -> Iterator[bytes | dict[str, Any]]:
    """Yield each record as its JSON, or read already; bytes that are none are yielded too, for the reader to name.

    `limit` is how many bytes it may unpack to, `folder` where a Parquet file may wait. `rename` says which columns
    stand for fields of ours; with `any_table` a table may have any columns. A table of ours without a column `type`
    holds posts: replies where they have an `object`, else notes. Raises UnreadableError, TooLargeError.
    """
    ours = None if any_table else rename or {}
    head, chunks = peek(unpacked(chunks, limit), _HEAD_BYTES)
    if head.startswith(parquet.MAGIC):
        return bounded(parquet.rows_of(chunks, folder, ours), limit)
    head, chunks = peek(as_utf_8(chunks), 1)
    if head.lstrip()[:5].lower() in {b"<html", b"<!doc"}:
        raise UnreadableError("this is a page: bring the data that it was made from, as JSON or CSV")
    if _BY_COLUMN.match(head):
        raise UnreadableError("this table is written by columns: in pandas, write it with orient='records', lines=True")
    if (kind := _joined(head, ours)) is not None:
        raise UnreadableError(
            "there is one line where each record has its own: send the file as it is: curl --data-binary @FILE -H "
            f"'Content-Type: {kind}'"
        )
    if _DESCRIBED.match(head):
        return items_under(chunks, "data")[1]
    if head.lstrip()[:1] == b"[" or _WRAPPED.match(head) or _is_spread(head):
        return json_items(chunks)
    if stackexchange.is_posts(head):
        return stackexchange.posts_alone(lines_of(chunks))
    if _is_csv(head, ours):
        return _csv_rows(lines_of(chunks), ours)
    if _is_other_table(head):
        check_named(_names(_first_line(head)), ours)
        raise OtherColumnsError([name.strip() for name in _names(_first_line(head))])
    return map(bytes.lstrip, lines_of(chunks), repeat(_RECORD_SEPARATOR))


def json_items(chunks: Iterable[bytes], *, inside: bool = False) -> Iterator[bytes]:
    """Yield the items of JSON arrays, also of one in an object, or values that stand one after the other.

    Of an array that stands `inside` an object, what is behind it belongs to the object and is not looked at.

    Raises UnreadableError when it ends too early, TooLargeError for an item without end.
    """
    head, chunks = peek(chunks, 1)
    begins = head.lstrip()[:1] == b"["
    is_array = begins or _WRAPPED.match(head) is not None
    if is_array:
        first = next(chunks)
        chunks = chain([first[first.index(b"[") + 1 :]], chunks)
    if begins and not inside:
        yield from _items_of_lists(chunks)
        return
    cut = _Cut()
    for chunk in chunks:
        yield from cut.items(chunk)
        if cut.ended:
            return
    if is_array or cut.depth:
        raise UnreadableError("the JSON ends too early")
    if rest := cut.buffer.strip(_BLANK):
        yield rest


def _items_of_lists(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the items of lists that stand one behind the other, in as long as one list of them all would take."""
    cut = _Cut()
    for chunk in chunks:
        if cut.ended:
            cut = _Cut(chunk)
        else:
            yield from cut.items(chunk)
        while cut.ended and cut.begins_another():
            yield from cut.items(b"")
        if cut.ended and (left := cut.left.lstrip(_BLANK)):
            yield left[:LONGEST_LINE_BYTES]  # what stands behind a list and is none is to be named
            return
    if not cut.ended:
        raise UnreadableError("the JSON ends too early")


def is_one_list(chunks: Iterable[bytes]) -> bool:
    """Tell whether JSON is one list, or an object that holds one list of objects and nothing else.

    Raises TooLargeError for an item without end.
    """
    head, chunks = peek(chunks, _HEAD_BYTES)
    if head.lstrip()[:1] != b"[" and _WRAPPED.match(head) is None:
        return False
    cut = _Cut()
    for number, chunk in enumerate(chunks):
        for _ in cut.items(chunk if number else chunk[chunk.index(b"[") + 1 :]):
            pass
        if cut.ended:
            return b"".join([cut.left, *islice(chunks, 2)]).strip() in {b"", b"}"}
    return False


def items_under(chunks: Iterable[bytes], name: str) -> tuple[dict[str, Any], Iterator[bytes]]:
    """Return what stands before a list in a JSON object, and the items of the list. Raises UnreadableError.

    What stands before has to fit into a line's length; of what stands behind nothing is read.
    """
    before, items = next(lists_under(chunks, name, whole=True))
    try:
        told = msgspec.json.decode(before.removeprefix(codecs.BOM_UTF8) + b"}", type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise UnreadableError(f"the list of {name} is not where it is expected") from None
    return told, items


def lists_under(chunks: Iterable[bytes], name: str, *, whole: bool = False) -> Iterator[tuple[bytes, Iterator[bytes]]]:
    """Yield the text before each list of that name in JSON, of a long one the end, and the items of the list.

    Items that are not gone through are passed over. A text before that has to stay `whole` fits into a line's length.

    Raises UnreadableError, also where there is no such list at all.
    """
    opening = re.compile(rb'"%s"\s*:\s*\[' % name.encode())
    rest, head, none = iter(chunks), b"", True
    while True:
        while (found := opening.search(head)) is None and (chunk := next(rest, None)) is not None:
            if whole and len(head) > LONGEST_LINE_BYTES:
                break
            head = (head if whole else head[-_HEAD_BYTES:]) + chunk
        if found is None:
            if none:
                raise UnreadableError(f"there is no list of {name} in it")
            return
        cut, none = _Cut(), False
        items = _under(cut, chain([head[found.end() :]], rest))
        yield head[: found.start()].rstrip(_BLANK), items
        for _ in items:
            pass
        head = cut.left


def _under(cut: _Cut, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the items of a list up to its end. Raises UnreadableError where it does not end."""
    for chunk in chunks:
        yield from cut.items(chunk)
        if cut.ended:
            return
    raise UnreadableError("the JSON ends too early")


class _Cut:
    """Cuts text into the objects and lists in it by counting brackets; what stands between them comes out as it is."""

    def __init__(self, behind: bytes | None = None) -> None:
        """Begin within a list, or `behind` the end of one."""
        self.buffer = behind or b""
        self.depth = 0
        self.ended = behind is not None
        self._seen = self._done = 0

    @property
    def left(self) -> bytes:
        """What stands behind the end of the list."""
        return self.buffer[self._seen :]

    def begins_another(self) -> bool:
        """Go into the list that stands behind the end of the one before; False where none does, or not yet."""
        found = _NOT_BLANK.search(self.buffer, self._seen)
        if found is None or found[0] != b"[":
            return False
        self._seen = self._done = found.end()
        self.depth, self.ended = 0, False
        return True

    def items(self, chunk: bytes) -> Iterator[bytes]:
        """Yield what is whole by now. Raises TooLargeError."""
        self.buffer += chunk
        for found in _TOKEN.finditer(self.buffer, self._seen):
            start, self._seen = found.span()
            sign = self.buffer[start]
            if sign != _QUOTE:
                yield from self._bracket(start, opens=sign in _OPEN)
                if self.ended:
                    return
            elif self._seen - start == 1:  # the text goes on in the next chunk
                self._seen = start
                break
        self.buffer = self.buffer[self._done :]
        self._seen, self._done = self._seen - self._done, 0
        if len(self.buffer) > LONGEST_LINE_BYTES:
            raise TooLargeError(f"an item is longer than {LONGEST_LINE_BYTES} bytes")

    def _bracket(self, start: int, *, opens: bool) -> Iterator[bytes]:
        if self.depth == 0 and (between := self.buffer[self._done : start].strip(_BLANK)):
            yield between
        if opens:
            self._done = self._done if self.depth else start
            self.depth += 1
            return
        self.depth -= 1
        self.ended = self.depth < 0  # the array's own end
        if self.depth == 0:
            yield self.buffer[self._done : self._seen]
            self._done = self._seen


def _is_spread(head: bytes) -> bool:
    """Say whether one value stands on several lines, as `jq` writes them."""
    first, newline, _ = head.partition(b"\n")
    first = first.strip()
    return bool(newline) and first[:1] == b"{" and (first == b"{" or (first[-1:] in b",[{:" and not _is_json(first)))


def _is_json(text: bytes) -> bool:
    try:
        msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return False
    return True


def _joined(head: bytes, ours: Mapping[str, str] | None) -> str | None:
    """Return the type of records whose lines somebody joined, as `curl -d @FILE` does; None where they are apart."""
    text = head.decode("utf-8", "replace").strip()
    if "\n" in text or "\r" in text:
        return None
    if text[:1] != "{":
        return "text/csv" if _is_csv(head, ours) else None
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return None
    return MEDIA_TYPES[0] if text[end:].lstrip()[:1] == "{" else None


def _is_csv(head: bytes, ours: Mapping[str, str] | None) -> bool:
    """Say whether the first line names columns, two of them ours or renamed."""
    line = _first_line(head)
    if line[:1] in {b"{", b"["} or not line:
        return False
    names = {_column(name, ours) for name in _names(line)}
    return len(names if ours is None else names & {*FIELDS, *ours.values()}) >= LEAST_COLUMNS


def _names(line: bytes) -> list[str]:
    """Return the names of columns in a first line; none where it is cut wrongly."""
    text = line.decode("utf-8", "replace")
    try:
        return next(csv.reader([text], delimiter=_delimiter(text)), [])
    except csv.Error:
        return []


def _is_other_table(head: bytes) -> bool:
    """Say whether the first two lines are cut by the same sign, and neither is JSON."""
    lines = [line.strip().lstrip(_RECORD_SEPARATOR) for line in head.lstrip().split(b"\n")[:2]]
    if len(lines) < 2 or any(line[:1] in {b"{", b"[", b""} for line in lines):
        return False
    sign = _delimiter(lines[0].decode("utf-8", "replace")).encode()
    return lines[0].count(sign) == lines[1].count(sign) > 0


def _first_line(head: bytes) -> bytes:
    """Return the line that may name columns: not the one in which Excel says how they are cut."""
    first, _, rest = head.lstrip().partition(b"\n")
    says = _SAID_DELIMITER.fullmatch(first.decode("utf-8", "replace"))
    return (rest.partition(b"\n")[0] if says else first).strip()


def _column(name: str, ours: Mapping[str, str] | None) -> str:
    """Return which field of ours a column is, in any case and with blanks in its name; any other stays as it is.

    Columns that stand for fields in `ours` stay too; None: all do, as they are of somebody else's format.
    """
    name = name.strip()
    field = name.lower().replace(" ", "_")
    return field if ours is not None and name not in ours.values() and field in FIELDS else name


def _delimiter(header: str) -> str:
    return max(_DELIMITERS, key=header.count)


def _csv_rows(lines: Iterator[bytes], ours: Mapping[str, str] | None) -> Iterator[dict[str, Any]]:
    """Yield rows by the names of the columns; an empty cell is absent, as is one of NA or NULL and an empty row."""
    csv.field_size_limit(LONGEST_LINE_BYTES)
    header = _header(lines)
    said = _SAID_DELIMITER.fullmatch(header)
    header = _header(lines) if said else header
    delimiter = said[1] if said else _delimiter(header)
    names = [_column(name, ours) for name in next(csv.reader([header], delimiter=delimiter), [])]
    check_named(names, ours)
    replied = replied_in(names, ours)
    rows = csv.reader((_text(line) + "\n" for line in lines), delimiter=delimiter)
    try:
        for row in rows:
            if any(map(str.strip, row)):
                cells = zip(names, row, strict=False)
                found = {name: _cell(name, cell) for name, cell in cells if _is_known(name, cell)}
                yield found if replied is None else {**found, "type": "reply" if replied in found else "note"}
    except csv.Error as error:
        raise UnreadableError(f"the table is broken near line {rows.line_num + 1}: {error}") from None


def _header(lines: Iterator[bytes]) -> str:
    return next((text for line in lines if (text := _text(line).strip("\r\n"))), "")


def _is_known(name: str, cell: str) -> bool:
    """Say whether a cell tells something: not where it is empty, or its column has no name, as R numbers rows."""
    return name != "" and (cell not in _ABSENT or (cell != "" and name in _TEXTS))


def _cell(name: str, cell: str) -> str:
    """Return a cell; a number that had to be a fraction because others are missing is the id it was.

    Its sign before the fraction is a comma in some countries.
    """
    if name not in _IDS:
        return cell
    if _POWER.fullmatch(cell) and (number := float(cell.replace(",", "."))).is_integer() and number < _SAFE_INTEGER:
        return str(int(number))
    whole = _WHOLE.fullmatch(cell)
    return whole[1] if whole else cell


def _text(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        raise UnreadableError(
            "the table is not UTF-8: in Excel save it as CSV UTF-8, in Python with encoding='utf-8'"
        ) from None
