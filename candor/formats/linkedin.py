"""LinkedIn's export of one's own data: CSV files of shares, comments and reactions, and articles as pages."""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime
from hashlib import blake2b
from html import unescape
from itertools import chain, islice
from typing import TYPE_CHECKING

from candor.formats.archive import ArchiveError
from candor.formats.lines import LONGEST_LINE_BYTES
from candor.formats.reading import Entry, Reading, RecordCollector, record
from candor.scoring.markup import plain
from candor.scoring.written_times import time_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from candor.scoring.activity import Activity

SHOWS = (
    "what the member did, and nothing of what others did: interest can be scored, expertise says that there is not "
    "enough evidence; who may see the posts that were commented on is not told"
)
LARGER = "this is LinkedIn's smaller export: posts, comments and reactions are in the larger one, which takes a day"
_UNCLEAR = "for some posts the export does not say who may see them, and those were left out"
_NOT_WHOSE = "its Profile.csv does not say whose export it is: name the account"
_TABLE = re.compile(r"(?:.*/)?(Profile|Shares|Comments|Reactions|Likes|InstantReposts|Votes)(?:[_ ]\(?\d+\)?)?\.csv")
_ARTICLE = re.compile(r"(?:.*/)?Articles/[^/]*\.html")
_OTHER = re.compile(r"(?:.*/)?(?:Connections|Registration|Email Addresses|Invitations|messages|Skills|Positions)\.csv")
_COLUMNS = {
    "Profile": ("First Name", "Last Name"),
    "Shares": ("Date", "ShareLink", "ShareCommentary", "SharedUrl", "MediaUrl", "Visibility"),
    "Comments": ("Date", "Link", "Message"),
    "Reactions": ("Date", "Type", "Link"),
    "Likes": ("Date", "Type", "Link"),
    "InstantReposts": ("Date", "Link"),
    "Votes": ("Date", "Link", "OptionText"),
}
_ALONE = ("Shares", "Comments", "Reactions")
_CUT = re.compile(r"[,;\t]")
_MADE = {"Comments": "reply", "Reactions": "like", "Likes": "like", "InstantReposts": "reshare"}
_NOT_UTF_8 = "one of its tables is not UTF-8, as where it was saved anew: bring the export as LinkedIn made it"
_ESCAPED = re.compile(r'\\(["\\])')
_SOME = frozenset({"CONNECTIONS", "CONTACTS", "CONTAINER", "GROUP", "PRIVATE", "SELF"})
_EVERYBODY = frozenset({"PUBLIC", "ANYONE", "MEMBER_NETWORK", "LOGGED_IN"})
_HASHTAG = re.compile(r"#(\w+)")
_TIMES = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S UTC", "%m/%d/%y, %I:%M %p", "%m/%d/%Y, %I:%M %p", "%Y-%m-%d %H:%M")
_PUBLISHED = re.compile(r"Published on (\d{4}-\d\d-\d\d \d\d:\d\d)")
_TITLE = re.compile(r"<h1[^<>]*+>((?:(?!<h1|</h1>).)*+)</h1>", re.DOTALL)
_LINK = re.compile(r'href="(https?://[^"]+)"')
_FIRST_LINES = 5
_Row = dict[str, str]


def is_ours(name: str) -> bool:
    """Say whether an entry of this name belongs to an export of LinkedIn and is read."""
    return _TABLE.fullmatch(name) is not None or _ARTICLE.fullmatch(name) is not None


def is_other(name: str) -> bool:
    """Say whether an entry of this name belongs to an export of LinkedIn, though it is not read."""
    return _OTHER.fullmatch(name) is not None


def file_alone(start: bytes) -> str | None:
    """Return the name of a table that comes by itself, from its start; None where it is none."""
    header = start.partition(b"\n")[0].decode("utf-8", "replace")
    names = tuple(name.strip(' \r"') for name in _CUT.split(header))
    return next((f"{kind}.csv" for kind in _ALONE if names[: len(_COLUMNS[kind])] == _COLUMNS[kind]), None)


def read_linkedin(entries: Mapping[str, Entry], account: str | None = None, folder: Path | None = None) -> Reading:
    """Return the records of an export's entries; `account` says whose it is where they do not. Raises ArchiveError.

    Tables are read row by row, and many records wait in `folder`. The member goes by name: no other is in there.
    """
    tables = [(found[1], entries[name]) for name in sorted(entries) if (found := _TABLE.fullmatch(name))]
    owner = _owner((row for kind, table in tables if kind == "Profile" for row in _rows(kind, table)), account)
    records = RecordCollector("linkedin", folder)
    for kind, table in tables:
        listed = _rows(kind, table)
        if kind == "Shares":
            records.each(_shown(listed, records), _Row, lambda row: _shared(row, owner))
        elif kind == "Votes":  # in polls
            records.left_out["other"] += sum(1 for _ in listed)
        elif kind in _MADE:
            records.each(listed, _Row, lambda row, made=_MADE[kind]: _acted(made, row, owner))  # type: ignore[misc]
    articles = [entries[name] for name in sorted(entries) if _ARTICLE.fullmatch(name)]
    records.each(
        (article.whole().decode("utf-8", "replace") for article in articles),
        str,
        lambda page: _article(page, owner, records),
    )
    if {kind for kind, _ in tables} <= {"Profile"} and not articles:
        records.notes[LARGER] = None
    return records.reading(owner, SHOWS)


def _owner(profile: Iterable[_Row], account: str | None) -> str:
    for row in profile:
        if name := " ".join(filter(None, (row.get("First Name"), row.get("Last Name")))):
            return name
    if account is None:
        raise ArchiveError(_NOT_WHOSE)
    return account


def _rows(kind: str, table: Entry) -> Iterator[_Row]:
    r"""Yield the rows of a CSV file by the names of its columns, which other languages have in the same order.

    Notes may stand above the columns. In Comments quotes are written \", everywhere else "". Raises ArchiveError.
    """
    lines, named = table.lines("strict"), None
    if kind == "Comments":
        lines = (_ESCAPED.sub(lambda found: '""' if found[1] == '"' else "\\", line) for line in lines)
    csv.field_size_limit(LONGEST_LINE_BYTES)
    try:
        begun = list(islice(lines, _FIRST_LINES))
        cut = max(",;\t", key="".join(begun).count)  # as Excel cuts columns in some countries
        for row in csv.reader(chain(begun, lines), delimiter=cut):
            if named is not None and row:
                yield dict(zip(named, row, strict=False))
            elif len(row) > 1:
                named = [name.strip() for name in row]
                known = set(named) & set(_COLUMNS[kind])  # of which Date alone is French as well
                named = named if len(known) > 1 else list(_COLUMNS[kind])
    except UnicodeError as error:
        raise ArchiveError(_NOT_UTF_8) from error
    except csv.Error as error:
        raise ArchiveError("one of its tables cannot be read") from error


def _shown(rows: Iterable[_Row], records: RecordCollector) -> Iterator[_Row]:
    """Yield the shares for everybody, and count the others."""
    for row in rows:
        audience = row.get("Visibility", "").strip().upper()
        if audience in _EVERYBODY:
            yield row
        elif audience in _SOME:
            records.left_out["private"] += 1
        else:
            records.left_out["unclear"] += 1
            records.notes[_UNCLEAR] = None


def _shared(row: _Row, owner: str) -> Iterator[Activity]:
    text = row.get("ShareCommentary", "").replace("\r\n", "\n").replace('"\n"', "\n")
    said = {"content": text, "tags": _HASHTAG.findall(text), "url": row.get("SharedUrl") or None}
    yield record(type="note", id=row["ShareLink"], actor=owner, published=_at(row), **said)


def _acted(kind: str, row: _Row, owner: str) -> Iterator[Activity]:
    link, text = row["Link"], row.get("Message", "").replace("\r\n", "\n")
    key = f"{link}#{kind}-{row['Date']}" + (f"-{blake2b(text.encode(), digest_size=4).hexdigest()}" if text else "")
    yield record(type=kind, id=key, actor=owner, published=_at(row), object=link, content=text or None)


def _article(page: str, owner: str, records: RecordCollector) -> Iterator[Activity]:
    """Make a note of an article; one that was never published is private."""
    published, title, link = _PUBLISHED.search(page), _TITLE.search(page), _LINK.search(page)
    if published is None:
        records.left_out["private"] += 1
        return
    text = plain(page[title.start() :] if title else page)
    url = unescape(link[1]) if link else None
    key = url or f"article-{published[1]}-{blake2b(text.encode(), digest_size=4).hexdigest()}"
    at = _at({"Date": published[1]})
    yield record(type="note", id=key, actor=owner, published=at, content=text, tags=_HASHTAG.findall(text), url=url)


def _at(row: _Row) -> datetime:
    """Return when it was done: the export writes UTC without saying so."""
    for form in _TIMES:
        try:
            return datetime.strptime(row["Date"].replace("\u202f", " ").strip(), form).replace(tzinfo=UTC)
        except ValueError:
            continue
    if (at := time_of(row["Date"])[0]) is not None:
        return at
    raise ValueError("no time")
