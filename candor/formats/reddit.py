"""Reddit's export of one's own data: CSV files of posts and comments, in the zip that Reddit gives or alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from candor.formats.archive import ArchiveError
from candor.formats.delimited import rows_by_name
from candor.formats.reading import Entry, Reading, RecordCollector, record
from candor.scoring.written_times import time_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from candor.scoring.activity import Activity

SHOWS = (
    "what the account wrote itself, and nothing of what others did: interest can be scored, expertise says that there "
    "is not enough evidence; which communities are private is not told, and votes have no date"
)
WITHOUT = "this is a part of Reddit's export without posts.csv and comments.csv: bring the whole export"
_NOT_WHOSE = "its statistics.csv does not say whose export it is: name the account"
_TABLE = re.compile(r"(?:.*/)?(posts|comments|statistics)(?:[_ ]?\(?\d+\)?)?\.csv")
_OTHER = re.compile(
    r"(?:.*/)?(?:post_headers|comment_headers|post_votes|comment_votes|subscribed_subreddits)[^/]*\.csv"
)
_BEGINS = re.compile(rb'"?id"?[,;]"?permalink"?[,;]"?date"?[,;]"?(?:ip|subreddit)"?[,;]')
_STATISTICS = re.compile(rb'"?statistic"?[,;]"?value"?')
_THREAD = re.compile(r"/comments/([0-9a-z]+)")
_GONE = frozenset({"[deleted]", "[removed]", "[ removed by reddit ]"})
_Row = dict[str, str]


def is_ours(name: str) -> bool:
    """Say whether an entry of this name may belong to an export of Reddit and be read; what it holds decides."""
    return _TABLE.fullmatch(name) is not None


def is_other(name: str) -> bool:
    """Say whether an entry of this name belongs to an export of Reddit, though it is not read."""
    return _OTHER.fullmatch(name) is not None


def is_alone(start: bytes) -> bool:
    """Say whether a file begins as the tables of posts and comments do."""
    return _BEGINS.match(start) is not None


def is_table(start: bytes) -> bool:
    """Say whether a file begins as a table that is read does."""
    return is_alone(start) or _STATISTICS.match(start) is not None


def read_reddit(entries: Mapping[str, Entry], account: str | None = None, folder: Path | None = None) -> Reading:
    """Return the records of an export; `account` says whose it is where its statistics do not. Raises ArchiveError."""
    if all(found[1] == "statistics" for name in entries if (found := _TABLE.fullmatch(name))):
        raise ArchiveError(WITHOUT)
    tables = [entries[name] for name in sorted(entries)]
    told = {row.get("statistic"): row.get("value") for each in tables for row in rows_by_name(each, "Reddit", "value")}
    owner = told.get("account name") or account
    if not owner:
        raise ArchiveError(_NOT_WHOSE)
    records = RecordCollector("reddit", folder)
    for table in tables:
        rows = rows_by_name(table, "Reddit", "permalink")
        records.each(rows, _Row, lambda row: _said(row, owner.lower(), records))
    return records.reading(owner, SHOWS)


def _said(row: _Row, owner: str, records: RecordCollector) -> Iterator[Activity]:
    at, _ = time_of(row.get("date", ""))
    text, title = row.get("body", "").strip(), row.get("title", "").strip()
    if text.lower() in _GONE:
        records.left_out["deleted"] += 1
    elif at is None:
        records.left_out["undated"] += 1
    else:
        tags = [name for name in (row.get("subreddit", "").removeprefix("r/"),) if name]
        said: dict[str, Any] = {"actor": owner, "published": at, "tags": tags, "url": row["permalink"] or None}
        if "link" in row:
            yield record(type="reply", id=f"t1_{row['id']}", object=_answered(row), content=text, **said)
        else:
            kind = "question" if title.endswith("?") else "note"
            yield record(type=kind, id=f"t3_{row['id']}", content=f"{title}\n\n{text}".strip(), **said)


def _answered(row: _Row) -> str:
    """Return the full name of what a comment answers: a comment, or the post that its link leads to."""
    parent, thread = row.get("parent", "").strip(), _THREAD.search(row["link"] or row["permalink"])
    if parent.startswith(("t1_", "t3_")):
        return parent
    if thread is not None and parent in {"", thread[1]}:
        return f"t3_{thread[1]}"
    if not parent:
        raise ValueError("it does not say what it answers")
    return f"t1_{parent}"
