"""Dumps of Reddit: submissions and comments, one a line, mostly packed as zstd."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from candor.formats.dumps.dump import Format, FormatFacts, Run
from candor.formats.dumps.objects import objects_in
from candor.formats.reading import record
from candor.scoring.loose_values import time_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from candor.scoring.activity import Activity

FACTS = FormatFacts(
    id="reddit",
    label="Reddit dump",
    files="submissions and comments as NDJSON, also .zst",
    network="custom:NAME",
    account="user name in lower case",
    question="a submission whose title ends with a question mark; others are notes, tagged with subreddit and flair",
    answer="a comment is a reply",
    accept="none: thanks are told from the text of the reply",
    trusted="who was shown as a moderator",
    lost="votes, awards, what was deleted or removed",
)
_GONE = frozenset({"[deleted]", "[removed]"})


class _Thing(msgspec.Struct):
    id: str
    created_utc: Any
    author: str | None = None
    title: str | None = None
    selftext: str | None = None
    body: str | None = None
    parent_id: str | None = None
    subreddit: str | None = None
    link_flair_text: str | None = None
    distinguished: str | None = None


def read(paths: Sequence[Path], run: Run) -> Iterator[Activity]:
    """Yield the records of submissions and comments. Raises UnreadableError."""
    for path in paths:
        yield from run.each(objects_in(path), _Thing, lambda thing: _said(thing, run))


def _said(thing: _Thing, run: Run) -> Iterator[Activity]:
    text = thing.body if thing.body is not None else thing.selftext or ""
    author = None if thing.author is None or thing.author in _GONE else thing.author.lower()
    if text in _GONE and author is None:
        run.left_out["deleted"] += 1
        return
    if thing.distinguished == "moderator" and author is not None:
        run.trusted[author] = None
    tags = [tag for tag in (thing.subreddit, thing.link_flair_text) if tag]
    act = {"actor": author, "published": time_of(thing.created_utc)[0], "tags": tags}
    if thing.body is not None:
        yield record(type="reply", id=f"t1_{thing.id}", object=thing.parent_id, content=text, **act)
    else:
        title = thing.title or ""
        kind = "question" if title.rstrip().endswith("?") else "note"
        yield record(type=kind, id=f"t3_{thing.id}", content=f"{title}\n\n{text}".strip(), **act)


FORMAT = Format(FACTS, read)
