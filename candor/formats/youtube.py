"""YouTube's comments in an export of Google Takeout: tables of comments and live chats, in a zip or alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from candor.formats.archive import ArchiveError
from candor.formats.delimited import header_in, rows_of
from candor.formats.reading import Entry, Reading, RecordCollector, record
from candor.scoring.written_times import time_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from candor.scoring.activity import Activity

SHOWS = (
    "the comments of the channel itself, and nothing of what others did: interest can be scored, expertise says that "
    "there is not enough evidence; videos are not in it, and which of them are private is not told"
)
HTML = "in this export of Google the comments are pages: ask Takeout for a new one, which has them as CSV"
WITHOUT = "this export of Google has no comments: choose YouTube in Takeout, and comments among its data"
_TABLE = re.compile(
    r"(?:.*/)?(?:[^/]*YouTube[^/]*/(?:[^/]+/)?[^/]+|comments/comments[^/]*|live chats/live chats[^/]*)\.csv"
)
_PAGE = re.compile(r"(?:.*/)?my-comments\.html")
_OTHER = re.compile(r"(?:.*/)?(?:Takeout/.*|archive_browser\.html|watch-history\.(?:json|html))")
_ROW = re.compile(rb'(?:^|[\n,;])"?UC[\w-]{22}"?[,;]"?\d{4}-\d\d-\d\d[T ][^,;\n]*[,;]"?[\d.]*"?[,;]')
_CHANNEL = re.compile(r"UC[\w-]{22}")
_TEXT = re.compile(r'\s*\{\s*"(?:text|takeoutSegments)"\s*:')
_VIDEO = re.compile(r"[\w-]{11}")
_LEAST = 6
"""Columns: id, channel, time, price in one of two orders, the video, the text; more between and behind them."""


class _Part(msgspec.Struct):
    text: str = ""


class _Parts(msgspec.Struct):
    takeoutSegments: list[_Part] = []  # noqa: N815 as Takeout spells it


def is_ours(name: str) -> bool:
    """Say whether an entry of this name is a table of YouTube's, in any language; what it holds decides."""
    return _TABLE.fullmatch(name) is not None


def is_page(name: str) -> bool:
    """Say whether an entry holds comments as a page, as until 2022."""
    return _PAGE.fullmatch(name) is not None


def is_other(name: str) -> bool:
    """Say whether an entry of this name belongs to an export of Google, though it is not read."""
    return _OTHER.fullmatch(name) is not None


def is_alone(start: bytes) -> bool:
    """Say whether a file begins as a table of comments does, whose columns are called otherwise in each language."""
    return start[:1] not in {b"{", b"["} and _ROW.search(start) is not None and header_in(start, {}) is None


def read_youtube(entries: Mapping[str, Entry], account: str | None = None, folder: Path | None = None) -> Reading:
    """Return the records of an export; each row says of which channel it is. Raises ArchiveError."""
    del account
    tables = [entries[name] for name in sorted(entries)]
    first = next((row for table in tables for row in _comments(table)), None)
    if first is None:
        raise ArchiveError(WITHOUT)
    records = RecordCollector("youtube", folder)
    for table in tables:
        records.each(_comments(table), list[str], _said)
    return records.reading(_channel(first), SHOWS)


def _comments(table: Entry) -> Iterator[list[str]]:
    """Yield the rows that say which channel wrote something when: other tables of YouTube have none."""
    for row in rows_of(table, "YouTube"):
        if len(row) >= _LEAST and _channel(row) and time_of(row[row.index(_channel(row)) + 1])[0]:
            yield row


def _channel(row: list[str]) -> str:
    return next((cell for cell in row[:2] if _CHANNEL.fullmatch(cell)), "")


def _said(row: list[str]) -> Iterator[Activity]:
    """Yield a comment by the places of its cells, as the names of columns are in the language of the account."""
    channel = _channel(row)
    place = row.index(channel)
    key = row[3] if place == 0 else row[0]
    at = time_of(row[place + 1])[0]
    text = next((number for number, cell in enumerate(row) if number > 3 and _TEXT.match(cell)), None)
    if text is None or not key:
        raise ValueError("no text")
    before = row[4:text]
    video = next((cell for cell in reversed(before) if _VIDEO.fullmatch(cell)), "")
    answered = next(filter(None, before), None)
    url = f"https://www.youtube.com/watch?v={video}&lc={key}" if video else None
    said = {"content": _plain(row[text]), "url": url}
    yield record(type="reply", id=key, actor=channel, published=at, object=answered, **said)


def _plain(cell: str) -> str:
    """Return the text of a comment, whose parts are objects with commas between them."""
    if "takeoutSegments" in cell:
        parts = msgspec.json.decode(cell, type=_Parts).takeoutSegments
    else:
        parts = msgspec.json.decode(f"[{cell}]", type=list[_Part])
    return "".join(part.text for part in parts)
