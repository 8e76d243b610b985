"""Tables of posts that say in which thread each is, and not what it replies to, as most forums keep them."""

from __future__ import annotations

import re
import tempfile
from bisect import bisect_left, insort
from datetime import UTC, datetime
from hashlib import sha256
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import msgspec

from candor.formats.column_parts import is_of_page, numbers_within
from candor.formats.column_words import cell_words
from candor.formats.columns import post_types
from candor.formats.compression import UnreadableError
from candor.formats.follow_ups import FollowUps, Moment, different_words
from candor.formats.forum_texts import (
    asks,
    is_answers_subject,
    own_subject,
    quoted_number,
    quoted_person,
    quoted_post,
    says_nothing,
)
from candor.formats.nested import decoded
from candor.scoring.activity import POSTS, THREAD_FIELDS, title_column
from candor.scoring.hidden_records import is_hidden
from candor.scoring.loose_values import id_of
from candor.scoring.written_times import time_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from candor.formats.earlier import EarlierRecords
    from candor.scoring.activity import Activity

_LAST = datetime.max.replace(tzinfo=UTC)
_LEAST_ELSEWHERE = 5
_LONGEST_NUMBER = 19
_MIXED = 10
_LONGEST_THREAD = 200
_WHOLE = re.compile(r"\d+\.0")
_OLDER = 2**40
"""As the place of a row: above all others, where the newest stand first."""


class _Begun(NamedTuple):
    """A post that may have begun its thread, and who wrote it; `answers` where its subject says that it answers."""

    post: str
    actor: str | None
    answers: bool


class _First(NamedTuple):
    """What may be the first post of a thread: the one that the thread is called after, else the oldest.

    Of those of one moment, that of the first and of the last row, and that with the lowest number for an id.
    """

    rank: tuple[bool, datetime]
    first: _Begun
    last: _Begun
    lowest: _Begun

    def also(self, other: _Begun) -> _First:
        """Return the same where another post of that moment stands below."""
        lowest = min(self.lowest, other, key=lambda begun: _number(begun.post))
        return self._replace(last=other, lowest=lowest)


_GONE = _First((False, datetime.min.replace(tzinfo=UTC)), *[_Begun("", None, answers=True)] * 3)
"""Of a thread whose first post was there, and is no more."""


class _Waiting(msgspec.Struct, frozen=True, array_like=True):
    """What is to know of a row that waits: its id where it is a post, its thread, who wrote it when, what it quotes.

    `is_open` where its row does not say what it replies to, `on` what it says, `is_mute` where its text has no word,
    `person` whom its text quotes or calls by name, `is_in_thread` where its row says in which thread it is: its own id
    stands there otherwise; `called` what its author is called where accounts are numbers. `length` is that of its text,
    in different words.
    """

    post: str | None = None
    thread: str | None = None
    actor: str | None = None
    written: datetime | None = None
    is_open: bool = False
    is_mute: bool = False
    quoted: str | None = None
    quoted_number: str | None = None
    person: str | None = None
    at: int = 0
    on: str | None = None
    is_in_thread: bool = False
    length: int = 0
    called: str | None = None


_NO_POST = _Waiting()
_encode, _decode = msgspec.json.Encoder().encode, msgspec.json.Decoder(_Waiting).decode
_record = msgspec.json.Decoder(dict[str, Any]).decode


def with_threads(
    rows: Iterable[Any],
    column: str,
    ours: Mapping[str, str],
    folder: Path | None = None,
    earlier: EarlierRecords | None = None,
) -> Iterator[Any]:
    """Yield the rows of a table; posts that name nothing reply to what they quote, else to the first of their thread.

    Posts that were kept `earlier` in these threads are looked at as if they stood in the table, before its rows.
    So does one that names a post which is neither in the table nor there: it names what somebody deleted, or
    tells posts otherwise than the column of ids does; where it names a person, it replies to the last post of theirs in
    the thread. A post of no thread begins one. Where another column numbers the posts of each thread, and the one for
    what they reply to is called after it, as reply_to_post_number beside post_number, numbers of the thread are meant.
    Raises UnreadableError where most posts that name one name one of another thread: these are no ids then.
    What whoever began the thread writes later, naming nothing, replies to one of the posts of others before it, as
    Addressees says: to the answer, not to the question. `column` says in which thread a post is, and `ours` which
    columns stand for fields. A first post is a question where its title, or without titles its text, ends with a
    question mark.
    As the first post may stand last, the rows wait in `folder` until all are read; whatever is no row of a table stays
    as it is. Of posts of one moment the row says which was before, in tables with the newest first the lower one.
    """
    threads, others = _Threads(column, ours, earlier), {}
    with tempfile.TemporaryFile(dir=folder) as file, tempfile.TemporaryFile(dir=folder) as told:
        for at, row in enumerate(rows):
            record = decoded(row)
            if record is None:
                others[at] = row
            file.write(_encode(record) + b"\n")
            told.write(_encode(_NO_POST if record is None else threads.note(record, at)) + b"\n")
        kept = threads.note_kept(lambda: _rows(told))
        told.writelines(_encode(post) + b"\n" for post in kept)
        threads.note_named(lambda: _rows(told))
        threads.note_follow_ups(_rows(told))
        threads.note_others(_rows(told))
        file.seek(0)
        for at, (line, waiting) in enumerate(zip(file, _rows(told), strict=False)):
            yield others[at] if at in others else threads.completed(_record(line), waiting)


def _rows(file: IO[bytes]) -> Iterator[_Waiting]:
    file.seek(0)
    return map(_decode, file)


class _Threads:
    """What the posts of a table are told by its other rows, looked at again and again: threads, follow-ups, others."""

    def __init__(self, column: str, ours: Mapping[str, str], earlier: EarlierRecords | None = None) -> None:
        self._column = column
        self._is_of_page = "object" in ours and column != title_column(ours) and is_of_page(column)
        self._earlier_records = earlier
        self._named: set[str] = set()
        self._numbers: str | None = None
        self._numbered: dict[tuple[str, str], str] = {}
        self._ours = ours
        self._firsts: dict[str, _First] = {}
        self._id, self._actor, self._time, self._text, self._on, self._type = (
            ours.get(field, field) for field in ("id", "actor", "published", "content", "object", "type")
        )
        self._people: set[str] = set()
        self._said: dict[tuple[str, str], list[tuple[Moment, str]]] = {}
        self._quoted: set[str] = set()
        self._quotable: dict[str, datetime | None] = {}
        self._follow_ups = FollowUps()
        self._last_written: datetime | None = None
        self._last_id = 0
        self._later, self._earlier = 0, 0
        self._in_turn, self._out_of_turn = 0, 0

    def note(self, record: dict[str, Any], at: int) -> _Waiting:
        """Return a row with what it says of itself, and remember whether it is the first of its thread so far."""
        post = id_of(record.get(self._id)) if self._is_post(record) and not is_hidden(record) else None
        if post is None:
            return _NO_POST
        told = self._thread_of(record)
        thread = told or post
        actor, written = id_of(record.get(self._actor)), time_of(record.get(self._time))[0]
        if actor is not None and self._earlier_records is not None:
            actor = self._earlier_records.account(actor)
        self._note_order(written, _number(post))
        title = record.get(title_column(self._ours) or "")
        begun = _Begun(post, actor, isinstance(title, str) and is_answers_subject(title))
        rank, there = (post != thread, written or _LAST), self._firsts.get(thread)
        if there is None or rank < there.rank:
            self._firsts[thread] = _First(rank, begun, begun, begun)
        elif rank == there.rank:
            self._firsts[thread] = there.also(begun)
        text, on = record.get(self._text), record.get(self._on)
        is_open = not on
        on = None if is_open else id_of(on)
        self._numbers = self._numbers or numbers_within(self._on, tuple(record), self._id)
        if self._numbers is not None:
            on = _whole(on)
            if (number := self._number_of(record)) is not None:
                self._numbered[thread, number] = post
        if on is not None:
            self._named.add(on)
        is_mute = isinstance(text, str) and says_nothing(text)
        text = text if isinstance(text, str) else ""
        if (quoted := quoted_post(text)) is not None:
            self._quoted.add(quoted)
        if (person := quoted_person(text)) is not None:
            self._people.add(_folded(person))
        number, called = quoted_number(text), record.get(self._ours.get("name", ""))
        said = told is not None, different_words(text), called if isinstance(called, str) else None
        return _Waiting(post, thread, actor, written, is_open, is_mute, quoted, number, person, at, on, *said)

    def _thread_of(self, record: Mapping[str, Any]) -> str | None:
        """Return in which thread a post is; where titles tell that, answers have a mark before the title.

        Comments on an article that say what they reply to are in none: those that reply to nothing begin one each.
        """
        if self._is_of_page:
            return None
        thread = id_of(record.get(self._column))
        if thread is not None and self._column == title_column(self._ours):
            thread = " ".join(own_subject(thread).casefold().split())
        elif thread is not None and _WHOLE.fullmatch(thread):
            thread = _whole(thread)
        if thread is not None and len(thread) > _LONGEST_THREAD:
            return f"sha256:{sha256(thread.encode()).hexdigest()}"
        return thread

    def _number_of(self, record: Mapping[str, Any]) -> str | None:
        """Return the number of a post within its thread, None where nothing says it."""
        return None if self._numbers is None else _whole(id_of(record.get(self._numbers)))

    def note_kept(self, rows: Callable[[], Iterable[_Waiting]]) -> list[_Waiting]:
        """Return the posts that were kept before in these threads and stand in no row; remember the first ones.

        None is found where there are too many to look through.
        """
        if self._earlier_records is None or not self._firsts:
            return []
        try:
            there = list(self._earlier_records.in_threads(self._firsts.keys()))
        except LookupError:
            return []
        ids = {post.id for post in there}
        again = {row.post for row in rows() if row.post in ids}
        kept = sorted((post for post in there if post.id not in again), key=lambda post: post.published)
        self._note_first_kept(kept, {str(post.in_thread) for post in there if post.id in again and _begins(post)})
        first = _OLDER if self._is_newest_first else -_OLDER
        return [self._as_row(post, first - at if self._is_newest_first else first + at) for at, post in enumerate(kept)]

    def _note_first_kept(self, kept: Sequence[Activity], again: set[str]) -> None:
        """Remember of posts that were kept, the oldest first, which began threads, where no row does so `again`."""
        oldest: dict[str, _First] = {}
        begins: dict[str, _First] = {}
        for post in kept:
            thread, post_id = str(post.in_thread), str(post.id)
            begun = _Begun(post_id, post.actor, answers=False)
            first = _First((post_id != thread, post.published), begun, begun, begun)
            for firsts in (oldest, *([begins] if _begins(post) else ())):
                firsts[thread] = min(firsts.get(thread, first), first, key=lambda each: each.rank)
        for thread, first in oldest.items():
            known = begins.get(thread) or (
                _GONE if thread not in again and first.rank <= self._firsts[thread].rank else None
            )
            if known is not None and known.rank <= self._firsts[thread].rank:
                self._firsts[thread] = known

    def _as_row(self, post: Activity, at: int) -> _Waiting:
        """Return a post that was kept as rows are looked at."""
        thread, post_id = str(post.in_thread), str(post.id)
        if post.thread_number is not None:
            self._numbered.setdefault((thread, post.thread_number), post_id)
        text = post.content or ""
        is_mute = post.content is not None and says_nothing(text)
        row = _Waiting(post_id, thread, post.actor, post.published, is_mute=is_mute, at=at, is_in_thread=True)
        return msgspec.structs.replace(row, length=different_words(text))

    def _note_order(self, written: datetime | None, number: int) -> None:
        if written is not None and self._last_written is not None and written != self._last_written:
            is_later = written > self._last_written
            self._later += is_later
            self._earlier += not is_later
            self._in_turn += is_later == (number > self._last_id)
            self._out_of_turn += is_later != (number > self._last_id)
        self._last_written, self._last_id = written or self._last_written, number

    @property
    def _is_newest_first(self) -> bool:
        return self._earlier > self._later

    @property
    def _is_by_ids(self) -> bool:
        """Whether rows stand in no order of time, and the numbers that are their ids do."""
        is_mixed = _MIXED * min(self._later, self._earlier) > max(self._later, self._earlier)
        return is_mixed and self._in_turn > _MIXED * self._out_of_turn

    def _first_of(self, thread: str) -> _Begun:
        """Return the first post of a thread."""
        first = self._firsts[thread]
        return first.lowest if self._is_by_ids else first.last if self._is_newest_first else first.first

    def _moment(self, row: _Waiting) -> Moment:
        if self._is_by_ids:
            return row.written or _LAST, _number(row.post or "")
        return row.written or _LAST, -row.at if self._is_newest_first else row.at

    def note_named(self, rows: Callable[[], Iterable[_Waiting]]) -> None:
        """Remember which posts that others name are not there; none where that is too much to look through.

        Raises UnreadableError where most of those that are there stand in another thread.
        """
        if not self._named or self._numbers is not None:
            return
        threads = {row.post: row.thread if row.is_in_thread else None for row in rows() if row.post in self._named}
        if self._column != title_column(self._ours):  # under which answers with a new subject stand elsewhere
            self._check_threads(threads, rows())
        self._named.difference_update(threads)
        if self._earlier_records is not None:
            try:
                self._named = {post for post in self._named if self._earlier_records.find(post) is None}
            except LookupError:
                self._named = set()
        self._people.update(map(_folded, self._named))

    def _check_threads(self, threads: Mapping[str, str | None], rows: Iterable[_Waiting]) -> None:
        named = [
            (row.thread, threads[row.on])
            for row in rows
            if row.is_in_thread and row.on is not None and row.on in threads
        ]
        elsewhere = sum(told is not None and told != thread for thread, told in named)
        if elsewhere >= _LEAST_ELSEWHERE and 2 * elsewhere > len(named):
            raise UnreadableError(
                f"the column {self._on!r} names posts by {self._id!r}, and {elsewhere} of {len(named)} are of another "
                f"thread than {self._column!r} says: it probably holds numbers within the thread. Call the column that "
                "numbers the posts of each thread post_number, and this one reply_to_post_number; or leave it out"
            )

    def _is_open(self, row: _Waiting) -> bool:
        """Say whether a post names no other, or one that is not there."""
        if self._numbers is not None:
            return self._numbered.get((row.thread or "", row.on or "")) is None
        return row.is_open or row.on in self._named

    def note_follow_ups(self, rows: Iterable[_Waiting]) -> None:
        """Remember when those who began threads went on, what others quote, and posts of people whom others name."""
        for row in rows:
            if row.post is not None and row.post in self._quoted:
                self._quotable[row.post] = row.written
            if row.thread is None or row.written is None:
                continue
            if self._is_follow_up(row):
                self._follow_ups.note(row.thread, self._moment(row))
            for who in {_folded(name) for name in (row.actor, row.called) if name} & self._people:
                if row.post is not None:
                    insort(self._said.setdefault((row.thread, who), []), (self._moment(row), row.post))

    def note_others(self, rows: Iterable[_Waiting]) -> None:
        """Remember after which posts of others they went on, where anybody did."""
        for row in rows if self._follow_ups else ():
            if row.post is None or row.thread is None or row.written is None or row.actor is None or row.is_mute:
                continue
            if row.actor != self._first_of(row.thread).actor:
                self._follow_ups.note_other(row.thread, row.post, self._moment(row), row.length)

    def completed(self, record: dict[str, Any], row: _Waiting) -> dict[str, Any]:
        """Return a row with what it replies to and its type."""
        reply, other = post_types(self._ours)
        replied, kind = self._on, self._type
        if row.thread is not None and self._is_open(row):
            answered = self._answered(row)
            record[replied] = answered or (None if self._numbers is not None else row.on and record[replied])
            if answered is None and (row.on is None or self._first_of(row.thread).answers):
                other = self._kind_of_first(row, record, other)
            elif self._is_follow_up(row):
                reply = "reply"  # whoever asked does not answer
        elif self._numbers is not None and row.thread is not None:
            record[replied] = self._numbered[row.thread, row.on or ""]
        record.setdefault(kind, reply if record.get(replied) else other)
        number = self._number_of(record)
        left_out = {self._column, self._numbers, *THREAD_FIELDS} - {title_column(self._ours)}
        left = {name: value for name, value in record.items() if name not in left_out and value is not None}
        told = zip(THREAD_FIELDS, (row.thread, number if row.thread else None), strict=True)
        return left | {name: value for name, value in told if value is not None}

    def _answered(self, row: _Waiting) -> str | None:
        """Return what a post replies to that does not say so; None where it is the first of its thread."""
        first = self._first_of(str(row.thread))
        if row.post == first.post:
            return None
        if quoted := self._quoted_before(row):
            return quoted
        if said := self._said_before(row):
            return said
        if first.answers:
            return None
        went_on = self._is_follow_up(row)
        return (self._follow_ups.answered(str(row.thread), self._moment(row)) if went_on else None) or first.post

    def _kind_of_first(self, row: _Waiting, record: Mapping[str, Any], other: str) -> str:
        """Return of what type what begins a thread is; where it answers what is not here, all of them are replies."""
        if self._first_of(str(row.thread)).answers:
            return "reply"
        return "question" if self._asks(record) else other

    def _said_before(self, row: _Waiting) -> str | None:
        """Return the last post before one of the person whom it names; None where it names none."""
        said = self._said.get((str(row.thread), _folded(row.on or row.person or "")), [])
        at = bisect_left(said, (self._moment(row), ""))
        return said[at - 1][1] if at else None

    def _is_follow_up(self, row: _Waiting) -> bool:
        if row.thread is None or row.actor is None or not self._is_open(row):
            return False
        first = self._first_of(row.thread)
        is_theirs = row.post != first.post and row.actor == first.actor and not first.answers
        return is_theirs and self._quoted_before(row) is None

    def _quoted_before(self, row: _Waiting) -> str | None:
        """Return the post that a row quotes; None where that is itself, is not there or came later (after an edit)."""
        if row.quoted_number is not None and (numbered := self._numbered.get((row.thread or "", row.quoted_number))):
            return numbered if numbered != row.post else None
        if row.quoted is None or row.quoted == row.post or row.quoted not in self._quotable:
            return None
        quoted, written = self._quotable[row.quoted], row.written
        return row.quoted if quoted is None or written is None or quoted <= written else None

    def _asks(self, record: Mapping[str, Any]) -> bool:
        return asks(record.get(title_column(self._ours) or self._text))

    def _is_post(self, record: Mapping[str, Any]) -> bool:
        said = record.get(self._type)
        if not isinstance(said, str):
            return said is None
        return self._ours.get(said, said) in POSTS or said.strip().casefold() in cell_words("post")


def _number(post: str) -> int:
    """Return an id that is a number as one, others as a number above all."""
    return int(post) if post.isdecimal() and len(post) < _LONGEST_NUMBER else 10**_LONGEST_NUMBER


def _begins(post: Activity) -> bool:
    """Say whether a post that was kept began its thread: what replies to somebody who is gone names nothing either."""
    return post.object is None and post.type in {"question", "note"}


def _whole(number: str | None) -> str | None:
    """Return a number as it was before pandas, which writes whole numbers of a column with gaps as 2.0."""
    return None if number is None else number.removesuffix(".0")


def _folded(name: str) -> str:
    return name.strip().removeprefix("@").casefold()
