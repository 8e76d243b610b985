"""The one table of an Excel workbook (xlsx) as lines of CSV, a row at a time, by way of openpyxl."""

from __future__ import annotations

import csv
import errno
import io
import lzma
import math
import re
import struct
import tempfile
import zipfile
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import IO, TYPE_CHECKING, Any, BinaryIO, cast
from xml.etree.ElementTree import ParseError

from candor.formats.archive import ArchiveError, ArchiveLimits, names_in
from candor.formats.compression import CHUNK_BYTES, TooLargeError, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ZIP = b"PK\x03\x04"
MARK = "xl/workbook.xml"
_HELD_BYTES = 64 * 2**20
"""Texts and styles that openpyxl holds in memory, unpacked; that takes some three times as much."""
_ROW_BYTES = 8 * 2**20
"""One row, or what stands before the rows or after them, which openpyxl holds whole."""
_MOST_LIST_BYTES = 2**20
_MOST_ROWS = 2**20
"""As many as a sheet of Excel has; openpyxl makes each of those that are left out between two."""
_MOST_COLUMNS = 256
_ROWS_LOOKED_AT = 20
_LEAST_CELLS = 2
_HELD = ("xl/sharedStrings.xml", "xl/styles.xml", MARK)
_OF_OFFICE = (b"[Content_Types].xml", b"docProps/", b"docMetadata/", b"customXml/", b"_rels/", b"xl/")
_LENGTH_AT, _NAME_AT = 26, 30
"""Where the header of a zip's file says how long its name is, and where that stands."""
_HEAD_BYTES = 200
_OF_LIBREOFFICE = b"application/vnd.oasis.opendocument.spreadsheet"
OPEN_DOCUMENT = "this is an OpenDocument spreadsheet: save it as an Excel workbook (xlsx) or as CSV in UTF-8"
_TOO_LARGE = "the workbook is too large: save its table as CSV in UTF-8"
_ROW = re.compile(rb"<(?:\w+:)?row\b[^<>]*>")
_NUMBER, _HIDDEN = re.compile(rb"""\sr=["'](\d{1,7})["']"""), re.compile(rb"""\shidden=["'](?:1|true)["']""")
_IS_HIDDEN = "is_hidden"
"""The column that is put behind the others where a sheet hides rows, which are private then."""
_LEAST_CUT_OFF = 10**15
_HALF_MILLISECOND = timedelta(microseconds=500)


def is_workbook(head: bytes) -> bool:
    """Say by the first bytes of a zip whether it may be a workbook: its first file is one of a document of Office."""
    name = head[_NAME_AT : _NAME_AT + int.from_bytes(head[_LENGTH_AT:_NAME_AT][:2], "little")]
    return head.startswith(ZIP) and name.startswith(_OF_OFFICE)


def is_open_document(head: bytes) -> bool:
    """Say by the first bytes of a zip whether it is a spreadsheet of LibreOffice, which names itself in them."""
    return head.startswith(ZIP) and _OF_LIBREOFFICE in head[_NAME_AT:_HEAD_BYTES]


def csv_of_table(chunks: Iterable[bytes], limit: int, folder: Path | None = None) -> Iterator[bytes]:
    """Yield the rows of the one sheet that holds a table, as chunks of CSV, times as ISO 8601. It waits in `folder`.

    What formulas gave when the workbook was last saved is read, and hidden sheets are not; hidden rows say that they
    are, and hidden columns are read, as ids and marks stand in them. Raises UnreadableError,
    TooLargeError where a sheet unpacks to more than `limit` bytes.
    """
    with tempfile.TemporaryFile(dir=folder) as file:
        for chunk in chunks:
            file.write(chunk)
        _check_size(file, limit)
        file.seek(0)
        try:
            yield from _lines(file)
        except _BROKEN as error:
            if isinstance(error, UnreadableError | TooLargeError) or _is_of_disk(error):
                raise
            raise UnreadableError(_DAMAGED) from None


_DAMAGED = "the workbook is damaged: open it in Excel and save it anew"
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, RuntimeError, ArithmeticError),
    *(LookupError, ValueError, TypeError, AttributeError, AssertionError, ParseError),
)
"""What zipfile, the parsers of XML and openpyxl raise for a file that is not as it should be."""


def _is_of_disk(error: Exception) -> bool:
    """Say whether an error is of the machine: a seek to a place that no file has comes from a damaged list of files."""
    return isinstance(error, OSError) and error.errno not in {None, errno.EINVAL}


def _check_size(file: IO[bytes], limit: int) -> None:
    try:
        names_in(cast("BinaryIO", file), ArchiveLimits(list_bytes=_MOST_LIST_BYTES))
        with zipfile.ZipFile(file) as packed:
            sizes = {entry.filename: entry.file_size for entry in packed.infolist()}
    except (ArchiveError, *_BROKEN) as error:
        if _is_of_disk(error):
            raise
        raise UnreadableError(_DAMAGED) from None
    if MARK not in sizes:
        raise UnreadableError("this is no workbook of Excel: bring its table as CSV in UTF-8")
    if max(sizes.values()) > limit or sum(sizes.get(name, 0) for name in _HELD) > _HELD_BYTES:
        raise TooLargeError(_TOO_LARGE)


class _Packed(zipfile.ZipFile):
    """A workbook's files, of which `left` more bytes may be read; XML that says little takes many times as much."""

    left = _HELD_BYTES

    def open(self, *args: Any, **more: Any) -> Any:  # noqa: ANN401 # as it is of a ZipFile
        return _Metered(super().open(*args, **more), self)


@dataclass(frozen=True, eq=False)
class _Visible:
    """A sheet that is not hidden, where it stands in the workbook, and the workbook's files, of which it is read."""

    sheet: Any  # typed for other sheets
    path: str
    packed: _Packed


class _Metered(io.RawIOBase):
    """One of those files while it is read."""

    def __init__(self, file: IO[bytes], packed: _Packed) -> None:
        self._file, self._packed = file, packed

    def read(self, size: int | None = -1) -> bytes:
        """Return at most so many bytes, all that may be read where no number is given. Raises TooLargeError."""
        chunk = self._file.read(self._packed.left + 1 if size is None or size < 0 else size)
        self._packed.left -= len(chunk)
        if self._packed.left < 0:
            raise TooLargeError(_TOO_LARGE)
        return chunk

    def close(self) -> None:
        self._file.close()
        super().close()


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    widths = {each: _width(each) for each in _sheets(file)}
    tables = [each for each, width in widths.items() if width >= _LEAST_CELLS]
    if len(tables) > 1:
        names = ", ".join(repr(each.sheet.title) for each in tables)
        raise UnreadableError(f"the workbook has {len(tables)} tables, {names}: save the one that is meant by itself")
    said = io.StringIO()
    writer = csv.writer(said)
    for each in tables:
        for row in _with_hidden(_rows(each, widths[each]), _hidden_rows(file, each)):
            writer.writerow(map(_cell, row))
            if said.tell() >= CHUNK_BYTES:
                yield said.getvalue().encode("utf-8", "replace")
                said.seek(0)
                said.truncate()
    yield said.getvalue().encode("utf-8", "replace")


def _sheets(file: IO[bytes]) -> list[_Visible]:
    """Return the sheets that are not hidden. Of what else is in a workbook nothing is read.

    openpyxl by itself reads and holds a whole sheet that does not say first how large it is.
    """
    from openpyxl.reader.excel import ExcelReader  # noqa: PLC0415 # .2 s that few need
    from openpyxl.styles.stylesheet import apply_stylesheet  # noqa: PLC0415
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet  # noqa: PLC0415

    class Sheet(ReadOnlyWorksheet):
        def _get_size(self) -> None:
            self.reset_dimensions()

    reader: Any = ExcelReader(file, read_only=True, data_only=True, keep_links=False)
    reader.archive = packed = _Packed(file)
    reader.read_manifest()
    reader.read_strings()
    reader.read_workbook()
    apply_stylesheet(reader.archive, reader.wb)
    return [
        _Visible(Sheet(reader.wb, sheet.name, part.target, reader.shared_strings), part.target, packed)
        for sheet, part in reader.parser.find_sheets()
        if sheet.state == "visible" and "chartsheet" not in part.Type and part.target in reader.valid_files
    ]


def _hidden_rows(file: IO[bytes], shown: _Visible) -> frozenset[int]:
    """Return the numbers of the rows that a sheet hides, by hand or by a filter."""
    hidden, number, rest = set[int](), 0, b""
    with zipfile.ZipFile(file) as packed, packed.open(shown.path) as part:
        while chunk := part.read(CHUNK_BYTES):
            rest += chunk
            for found in _ROW.finditer(rest):
                said = _NUMBER.search(found[0])
                number = int(said[1]) if said else number + 1
                if _HIDDEN.search(found[0]):
                    hidden.add(number)
            begun = rest.rfind(b"<")
            rest = b"" if begun < 0 or b">" in rest[begun:] else rest[begun:][:_ROW_BYTES]
    return frozenset(hidden)


def _with_hidden(rows: Iterator[tuple[Any, ...]], hidden: frozenset[int]) -> Iterator[tuple[Any, ...]]:
    """Yield rows with one cell more, which says of each whether its sheet hides it, where it hides any.

    The names of the columns are taken to stand in the first row with more than one text.
    """
    is_named = not hidden
    for number, row in enumerate(rows, 1):
        if not is_named and sum(isinstance(cell, str) for cell in row) >= _LEAST_CELLS:
            is_named = True
            yield (*row, _IS_HIDDEN)
        elif number in hidden and any(cell is not None for cell in row):
            yield (*row, True)
        else:
            yield row


def _width(shown: _Visible) -> int:
    """Return how many columns a sheet has, by its first rows."""
    filled = (
        column
        for row in islice(_rows(shown, _MOST_COLUMNS), _ROWS_LOOKED_AT)
        for column, cell in enumerate(row, 1)
        if cell is not None
    )
    return max(filled, default=0)


def _rows(shown: _Visible, columns: int) -> Iterator[tuple[Any, ...]]:
    empty, shown.packed.left = 0, _ROW_BYTES
    for row in shown.sheet.iter_rows(max_col=columns, values_only=True):
        shown.packed.left = _ROW_BYTES
        empty += all(cell is None for cell in row)
        if empty > _MOST_ROWS:
            raise TooLargeError(_TOO_LARGE)
        yield row


def _cell(value: object) -> object:
    """Return a cell as CSV has it: a time to the millisecond, as Excel counts in fractions of a day.

    A number of 16 digits or more has a power then, as Excel keeps 15: where an id is meant it is one that was cut off.
    """
    if isinstance(value, datetime):
        value += _HALF_MILLISECOND
        return value.replace(microsecond=value.microsecond // 1_000 * 1_000).isoformat()
    if isinstance(value, int | float) and _LEAST_CUT_OFF <= abs(value) < math.inf:
        return f"{value:.16E}"
    return str(value).upper() if isinstance(value, bool) else value
