"""LinkedIn's export of one's own data: CSV files of shares, comments and reactions."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from candor.formats.archive import ArchiveError, Reading, Records, record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from candor.scoring.activity import Activity

SHOWS = (
    "what the member did, and nothing of what others did: interest can be scored, expertise says that there is not "
    "enough evidence; who may see the posts that were commented on is not told"
)
_FILE = re.compile(r"(?:.*/)?(Profile|Shares|Comments|Reactions)(?:_\d+)?\.csv")
_EVERYBODY = frozenset({"PUBLIC", "ANYONE", "MEMBER_NETWORK"})
_HASHTAG = re.compile(r"#(\w+)")
_Row = dict[str, str]


def is_ours(name: str) -> bool:
    """Say whether an entry of this name belongs to an export of LinkedIn and is read."""
    return _FILE.fullmatch(name) is not None


def read_linkedin(entries: Mapping[str, bytes]) -> Reading:
    """Return the records of an export's entries. The member goes by name: no other is in there."""
    files = [(found[1], _rows(body)) for name, body in sorted(entries.items()) if (found := _FILE.fullmatch(name))]
    profile = next((row for kind, rows in files if kind == "Profile" for row in rows), {})
    owner = " ".join(filter(None, (profile.get("First Name"), profile.get("Last Name"))))
    if not owner:
        raise ArchiveError("its Profile.csv does not say whose export it is")
    records = Records()
    for kind, rows in files:
        if kind == "Shares":
            hidden = [row for row in rows if row.get("Visibility", "").upper() not in _EVERYBODY]
            records.left_out["private"] += len(hidden)
            shown = [row for row in rows if row.get("Visibility", "").upper() in _EVERYBODY]
            records.each(shown, _Row, lambda row: _shared(row, owner))
        elif kind == "Comments":
            records.each(rows, _Row, lambda row: _acted("reply", row, owner))
        elif kind == "Reactions":
            records.each(rows, _Row, lambda row: _acted("like", row, owner))
    return records.reading("linkedin", owner, SHOWS)


def _rows(body: bytes) -> list[_Row]:
    """Return the rows of a CSV file by the names of its columns. Raises ArchiveError."""
    try:
        reader = csv.DictReader(io.StringIO(body.decode("utf-8-sig", errors="replace"), newline=""))
        return [{key: value or "" for key, value in row.items() if isinstance(key, str)} for row in reader]
    except csv.Error as error:
        raise ArchiveError("one of its tables cannot be read") from error


def _shared(row: _Row, owner: str) -> Iterator[Activity]:
    text = row.get("ShareCommentary", "")
    said = {"content": text, "tags": _HASHTAG.findall(text), "url": row.get("SharedUrl") or None}
    yield record(type="note", id=row["ShareLink"], actor=owner, published=_at(row), **said)


def _acted(kind: str, row: _Row, owner: str) -> Iterator[Activity]:
    act = {"actor": owner, "published": _at(row), "object": row["Link"], "content": row.get("Message") or None}
    yield record(type=kind, id=f"{row['Link']}#{kind}-{row['Date']}", **act)


def _at(row: _Row) -> datetime:
    """Return when it was done: the export writes UTC without saying so."""
    return datetime.strptime(row["Date"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
