"""Tables of posts that say in which thread each is, and not what it replies to, as most forums keep them."""

from __future__ import annotations

import re
import tempfile
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Any

import msgspec

from candor.formats.columns import cell_words, post_types
from candor.formats.nested import decoded
from candor.scoring.activity import POSTS, title_column
from candor.scoring.loose_values import id_of
from candor.scoring.written_times import time_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_QUOTES = re.compile(
    r"""
      \[quote[^\[\]]{0,200}?\bpost_id=["']?(?P<phpbb>\d{1,19})           # phpBB since 3.2
    | <QUOTE\b[^<>]{0,400}?\bpost_id="(?P<phpbb_xml>\d{1,19})"           # the same, as phpBB keeps it
    | \[quote="?[^\[\]";]{0,80},\s?post:\s?(?P<xenforo>\d{1,19}),\s?member:  # XenForo
    | \[quote=[^\[\];]{1,80};n?(?P<vbulletin>\d{1,19})\]                 # vBulletin
    | \[quote[^\[\]]{0,80}?\bpid=["'](?P<mybb>\d{1,19})["']              # MyBB
    | \[quote[^\[\]]{0,80}?\blink=[^\s\[\]]{0,80}\bmsg=?(?P<smf>\d{1,19})  # SMF
    | <POSTMENTION\b[^<>]{0,400}?\sid="(?P<flarum>\d{1,19})"             # Flarum
    """,
    re.IGNORECASE | re.VERBOSE,
)


def quoted_post(text: str) -> str | None:
    """Return the number of the first post that a text quotes, as six forums write it."""
    found = _QUOTES.search(text)
    return found and found[found.lastgroup or 0]


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
        there = _those_there(file, quoted) if quoted else quoted
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


def _those_there(file: IO[bytes], quoted: set[str]) -> set[str]:
    """Return those of the posts quoted that are in the table: others were deleted, or are of another forum."""
    file.seek(0)
    rows = (_decode_post(line) for line in file)
    return {row.post for row in rows if row is not None and row.post in quoted}


class _Post(msgspec.Struct, frozen=True, array_like=True):
    """Of a row that waits, its id where it is a post."""

    record: msgspec.Raw
    post: str | None


_decode_post = msgspec.json.Decoder(_Post | None).decode


def _with_thread(
    row: _Waiting, firsts: _Firsts, quotable: set[str], column: str, ours: Mapping[str, str]
) -> dict[str, Any]:
    record, (reply, other) = row.record, post_types(ours)
    replied, kind = ours.get("object", "object"), ours.get("type", "type")
    if row.post is not None and row.thread is not None and not record.get(replied):
        first, quoted = firsts[row.thread][1], row.quoted
        said = quoted if quoted in quotable and quoted != row.post else first
        record[replied] = None if first == row.post else said
        if first == row.post and _asks(record, ours):
            other = "question"
    record.setdefault(kind, reply if record.get(replied) else other)
    return {name: value for name, value in record.items() if name != column and value is not None}


def _asks(record: Mapping[str, Any], ours: Mapping[str, str]) -> bool:
    text = record.get(title_column(ours) or ours.get("content", "content"))
    return isinstance(text, str) and text.rstrip().endswith(_ASKS)


def _is_post(record: Mapping[str, Any], ours: Mapping[str, str]) -> bool:
    said = record.get(ours.get("type", "type"))
    if not isinstance(said, str):
        return said is None
    return ours.get(said, said) in POSTS or said.strip().casefold() in cell_words("post")
