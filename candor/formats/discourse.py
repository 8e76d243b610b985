"""Discourse's archive of one member: user_archive.csv, in the zip that the forum sends or alone."""

from __future__ import annotations

import csv
import re
import tomllib
from functools import cache
from importlib import resources
from itertools import chain
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from candor.formats.archive import ArchiveError
from candor.formats.lines import LONGEST_LINE_BYTES
from candor.formats.reading import Entry, Reading, RecordCollector, record
from candor.names.networks import network_name
from candor.scoring.written_times import time_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from candor.scoring.activity import Activity

SHOWS = (
    "what the account wrote itself, and nothing of what others did: interest can be scored, expertise says that there "
    "is not enough evidence; messages to some were left out, and what was liked is not in it"
)
_FILE = re.compile(r"(?:.*/)?user_archive[\w.-]*\.csv")
_NEEDED = frozenset({"topic_title", "url", "created_at"})
_PAGE = re.compile(r"/t/(?:[^/]+/)?(\d+)(?:/(\d+))?")
_CUT = re.compile(r"[,;\t]")
_Row = dict[str, str]


def is_ours(name: str) -> bool:
    """Say whether an entry is the list of what the member wrote."""
    return _FILE.fullmatch(name) is not None


def is_alone(start: bytes) -> bool:
    """Say whether a file begins as that list does."""
    header = start.partition(b"\n")[0].decode("utf-8", "replace")
    return {name.strip(' \r"') for name in _CUT.split(header)} >= _NEEDED


def read_discourse(entries: Mapping[str, Entry], account: str | None = None, folder: Path | None = None) -> Reading:
    """Return what an archive holds; it does not say whose it is, which `account` does. Raises ArchiveError."""
    if account is None:
        raise ArchiveError("a forum's archive does not say whose it is: name the account")
    host = next((found for row in _rows(entries) if (found := _host(row))), None)
    if host is None:
        raise ArchiveError("the archive does not say which forum it is of: no post in it has an address")
    records = RecordCollector(f"discourse:{host}", folder)
    records.each(_rows(entries), _Row, lambda row: _said(row, host, account, records))
    return records.reading(account, SHOWS)


@cache
def _words() -> dict[str, frozenset[str]]:
    read = tomllib.loads(resources.files("candor.formats").joinpath("discourse_words.toml").read_text("utf-8"))
    return {name: frozenset(words) for name, words in read.items()}


def _rows(entries: Mapping[str, Entry]) -> Iterator[_Row]:
    """Yield the rows by the names of their columns, each time from the beginning. Raises ArchiveError."""
    csv.field_size_limit(LONGEST_LINE_BYTES)
    try:
        for file in entries.values():
            lines = file.lines("strict")
            header = next(lines, "")
            cut = max(",;\t", key=header.count)  # a table that Excel saved has semicolons in some countries
            for row in csv.DictReader(chain([header], lines), delimiter=cut):
                yield {name: value for name, value in row.items() if name and isinstance(value, str)}
    except (csv.Error, UnicodeError) as error:
        raise ArchiveError("one of its files is not as Discourse writes them") from error


def _host(row: _Row) -> str:
    try:
        host = urlsplit(row.get("url", "")).netloc
        return network_name(f"discourse:{host}").partition(":")[2] if host else ""
    except ValueError:
        return ""


def _said(row: _Row, host: str, account: str, records: RecordCollector) -> Iterator[Activity]:
    page = _PAGE.search(urlsplit(row.get("url", "")).path)
    at, _ = time_of(row.get("created_at", "").replace(" UTC", "Z"))
    is_private = row.get("is_pm", "").strip().lower()
    if page is None or at is None:
        records.left_out["undated" if page else "malformed"] += 1
    elif is_private in _words()["yes"]:
        records.left_out["private"] += 1
    elif is_private not in _words()["no"]:
        records.left_out["unclear"] += 1
    else:
        topic, number = page[1], page[2] or "1"
        key, text = f"{host}/t/{topic}/{number}", row.get("post_raw") or row.get("post") or ""
        act: dict[str, Any] = {"id": key, "actor": account, "published": at, "url": row["url"]}
        if number == "1":
            tags = [name for name in (row.get("categories") or row.get("category") or "").split("|") if name]
            yield record(type="question", content=f"{row.get('topic_title', '')}\n\n{text}".strip(), tags=tags, **act)
        else:
            yield record(type="reply", object=f"{host}/t/{topic}/1", content=text, **act)
