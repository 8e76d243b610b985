"""Which answers were accepted, where a table of posts says so in a column: acts of whoever asked."""

from __future__ import annotations

import itertools
import re
import tempfile
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from candor.formats.column_words import cell_words
from candor.formats.compression import UnreadableError
from candor.formats.day_order import DayUntoldError, is_in_doubt, with_days_told
from candor.formats.nested import decoded
from candor.scoring.activity import Activity
from candor.scoring.hidden_records import is_hidden
from candor.scoring.loose_values import id_of, put_right
from candor.scoring.written_times import time_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from candor.formats.earlier import EarlierRecords

_DIGIT = re.compile(r"\d")
_WITH_GAPS = re.compile(r"\d+\.0")
"""Whole numbers as pandas writes them in a column of which a cell is empty."""
_NO_TIME = re.compile(r"0000-00-00(?:[ T]00:00:00(?:\.0+)?)?")
"""As MySQL writes it."""
_encode, _record = msgspec.json.Encoder().encode, msgspec.json.Decoder(dict[str, Any]).decode


class _Post(NamedTuple):
    """What is remembered of a post: who wrote it, what it answers, and when it was written, as its row says it."""

    actor: str | None
    object: str | None
    published: Any


class _Posts(dict[str, _Post]):
    """Posts by their ids: those of the table, and where it has none of an id the one that was kept `earlier`."""

    def __init__(self, earlier: EarlierRecords | None) -> None:
        super().__init__()
        self._earlier = earlier

    def find(self, post_id: str | None) -> _Post | None:
        """Return a post; None where nothing is known of it."""
        if post_id is None or post_id in self or self._earlier is None:
            return None if post_id is None else self.get(post_id)
        try:
            kept = self._earlier.find(post_id)
        except LookupError:
            return None
        return None if kept is None else _Post(kept.actor, kept.object, kept.published)


class _Told:
    """What a table tells of its posts, and of those that were accepted."""

    def __init__(self, column: str, ours: Mapping[str, str], earlier: EarlierRecords | None) -> None:
        self.posts = _Posts(earlier)
        self.accepted: dict[str, Any] = {}
        self.chosen: dict[str, str] = {}
        self.taken_back: list[str] = []
        self._column = column
        self._id, self._actor, self.on, self.type, self._time = (
            ours.get(field, field) for field in ("id", "actor", "object", "type", "published")
        )

    def note(self, record: dict[str, Any]) -> None:
        """Remember a post and what its row says of accepted answers, which goes out of it."""
        cell = record.pop(self._column, None)
        post_id, actor, on = (id_of(record.get(name)) for name in (self._id, self._actor, self.on))
        if post_id is None or is_hidden(record):
            return
        self.posts[post_id] = _Post(actor, on, record.get(self._time))
        if _is_no(cell):
            if cell and on is not None and self.posts.find(f"{post_id}:accepted"):
                self.taken_back.append(post_id)
        elif on is None:
            self.chosen[post_id] = _text(cell)
        else:
            self.accepted[post_id] = cell

    def settle(self) -> None:
        """Take 17.0 for the post 17, where there is none of that id; once all posts are known."""
        for question, answer in self.chosen.items():
            if answer not in self.posts and _WITH_GAPS.fullmatch(answer):
                self.chosen[question] = answer.removesuffix(".0")

    def with_replies(self, records: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Yield the records, with what replies to an answer, and was not accepted itself, as a reply."""
        accepted = self.accepted.keys() | self.chosen.values()
        for record in records:
            if record.get(self.type) == "answer" and id_of(record.get(self._id)) not in accepted:
                on = self.posts.find(id_of(record.get(self.on)))
                if on is not None and on.object is not None:
                    record[self.type] = "reply"
            yield record


def with_accepts(
    rows: Iterable[Any],
    column: str,
    ours: Mapping[str, str],
    earlier: EarlierRecords | None = None,
    folder: Path | None = None,
    *,
    day_first: bool | None = None,
) -> Iterator[Any]:
    """Yield the rows of a table, without the column that says what was accepted, and then each accept that it tells.

    `ours` says which columns stand for fields. At an answer the column says yes or no, or when it was accepted; at a
    question it may hold the id of the answer. Who accepted is who wrote the question; when, is the time of the answer
    where no other is known. What replies to an answer, such as thanks, is a reply: as the answer may stand below, the
    rows wait in `folder` until all are read. `earlier` finds what was kept before, or raises LookupError where that
    is too much to look through: posts that stand in no row, and accepts, which a no takes back; `day_first` as for
    `records_in`. Remembers each post's id, author and time.
    Raises UnreadableError for a cell that says none of these.
    """
    told, others = _Told(column, ours, earlier), dict[int, Any]()
    with tempfile.TemporaryFile(dir=folder) as file:
        for at, row in enumerate(rows):
            record = decoded(row)
            if record is None:
                others[at] = row
            else:
                told.note(record)
                file.write(_encode(record) + b"\n")
        told.settle()
        file.seek(0)
        records = told.with_replies(map(_record, file))
        for at in itertools.count():
            if at in others:
                yield others[at]
            elif (found := next(records, None)) is not None:
                yield found
            else:
                break
    for post_id in told.taken_back:
        yield {told.type: "unaccept", told.on: post_id}
    yield from _accepts(told, column, day_first=day_first)


def _accepts(told: _Told, column: str, *, day_first: bool | None) -> Iterator[Activity]:
    posts = told.posts
    if any(post.object is not None for post in posts.values()):
        yield from _chosen(told.chosen, posts, column)
    else:
        yield from _of_no_question(told.chosen, posts, column)
    dated = with_days_told(
        ({"id": answer, column: cell} for answer, cell in told.accepted.items()), column, day_first=day_first
    )
    for each in dated:
        cell = each[column]
        if day_first is None and time_of(cell)[0] is None and is_in_doubt(each, column):
            raise DayUntoldError(_text(cell), column)
        yield from _accept(each["id"], posts, posts[each["id"]].object, _when(cell, column))


def _text(cell: object) -> str:
    return (cell if isinstance(cell, str) else str(put_right({"id": cell})[0]["id"])).strip()


def _is_yes(cell: object) -> bool:
    return _text(cell).casefold() in cell_words("yes")


def _is_no(cell: object) -> bool:
    return cell is None or _text(cell).casefold() in cell_words("no") or bool(_NO_TIME.fullmatch(_text(cell)))


def _when(cell: object, column: str) -> datetime | None:
    """Return when an answer was accepted, None where that is not said. Raises UnreadableError."""
    if _is_yes(cell):
        return None
    if (at := time_of(cell)[0]) is None:
        raise _unclear(_text(cell), column)
    return at


def _unclear(cell: str, column: str) -> UnreadableError:
    return UnreadableError(
        f"{cell[:40]!r} in the column {column!r} does not say whether the answer was accepted: write yes, "
        "no, or when it was; at a question the id of the answer"
    )


def _chosen(chosen: Mapping[str, str], posts: _Posts, column: str) -> Iterator[Activity]:
    """Yield the accepts that questions tell; one that is marked as solved names no answer. Raises UnreadableError."""
    named = Counter(chosen.values())
    for question, answer in chosen.items():
        if answer == question:
            raise UnreadableError(f"{question[:40]!r} names itself as its answer in the column {column!r}")
        if _is_yes(answer):
            if answer not in posts or posts[answer].object != question:
                continue
        elif posts.find(answer) is None and (named[answer] > 1 or not _DIGIT.search(answer)):
            raise _unclear(answer, column)  # a word such as `closed`: an answer that is not here has an id of its own
        yield from _accept(answer, posts, question, None)


def _of_no_question(chosen: Mapping[str, str], posts: _Posts, column: str) -> Iterator[Activity]:
    """Yield accepts by nobody known where no post of the table says what it answers, so that they are counted."""
    named = {post: cell for post, cell in chosen.items() if not _is_yes(cell) and time_of(cell)[0] is None}
    yield from _chosen(named, posts, column)
    for post in chosen.keys() - named.keys():
        yield from _accept(post, posts, None, None)


def _accept(answer: str, posts: _Posts, question: str | None, at: datetime | None) -> Iterator[Activity]:
    """Yield the accept of an answer by who wrote the post at the head of its thread."""
    seen: set[str] = set()
    while question and question not in seen and (post := posts.find(question)) and post.object is not None:
        seen.add(question)
        question = post.object
    asked = posts.find(question)
    replied = posts.find(answer) or asked
    when = at or (replied and put_right({"published": replied.published})[0].get("published"))
    if isinstance(when, datetime):
        actor = None if asked is None else asked.actor
        # by nobody known it has another id, as it must not replace one whose question came earlier
        accept_id = f"{answer}:accepted" if actor else f"{answer}:accepted by nobody known"
        yield Activity(id=accept_id, type="accept", actor=actor, object=answer, published=when)
