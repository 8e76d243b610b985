"""What the first part of a file tells before it is kept: how its letters are stored, and what its columns hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from candor.formats import parquet, workbook
from candor.formats.columns import OtherColumnsError, likely_columns
from candor.formats.compression import UnreadableError, peek, unpacked
from candor.formats.delimited import likely_header
from candor.formats.dumps import stackexchange
from candor.formats.encodings import as_utf_8, probable_charset
from candor.formats.json_items import HEAD_BYTES
from candor.formats.nested import decoded, dotted_names
from candor.formats.rows import records_in
from candor.scoring.activity import FIELDS, MAPPED, THREAD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_BINARY = bytes(range(9))
_LOOKED_AT = 512
_ENOUGH = 3
"""A table with so many columns named as fields of ours is one of records, of which only the others need to be said."""


class Preview(NamedTuple):
    """The charset that a text probably has, None for UTF-8 and what is no text; its columns; which fields they are."""

    charset: str | None
    names: tuple[str, ...]
    fields: dict[str, str]


def preview_of(chunks: Iterable[bytes], limit: int, charset: str | None = None, folder: Path | None = None) -> Preview:
    """Look into the beginning of a file of records, in `charset` where somebody chose one.

    It may end in the middle of anything; of what is no such file all is empty. `limit` is how many bytes it may unpack
    to, and `folder` where a workbook waits.
    """
    try:
        head, chunks = peek(unpacked(chunks, limit), HEAD_BYTES)
        if workbook.is_workbook(head):
            return _of_names(None, _names(workbook.csv_of_table(chunks, limit, folder), limit, folder))
        if head.startswith(parquet.MAGIC):
            return _of_names(None, _names(chunks, limit, folder))
        is_text = not any(byte in _BINARY for byte in head[:_LOOKED_AT])
        charset = charset or (probable_charset(head) if is_text else None)
        return _of_names(charset, _names(as_utf_8(_so_far(chunks), charset), limit, folder))
    except UnreadableError:
        return Preview(charset, (), {})


def _of_names(charset: str | None, names: tuple[str, ...]) -> Preview:
    if stackexchange.is_table(names):
        return Preview(charset, names, {})
    fields = likely_columns(names)
    if "published" in names and len(FIELDS.intersection(names)) >= _ENOUGH:
        of_posts = "type" not in names
        fields = {field: column for field, column in fields.items() if of_posts and column not in MAPPED - {THREAD}}
    return Preview(charset, names, fields)


def _names(chunks: Iterable[bytes], limit: int, folder: Path | None) -> tuple[str, ...]:
    """Return the names of the columns of a table, or of what objects of JSON hold."""
    head, chunks = peek(chunks, HEAD_BYTES)
    if head.lstrip()[:1] not in {b"{", b"["} and (header := likely_header(head)) is not None:
        return tuple(name for name in map(str.strip, header.names) if name)
    try:
        first = next(records_in(chunks, limit, folder=folder), None)
    except OtherColumnsError as error:
        return error.names
    return () if (record := decoded(first)) is None else tuple(dotted_names(record))


def _so_far(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield chunks, of which packing may have cut the last."""
    try:
        yield from chunks
    except UnreadableError:
        return
