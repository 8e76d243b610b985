"""Tables of posts that say in which thread each is, and not what it replies to, as most forums keep them."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from candor.formats.columns import cell_words, post_types
from candor.formats.nested import decoded
from candor.scoring.activity import POSTS
from candor.scoring.loose_values import id_of
from candor.scoring.written_times import time_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_LAST = datetime.max.replace(tzinfo=UTC)


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
    """Yield the rows of a table; posts that name nothing they reply to reply to the first post of their thread.

    `column` says in which thread a post is, and `ours` which columns stand for fields. As the first post may stand
    last, the rows wait in `folder` until all are read; whatever is no row of a table stays as it is.
    """
    firsts, others = _Firsts(), {}
    name, time = ours.get("id", "id"), ours.get("published", "published")
    with tempfile.TemporaryFile(dir=folder) as file:
        for at, row in enumerate(rows):
            if (record := decoded(row)) is None:
                others[at] = row
                file.write(b"null\n")
                continue
            thread = id_of(record.get(column))
            post = id_of(record.get(name)) if thread is not None and _is_post(record, ours) else None
            if post is not None and thread is not None:
                firsts.note(post, thread, record.get(time))
            file.write(msgspec.json.encode(_Waiting(record, post, thread)) + b"\n")
        file.seek(0)
        for at, line in enumerate(file):
            yield others[at] if at in others else _with_thread(_decode(line), firsts, column, ours)


class _Waiting(msgspec.Struct, frozen=True, array_like=True):
    """A row that waits, with its id where it is a post, and its thread."""

    record: dict[str, Any]
    post: str | None
    thread: str | None


_decode = msgspec.json.Decoder(_Waiting).decode


def _with_thread(row: _Waiting, firsts: _Firsts, column: str, ours: Mapping[str, str]) -> dict[str, Any]:
    record, (reply, other) = row.record, post_types(ours)
    replied, kind = ours.get("object", "object"), ours.get("type", "type")
    if row.post is not None and row.thread is not None and not record.get(replied):
        first = firsts[row.thread][1]
        record[replied] = None if first == row.post else first
    record.setdefault(kind, reply if record.get(replied) else other)
    return {name: value for name, value in record.items() if name != column and value is not None}


def _is_post(record: Mapping[str, Any], ours: Mapping[str, str]) -> bool:
    said = record.get(ours.get("type", "type"))
    if not isinstance(said, str):
        return said is None
    return ours.get(said, said) in POSTS or said.strip().casefold() in cell_words("post")
