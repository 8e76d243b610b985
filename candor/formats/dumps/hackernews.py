"""Items of Hacker News, as its API and the public data sets write them: NDJSON, JSON, CSV or Parquet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from candor.formats.dumps.dump import Format, FormatFacts, Run
from candor.formats.dumps.objects import objects_in
from candor.formats.markup import plain
from candor.formats.reading import record
from candor.scoring.written_times import time_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
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


_KINDS = frozenset({"story", "comment", "poll", "pollopt", "job"})
_ASKS = ("ask hn", "ask yc")
"""How questions begin, and how they began before the site was renamed."""


class _Item(msgspec.Struct):
    id: int | None = None
    type: str | None = None
    by: str | None = None
    time: Any = None
    timestamp: Any = None
    title: str | None = None
    text: str | None = None
    url: str | None = None
    parent: int | None = None
    ts: Any = None
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
    dead: bool | None = None
    deleted: bool | None = None

    @property
    def kind(self) -> str:
        """As an item says it, or Algolia in its tags; some tables have only one kind, and do not say which."""
        told = next((tag for tag in self.tags if tag in _KINDS), None)
        return self.type or told or ("comment" if self.parent or self.parent_id else "story")


def read(paths: Sequence[Path], run: Run) -> Iterator[Activity]:
    """Yield the records of items. Raises UnreadableError."""
    for path in paths:
        yield from run.each(objects_in(path), _Item, lambda item: _said(item, run))


def _said(item: _Item, run: Run) -> Iterator[Activity]:
    below = [
        each for each in (*item.hits, *item.children) if bytes(memoryview(each)[:1]) == b"{"
    ]  # or only their numbers
    yield from run.each(below, _Item, lambda each: _said(each, run))
    if item.hits:  # a page of Algolia's answers
        return
    by, parent = item.by or item.author, item.parent or item.parent_id
    if item.dead or item.deleted or not by:
        run.left_out["deleted"] += 1
        return
    written = (item.time, item.timestamp, item.created_at_i, item.created_at, item.ts)
    key = item.object_id if item.id is None else str(item.id)
    act = {"id": key, "actor": by, "published": next(filter(None, (time_of(each)[0] for each in written)), None)}
    text = plain(item.text or item.comment_text or item.story_text or item.comment or "")
    if item.kind == "comment":
        yield record(type="reply", object=None if parent is None else str(parent), content=text, **act)
    elif item.kind == "story":
        title = item.title or ""
        asked = title.lower().startswith(_ASKS)
        said = {"content": f"{title}\n\n{text}".strip(), "url": item.url or None}
        yield record(type="question" if asked else "note", **said, **act)
    else:
        run.left_out["other"] += 1


FORMAT = Format(FACTS, read)
