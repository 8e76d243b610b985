"""Tables of posts that say in which thread each is, and not what it replies to, as most forums keep them."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Any, cast

import msgspec

from candor.formats.columns import cell_words, post_types
from candor.formats.nested import decoded
from candor.scoring.activity import POSTS
from candor.scoring.loose_values import put_right

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_LAST = datetime.max.replace(tzinfo=UTC)


class _Threads:
    """The first post of each thread: the one that the thread is called after, else the oldest."""

    def __init__(self, column: str, ours: Mapping[str, str]) -> None:
        self._column, self._ours = column, ours
        self._firsts: dict[str, tuple[tuple[bool, datetime], str]] = {}

    def note(self, record: Mapping[str, Any]) -> None:
        """Remember a post where it is the first of its thread so far."""
        post, thread, at = self._read(record)
        if post is not None and thread is not None:
            rank = (post != thread, at)
            if thread not in self._firsts or rank < self._firsts[thread][0]:
                self._firsts[thread] = rank, post

    def first(self, record: Mapping[str, Any]) -> str | None:
        """Return the first post of the thread that a post is in; None where that is the post itself."""
        post, thread, _ = self._read(record)
        first = None if thread is None or post is None else self._firsts[thread][1]
        return None if first == post else first

    def _read(self, record: Mapping[str, Any]) -> tuple[str | None, str | None, datetime]:
        said = {name: record.get(self._ours.get(name, name)) for name in ("id", "published")}
        known, _ = put_right(said | {"object": record.get(self._column)})
        post, thread = (each if isinstance(each := known.get(name), str) else None for name in ("id", "object"))
        at = known.get("published")
        return post, thread, at if isinstance(at, datetime) else _LAST


def with_threads(
    rows: Iterable[Any], column: str, ours: Mapping[str, str], folder: Path | None = None
) -> Iterator[Any]:
    """Yield the rows of a table; posts that name nothing they reply to reply to the first post of their thread.

    `column` says in which thread a post is, and `ours` which columns stand for fields. As the first post may stand
    last, the rows wait in `folder` until all are read; whatever is no row of a table stays as it is.
    """
    threads, others = _Threads(column, ours), {}
    with tempfile.TemporaryFile(dir=folder) as file:
        for at, row in enumerate(rows):
            record = decoded(row)
            if record is None:
                others[at] = row
            elif _is_post(record, ours):
                threads.note(record)
            file.write(msgspec.json.encode(record) + b"\n")
        file.seek(0)
        for at, record in enumerate(_lines(file)):
            yield others[at] if record is None else _with_thread(record, threads, column, ours)


def _lines(file: IO[bytes]) -> Iterator[dict[str, Any] | None]:
    for line in file:
        yield cast("dict[str, Any] | None", msgspec.json.decode(line))


def _with_thread(record: dict[str, Any], threads: _Threads, column: str, ours: Mapping[str, str]) -> dict[str, Any]:
    replied, kind = ours.get("object", "object"), ours.get("type", "type")
    reply, other = post_types(ours)
    if _is_post(record, ours) and not record.get(replied):
        record[replied] = threads.first(record)
    record.setdefault(kind, reply if record.get(replied) else other)
    return {name: value for name, value in record.items() if name != column and value is not None}


def _is_post(record: Mapping[str, Any], ours: Mapping[str, str]) -> bool:
    said = record.get(ours.get("type", "type"))
    if not isinstance(said, str):
        return said is None
    return ours.get(said, said) in POSTS or said.strip().casefold() in cell_words("post")
