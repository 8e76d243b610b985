"""Tables of posts that say in which thread each is, and not what it replies to, as most forums keep them."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Any

import msgspec

from candor.formats.columns import cell_words, post_types
from candor.formats.forum_texts import own_text, quoted_post
from candor.formats.nested import decoded
from candor.scoring.activity import POSTS, title_column
from candor.scoring.loose_values import id_of
from candor.scoring.written_times import time_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_LAST = datetime.max.replace(tzinfo=UTC)
_ASKS = ("?", "\uff1f", "\u061f")


class _Firsts(dict[str, tuple[tuple[bool, datetime], str]]):
    """By thread its first post: the one that the thread is called after, else the oldest."""

    def note(self, post: str, thread: str, written: object) -> None:
        """Remember a post where it is the first of its thread so far; `written` is its time as its row has it."""
        rank = (post != thread, time_of(written)[0] or _LAST)
        if thread not in self or rank < self[thread][0]:
            self[thread] = rank, post


def with_threads(
    rows: Iterable[Any], column: str, ours: Mapping[str, str], folder: Path | None = None
) -> Iterator[Any]:
    """Yield the rows of a table; posts that name nothing reply to what they quote, else to the first of their thread.

    `column` says in which thread a post is, and `ours` which columns stand for fields. A first post is a question where
    its title, or without titles its text, ends with a question mark. As the first post may stand last, the rows wait in
    `folder` until all are read; whatever is no row of a table stays as it is.
    """
    firsts, others, quoted = _Firsts(), {}, set[str]()
    time = ours.get("published", "published")
    with tempfile.TemporaryFile(dir=folder) as file:
        for at, row in enumerate(rows):
            if (record := decoded(row)) is None:
                others[at] = row
                file.write(b"null\n")
                continue
            waiting = _waiting(record, column, ours)
            if waiting.post is not None and waiting.thread is not None:
                firsts.note(waiting.post, waiting.thread, record.get(time))
            if waiting.quoted is not None:
                quoted.add(waiting.quoted)
            file.write(msgspec.json.encode(waiting) + b"\n")
        there = _those_there(file, quoted, time) if quoted else {}
        file.seek(0)
        for at, line in enumerate(file):
            yield others[at] if at in others else _with_thread(_decode(line), firsts, there, column, ours)


class _Waiting(msgspec.Struct, frozen=True, array_like=True):
    """A row that waits: its id where it is a post, its thread, and which post it quotes."""

    record: dict[str, Any]
    post: str | None
    thread: str | None
    quoted: str | None


_decode = msgspec.json.Decoder(_Waiting).decode


def _waiting(record: dict[str, Any], column: str, ours: Mapping[str, str]) -> _Waiting:
    thread, text = id_of(record.get(column)), record.get(ours.get("content", "content"))
    is_post = thread is not None and _is_post(record, ours)
    post = id_of(record.get(ours.get("id", "id"))) if is_post else None
    is_open = post is not None and not record.get(ours.get("object", "object"))
    return _Waiting(record, post, thread, quoted_post(text) if is_open and isinstance(text, str) else None)


def _those_there(file: IO[bytes], quoted: set[str], time: str) -> dict[str, datetime | None]:
    """Return when those of the posts quoted were written that are in the table; others are gone, or elsewhere."""
    file.seek(0)
    rows = (_decode(line) for line in file if line != b"null\n")
    return {row.post: time_of(row.record.get(time))[0] for row in rows if row.post is not None and row.post in quoted}


def _with_thread(
    row: _Waiting, firsts: _Firsts, quotable: Mapping[str, datetime | None], column: str, ours: Mapping[str, str]
) -> dict[str, Any]:
    record, (reply, other) = row.record, post_types(ours)
    replied, kind, content = (ours.get(name, name) for name in ("object", "type", "content"))
    if row.post is not None and isinstance(record.get(content), str):
        record[content] = own_text(record[content])
    if row.post is not None and row.thread is not None and not record.get(replied):
        first = firsts[row.thread][1]
        record[replied] = None if first == row.post else _quoted_before(row, quotable, ours) or first
        if first == row.post and _asks(record, ours):
            other = "question"
    record.setdefault(kind, reply if record.get(replied) else other)
    return {name: value for name, value in record.items() if name != column and value is not None}


def _quoted_before(row: _Waiting, quotable: Mapping[str, datetime | None], ours: Mapping[str, str]) -> str | None:
    """Return the post that a row quotes; None where that is itself, is not there or came later, as after an edit."""
    if row.quoted is None or row.quoted == row.post or row.quoted not in quotable:
        return None
    quoted, written = quotable[row.quoted], time_of(row.record.get(ours.get("published", "published")))[0]
    return row.quoted if quoted is None or written is None or quoted <= written else None


def _asks(record: Mapping[str, Any], ours: Mapping[str, str]) -> bool:
    text = record.get(title_column(ours) or ours.get("content", "content"))
    return isinstance(text, str) and text.rstrip().endswith(_ASKS)


def _is_post(record: Mapping[str, Any], ours: Mapping[str, str]) -> bool:
    said = record.get(ours.get("type", "type"))
    if not isinstance(said, str):
        return said is None
    return ours.get(said, said) in POSTS or said.strip().casefold() in cell_words("post")
