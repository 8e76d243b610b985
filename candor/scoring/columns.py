"""Activities as columns: who did what to whom, when, on which topic. People are numbered in order of appearance."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import replace as dataclass_replace
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np

from candor.scoring.activity import POSTS, TYPE_CODE, Activity
from candor.scoring.arrays import ROWS_AT_ONCE, all_of, is_among, where_true
from candor.scoring.topics import matcher_of
from candor.scoring.words import compact

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from candor.scoring.activity import Visibility
    from candor.scoring.arrays import Bools, Ints
    from candor.scoring.topics import Topic


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NAMING = ("mention", "question", "list")  # whom these are towards is named by them, not by what they act on
OPTED_OUT = ""  # the name of every account that declined: it did nothing and nobody recognised it
MICROSECOND = timedelta(microseconds=1)
DAY_US = 86_400_000_000


@dataclass(frozen=True, eq=False)
class TextColumns:
    """What the posts say: `texts` by row, `text_rows` those that have any; `tags` numbers `tag_sets`, -1 for none.

    `spoken` gives those rows with their texts, faster than row by row. Where words are sought (lower case, ASCII) it
    may leave out texts in ASCII that have none of them.
    """

    texts: Sequence[str | None]
    text_rows: Ints
    tags: NDArray[np.int32]
    tag_set: Callable[[int], tuple[str, ...]]
    spoken: Callable[[Collection[str] | None], Iterable[tuple[int, str]]]

    @cached_property
    def used(self) -> list[int]:
        """The sets of tags in use."""
        counted = np.zeros(int(self.tags.max(initial=-1)) + 2, np.int64)
        for at in range(0, self.tags.size, ROWS_AT_ONCE):  # all at once would be copied twice
            counted += np.bincount(self.tags[at : at + ROWS_AT_ONCE] + 1, minlength=counted.size)
        used: list[int] = where_true(counted[1:]).tolist()
        return used

    @cached_property
    def untagged(self) -> Bools:
        """Whether each record states no tags."""
        without = [number for number in self.used if not self.tag_set(number)]
        return np.isin(self.tags, [-1, *without]) if without else self.tags < 0

    @cached_property
    def sets_with(self) -> dict[str, list[int]]:
        """The sets of tags in use, by each of their tags as one word: the next topic finds them without a search."""
        found: dict[str, list[int]] = {}
        for number in self.used:
            for tag in {compact(tag) for tag in self.tag_set(number)}:
                found.setdefault(tag, []).append(number)
        return found


def posts_of(text: TextColumns, types: NDArray[np.int8]) -> Iterator[tuple[int, str]]:
    """Yield the rows of posts that say something, with what they say."""
    post = of_types(types, *POSTS)
    return ((row, said) for row, said in text.spoken(None) if post[row])


class RecordLike(Protocol):
    """What is read of single records: an Activity, or a row of a table."""

    @property
    def id(self) -> str | None:
        """Its id."""

    @property
    def actor(self) -> str | None:
        """Who did it."""

    @property
    def object(self) -> str | None:
        """Id of the record acted on."""

    @property
    def content(self) -> str | None:
        """Its text."""

    @property
    def tags(self) -> tuple[str, ...] | None:
        """Its tags."""

    @property
    def url(self) -> str | None:
        """Where it can be seen."""

    @property
    def value(self) -> float | None:
        """What a vote was worth."""

    @property
    def via(self) -> str | None:
        """Id of the reshare that led to what it acts on."""

    @property
    def visibility(self) -> Visibility | None:
        """Who could see it: public to all where it is not said."""


@dataclass(frozen=True, eq=False)
class Columns:
    """Records of one window, sorted by (published, id); row i of every array is record i.

    `object_row` is the row acted on, -1 where it is not in the window; `outside` has the rows (ascending) that act on
    what is no row in the window, and the number of that, from the count of rows on. Times are microseconds since 1970
    UTC.
    `topics` has a column per topic, with what a record inherits through its object. `accounts` holds what each person's
    account records say, the newest last. `undefined` are the ids acted on that no record in the window has, as
    `contribution` numbers them. Numbers of rows and people have 64 bits, or 32 where they come from a table;
    arrays.pair_key makes one of two. `digest` makes that of all records there were, inside the window or not.
    """

    records: Sequence[RecordLike]
    people: tuple[str, ...]
    person_of: dict[str, int]
    type: NDArray[np.int8]
    actor: Ints
    target: Ints
    object_row: Ints
    outside: tuple[Ints, Ints]
    published: Ints
    positive: Bools
    topics: Bools
    as_of: int
    accounts: dict[int, Activity]
    ignored: dict[str, int]
    undefined: Sequence[str]
    text: TextColumns
    digest: Callable[[], str]

    def contribution_of(self, rows: Ints) -> Ints:
        """Number what each of some rows acts on, inside the window or not: itself where it names no object."""
        under = self.object_row[rows]
        if all_of(under >= 0):
            return under
        found = np.where(under >= 0, under, rows).astype(under.dtype)
        outside, number = self.outside
        beyond = is_among(rows, outside)
        found[beyond] = number[outside.searchsorted(rows[beyond])]
        return found

    @cached_property
    def contribution(self) -> Ints:
        """The same of every row."""
        return self.contribution_of(np.arange(len(self.records)))

    def contribution_id(self, number: int) -> str:
        """Return the id of what `contribution` numbers so."""
        inside = number < len(self.records)
        return str(self.records[number].id) if inside else self.undefined[number - len(self.records)]

    def is_type(self, *names: str) -> Bools:
        """Say for each row whether its type is one of `names`."""
        return of_types(self.type, *names)

    def about(self, topics: Sequence[Topic]) -> Columns:
        """Return the same columns for other topics."""
        own = own_topics(self.text, len(self.records), topics)
        return dataclass_replace(self, topics=inherit(own, self.object_row, self.type, self.text))

    def rows(self, *names: str) -> Ints:
        """Return the rows whose type is one of `names`."""
        return where_true(self.is_type(*names))

    def acts_of(self, person: int) -> Ints:
        """Return the rows in which a person acted; those of whoever was asked about last are at hand."""
        rows = self._acts_of.get(person)
        if rows is None:
            rows = where_true(self.actor == person)
            self._acts_of.clear()
            self._acts_of[person] = rows
        return rows

    @cached_property
    def _acts_of(self) -> dict[int, Ints]:
        return {}

    @cached_property
    def thread(self) -> Ints:
        """For each row the record its references end at, or the earliest of a circle they run in."""
        return ends_of(self.object_row)

    def age_days(self, rows: Ints | slice) -> NDArray[np.float64]:
        """Days from each row to `as_of`."""
        return (self.as_of - self.published[rows]) / DAY_US


def ends_of(object_row: Ints) -> Ints:
    """For each row the one its references end at, or the earliest of a circle they run in; -1 refers to none."""
    rows = np.arange(object_row.size, dtype=object_row.dtype)
    pointer = np.where(object_row >= 0, object_row, rows)
    earliest = rows
    for _ in range(int(object_row.size).bit_length()):
        earliest = np.minimum(earliest, earliest[pointer])
        following = pointer[pointer]
        if np.array_equal(following, pointer):
            break
        pointer = following
    return earliest[pointer]


def of_types(codes: NDArray[np.int8], *names: str) -> Bools:
    """Say for each code of a record's type whether it is one of `names`."""
    if len(names) > _FEW or codes.size < _SMALL:
        return _is_one_of(names).take(codes)
    found = codes == TYPE_CODE[names[0]]
    for name in names[1:]:
        found |= codes == TYPE_CODE[name]
    return np.asarray(found)


_FEW, _SMALL = 6, 10_000  # names, codes: comparing is faster than looking up for that few of that many


@cache
def _is_one_of(names: tuple[str, ...]) -> Bools:
    chosen = np.zeros(len(TYPE_CODE), np.bool_)
    chosen[[TYPE_CODE[name] for name in names]] = True
    return chosen


def microseconds(instant: datetime) -> int:
    """Whole microseconds since 1970 UTC."""
    return (instant - EPOCH) // MICROSECOND


def moment(microseconds: int) -> datetime:
    """Return the time that is so many microseconds after 1970 UTC."""
    return EPOCH + microseconds * MICROSECOND


def own_topics(text: TextColumns, rows: int, topics: Sequence[Topic]) -> Bools:
    """Match each of `rows` records by its own text and tags; each set of tags once."""
    if not topics:
        return np.zeros((rows, 0), np.bool_)
    matcher = matcher_of(topics)
    by_set = np.zeros((int(text.tags.max(initial=-1)) + 2, len(topics)), np.bool_)  # the last stands for -1: no tags
    for number in {number for tag in matcher.tags for number in text.sets_with.get(tag, ())}:
        by_set[number, list(matcher.match(None, text.tag_set(number)))] = True
    matched = by_set[text.tags]
    for row, spoken in text.spoken(matcher.sought):
        if matcher.reads(spoken):
            tags = int(text.tags[row])
            found = matcher.match(spoken, text.tag_set(tags) if tags >= 0 else None)
            matched[row] = False
            matched[row, list(found)] = True
    return matched


SAYING = (*POSTS, "review", "report")
"""Who writes one of these says something: it is on the topics of what it answers, not of what that answered."""


def inherit(topics: Bools, object_row: Ints, types: NDArray[np.int8], text: TextColumns) -> Bools:
    """Return the topics of every record with those it has from what it refers to, where it states no tags itself.

    What is said inherits what its object says itself, one step. Whatever else is done has the topics of what it is done
    to: an accept those of the answer, which may have them from the question.
    """
    if not topics.shape[1]:
        return topics
    silent = text.untagged & (object_row >= 0)
    saying = of_types(types, *SAYING)
    for some in (where_true(silent & saying), where_true(silent & ~saying)):
        under = object_row.take(some)
        for column in topics.T:
            column[some[column.take(under)]] = True  # few are on a topic: all are read, only these written
    return topics
