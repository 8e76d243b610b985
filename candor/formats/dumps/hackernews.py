"""Items of Hacker News, as its API and the public data sets write them: NDJSON, JSON, CSV or Parquet."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from candor.formats.dumps.dump import Format, FormatFacts, Run
from candor.formats.dumps.objects import objects_in
from candor.formats.reading import record
from candor.scoring.markup import plain
from candor.scoring.written_times import time_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from candor.scoring.activity import Activity

FACTS = FormatFacts(
    id="hackernews",
    label="Hacker News items",
    files="items as NDJSON, a JSON array, CSV or Parquet, also as Algolia gives them: with what is below, or found",
    network="hackernews",
    account="user name, upper and lower case told apart",
    question="a story that begins with Ask HN; other stories are notes",
    answer="a comment is a reply",
    accept="none: answers cannot be accepted there",
    lost="votes, polls, jobs, what is dead or deleted",
)


_KINDS = ("story", "comment", "poll", "pollopt", "job")
_BY_NUMBER = {str(number): kind for number, kind in enumerate(_KINDS, 1)}
"""As tables hold the kind that keep a number in its place."""
_BY_ID = re.compile(rb'\{\s*"\d+"\s*:\s*\{')
_AMERICAN = re.compile(r"(\d\d?)/(\d\d?)/(\d{4}) (\d\d?):(\d\d)")
"""As the table of stories on Kaggle has times."""
_YES = frozenset({"1", "t", "true", "y", "yes"})
_ASKS = ("ask hn", "ask yc")
"""How questions begin, and how they began before the site was renamed."""


class _Item(msgspec.Struct):
    id: int | None = None
    type: str | int | None = None
    by: str | None = None
    time: Any = None
    timestamp: Any = None
    title: str | None = None
    text: str | None = None
    url: str | None = None
    parent: int | None = None
    ts: Any = None
    time_ts: Any = None
    comment: str | None = None
    hits: list[msgspec.Raw] = []
    tags: list[str] = msgspec.field(name="_tags", default=[])
    object_id: str | None = msgspec.field(name="objectID", default=None)
    author: str | None = None
    created_at: Any = None
    created_at_i: Any = None
    comment_text: str | None = None
    story_text: str | None = None
    parent_id: int | None = None
    children: list[msgspec.Raw] = []
    kids: Any = None
    dead: Any = None
    deleted: Any = None

    @property
    def kind(self) -> str:
        """As an item says it, or Algolia in its tags; some tables have only one kind, and do not say which."""
        told = next((tag for tag in self.tags if tag in _KINDS), None)
        named = None if self.type is None else str(self.type)
        return _BY_NUMBER.get(named or "", named) or told or ("comment" if self.parent or self.parent_id else "story")


def read(paths: Sequence[Path], run: Run) -> Iterator[Activity]:
    """Yield the records of items. Raises UnreadableError."""
    yield from run.each_file(
        paths, lambda path: run.each(_items(objects_in(path)), _Item, lambda item: _said(item, run))
    )


def _items(things: Iterable[Any]) -> Iterator[Any]:
    """Yield items, also those that stand in an object by their ids."""
    for thing in things:
        if isinstance(thing, msgspec.Raw) and _BY_ID.match(thing):
            yield from msgspec.json.decode(thing, type=dict[str, msgspec.Raw]).values()
        else:
            yield thing


def _said(item: _Item, run: Run) -> Iterator[Activity]:
    below: list[Any] = [each for each in (*item.hits, *item.children) if bytes(memoryview(each)[:1]) == b"{"]
    below += [each for each in item.kids if isinstance(each, dict)] if isinstance(item.kids, list) else []
    yield from run.each(below, _Item, lambda each: _said(each, run))
    if item.hits:  # a page of Algolia's answers
        return
    by, parent = item.by or item.author, item.parent or item.parent_id
    if _is_yes(item.dead) or _is_yes(item.deleted) or not by:
        run.left_out["deleted"] += 1
        return
    written = (item.time, item.timestamp, item.created_at_i, item.created_at, item.ts, item.time_ts)
    if (at := next(filter(None, map(_time, written)), None)) is None:
        run.left_out["undated"] += 1
        return
    key = item.object_id if item.id is None else str(item.id)
    act = {"id": key, "actor": by, "published": at}
    text = plain(item.text or item.comment_text or item.story_text or item.comment or "")
    if item.kind == "comment":
        yield record(type="reply", object=None if parent is None else str(parent), content=text, **act)
    elif item.kind == "story":
        title = (item.title or "").strip()
        asked = title.lower().startswith(_ASKS)
        said = {"content": f"{title}\n\n{text}".strip(), "url": item.url or None}
        yield record(type="question" if asked else "note", **said, **act)
    else:
        run.left_out["other"] += 1


def _is_yes(value: object) -> bool:
    return str(value).lower() in _YES


def _time(written: object) -> datetime | None:
    if isinstance(written, str) and (found := _AMERICAN.fullmatch(written)):
        month, day, year, hour, minute = map(int, found.groups())
        return datetime(year, month, day, hour, minute, tzinfo=UTC)
    return time_of(written)[0]


FORMAT = Format(FACTS, read)
