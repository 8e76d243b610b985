"""Dumps of Reddit: submissions and comments, one a line, mostly packed as zstd."""

from __future__ import annotations

from html import unescape
from typing import TYPE_CHECKING, Any

import msgspec

from candor.formats.dumps.dump import Format, FormatFacts, Run
from candor.formats.dumps.objects import objects_in
from candor.formats.reading import MALFORMED, read_item, record
from candor.scoring.loose_values import time_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from candor.scoring.activity import Activity

FACTS = FormatFacts(
    id="reddit",
    label="Reddit dump",
    files="submissions and comments as NDJSON, also .zst, or as the API lists them",
    network="custom:NAME",
    account="user name in lower case",
    question="a submission whose title ends with a question mark; others are notes, tagged with subreddit and flair",
    answer="a comment is a reply",
    accept="none: thanks are told from the text of the reply",
    trusted="who was shown as a moderator",
    lost="votes, awards, what was deleted or removed",
)
_GONE = frozenset({"[deleted]", "[removed]"})
_FOR_SOME = frozenset({"private", "employees_only", "gold_only"})
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


class _Wrapped(msgspec.Struct):
    kind: str
    data: dict[str, Any]


class _Thing(msgspec.Struct):
    id: str
    created_utc: Any
    author: str | None = None
    title: str | None = None
    selftext: str | None = None
    body: str | None = None
    parent_id: str | int | None = None
    link_id: str | None = None
    subreddit_type: Any = None
    subreddit: str | None = None
    link_flair_text: str | None = None
    distinguished: str | None = None


def read(paths: Sequence[Path], run: Run) -> Iterator[Activity]:
    """Yield the records of submissions and comments. Raises UnreadableError."""
    for path in paths:
        yield from run.each(_things(objects_in(path)), _Thing, lambda thing: _said(thing, run))


def _things(found: Iterable[Any]) -> Iterator[Any]:
    """Yield submissions and comments, also out of the lists and wrappings in which Reddit's API gives them."""
    for each in found:
        wrapped = _wrapped(each)
        if wrapped is None:
            yield each
        elif wrapped.kind == "Listing":
            yield from _things([*wrapped.data.get("children", ())])
        else:
            yield wrapped.data
            yield from _things([replies] if isinstance(replies := wrapped.data.get("replies"), dict) else [])


def _wrapped(thing: Any) -> _Wrapped | None:  # noqa: ANN401 JSON
    try:
        return read_item(thing, _Wrapped)
    except MALFORMED:
        return None


def _said(thing: _Thing, run: Run) -> Iterator[Activity]:
    text = thing.body if thing.body is not None else thing.selftext or ""
    author = None if thing.author is None or thing.author in _GONE else thing.author.lower()
    if thing.subreddit_type in _FOR_SOME:  # dumps of earlier years lack it, and were read without an account
        run.left_out["private"] += 1
        return
    if text in _GONE:
        run.left_out["deleted"] += 1
        return
    if thing.distinguished == "moderator" and author is not None:
        run.trusted[author] = None
    tags = [tag for tag in (thing.subreddit, thing.link_flair_text) if tag]
    act = {"actor": author, "published": time_of(thing.created_utc)[0], "tags": tags}
    if thing.body is not None:
        yield record(type="reply", id=f"t1_{thing.id}", object=_parent(thing), content=unescape(text), **act)
    else:
        title = thing.title or ""
        kind = "question" if title.rstrip().endswith("?") else "note"
        yield record(type=kind, id=f"t3_{thing.id}", content=unescape(f"{title}\n\n{text}").strip(), **act)


def _parent(thing: _Thing) -> str | None:
    """Return what a comment answers; for some years dumps had numbers in place of ids."""
    if isinstance(thing.parent_id, int):
        return f"t1_{_base_36(thing.parent_id)}"
    return thing.parent_id or thing.link_id


def _base_36(number: int) -> str:
    digits = ""
    while number > 0:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"


FORMAT = Format(FACTS, read)
