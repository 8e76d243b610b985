"""The index: who asked what when, in which words, and who answered; made of the columns of a community once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from candor.scoring.columns import DAY_US
from candor.scoring.words import compact, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from candor.questions.formula import Roles
    from candor.scoring.arrays import Ints
    from candor.scoring.columns import Columns


TAG = "#"
LONGEST_WORD = 64
NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, eq=False)
class Postings:
    """Which question has which term how often: those of term t are `ask[start[t]:start[t + 1]]`, ascending."""

    number: dict[str, int]
    start: Ints
    ask: NDArray[np.int32]
    count: NDArray[np.int32]

    def of(self, term: str, before: int) -> tuple[Ints, NDArray[np.float64]]:
        """Return which of the first `before` questions have the term, and how often."""
        number = self.number.get(term)
        if number is None:
            return np.zeros(0, np.int64), np.zeros(0)
        first, last = int(self.start[number]), int(self.start[number + 1])
        last = first + int(np.searchsorted(self.ask[first:last], before))
        return self.ask[first:last].astype(np.int64), self.count[first:last].astype(np.float64)


@dataclass(frozen=True, eq=False)
class AskedWords:
    """The words and tags of all questions, and how many each has: what takes most of the time to find."""

    postings: Postings
    length: Ints


@dataclass(frozen=True, eq=False)
class Index:
    """Questions and answers of a community, each sorted by time (microseconds since 1970 UTC).

    `asks` are rows of the columns; answer i is row `answers[i]` by person `by[i]` to question `to[i]`, and somebody
    took it up at `taken_up_at[i]`, or never. Addresses are of a person by name: `answered_at` says when that person
    answered, or never. `length` is the number of terms of each question, `length_before` the sum of those before it.
    `kept` is what was found of it since.
    """

    columns: Columns
    roles: Roles
    asks: Ints
    asked_at: Ints
    length: Ints
    length_before: Ints
    postings: Postings
    answers: Ints
    by: Ints
    to: Ints
    answered_at: Ints
    taken_up_at: Ints
    taken_up_by: Ints
    addresses: Ints
    addressed: Ints
    addressed_at: Ints
    address_answered_at: Ints
    kept: dict[object, Any] = field(default_factory=dict)

    @property
    def people(self) -> int:
        """How many people are numbered."""
        return len(self.columns.people)

    @property
    def words(self) -> AskedWords:
        """The words of its questions, as they may be kept."""
        return AskedWords(self.postings, self.length)


def terms_of(text: str | None, tags: Iterable[str]) -> Counter[str]:
    """Count the words of a question, and its tags as #tag; a word of one letter says nothing."""
    found = Counter(word for word in words(text or "") if 1 < len(word) <= LONGEST_WORD or not word.isascii())
    found.update({f"{TAG}{tag}" for name in tags if (tag := compact(name))})
    return found


def build_index(columns: Columns, roles: Roles, words: AskedWords | None = None) -> Index:
    """Index a community. What a record acts on may come later in time: a time that is used is then the later.

    `words` were found in the same columns before; they are found now where they are not given.
    """
    asks = columns.rows(*roles.asks)
    asks = asks[(columns.actor[asks] >= 0) & (columns.object_row[asks] < 0)]
    ask_of = np.full(len(columns.records) + 1, -1, np.int64)  # the last stands for -1: none
    ask_of[asks] = np.arange(asks.size)
    answers, to = _answers(columns, roles, ask_of)
    answered_at = np.maximum(columns.published[answers], columns.published[asks[to]]) if answers.size else answers
    order = np.argsort(answered_at, kind="stable")
    answers, to, answered_at = answers[order], to[order], answered_at[order].astype(np.int64)
    taken_up_at, taken_up_by = _taken_up(columns, roles, answers, answered_at)
    if words is None or words.length.size != asks.size:
        words = _words(columns, asks)
    addresses = columns.rows("mention", "question")
    named = (columns.target[addresses] >= 0) & (columns.target[addresses] != columns.actor[addresses])
    addresses = addresses[named]
    return Index(
        columns=columns,
        roles=roles,
        asks=asks,
        asked_at=columns.published[asks].astype(np.int64),
        length=words.length,
        length_before=np.concatenate(([0], np.cumsum(words.length))),
        postings=words.postings,
        answers=answers,
        by=columns.actor[answers].astype(np.int64),
        to=to,
        answered_at=answered_at,
        taken_up_at=taken_up_at,
        taken_up_by=taken_up_by,
        addresses=addresses,
        addressed=columns.target[addresses].astype(np.int64),
        addressed_at=columns.published[addresses].astype(np.int64),
        address_answered_at=_address_answered_at(columns, addresses),
    )


def _answers(columns: Columns, roles: Roles, ask_of: Ints) -> tuple[Ints, Ints]:
    """Return the rows that answer a question of somebody else, and which."""
    rows = columns.rows(*roles.answers)
    to = ask_of[columns.object_row[rows]]
    rows, to = rows[to >= 0], to[to >= 0]
    asked_by = columns.actor[columns.object_row[rows]]
    others = (columns.actor[rows] >= 0) & (columns.actor[rows] != asked_by)
    return rows[others].astype(np.int64), to[others]


def _taken_up(columns: Columns, roles: Roles, answers: Ints, answered_at: Ints) -> tuple[Ints, Ints]:
    """Return when each answer was first taken up by somebody else, and by whom.

    A time of midnight sharp is a day that was rounded: it counts when the day is over.
    """
    at = np.full(len(columns.records), NEVER)
    who = np.full(len(columns.records), -1, np.int64)
    rows = columns.rows(*roles.taken_up) if roles.taken_up else np.zeros(0, np.int64)
    objects = columns.object_row[rows]
    rows = rows[(objects >= 0) & (columns.actor[rows] >= 0)]
    rows = rows[columns.actor[rows] != columns.actor[columns.object_row[rows]]][::-1]  # the earliest is written last
    times = columns.published[rows].astype(np.int64)
    times = np.where(times % DAY_US == 0, times + DAY_US, times)
    at[columns.object_row[rows]] = times
    who[columns.object_row[rows]] = columns.actor[rows]
    taken = at[answers]
    return np.where(taken == NEVER, NEVER, np.maximum(taken, answered_at)), who[answers]


def _address_answered_at(columns: Columns, addresses: Ints) -> Ints:
    """Return when whoever is addressed first posted in that thread afterwards, or never."""
    first: dict[tuple[int, int], list[int]] = {}
    threads = set(columns.thread[addresses].tolist())
    posts = columns.rows("note", "answer", "reply", "quote", "review")
    for row in posts[np.isin(columns.thread[posts], list(threads))].tolist() if threads else ():
        first.setdefault((int(columns.thread[row]), int(columns.actor[row])), []).append(int(columns.published[row]))
    found = np.full(addresses.size, NEVER)
    for place, row in enumerate(addresses.tolist()):
        times = first.get((int(columns.thread[row]), int(columns.target[row])), ())
        found[place] = next((at for at in times if at > columns.published[row]), NEVER)
    return found


def _words(columns: Columns, asks: Ints) -> AskedWords:
    number: dict[str, int] = {}
    terms: list[int] = []
    counts: list[int] = []
    distinct = np.zeros(asks.size, np.int64)
    length = np.zeros(asks.size, np.int64)
    for place, found in enumerate(_terms(columns, asks)):
        terms.extend(number.setdefault(term, len(number)) for term in found)
        counts.extend(found.values())
        distinct[place], length[place] = len(found), found.total()
    term = np.array(terms, np.int64)
    order = np.argsort(term, kind="stable")
    ask = np.repeat(np.arange(asks.size, dtype=np.int32), distinct)
    start = np.concatenate(([0], np.cumsum(np.bincount(term, minlength=len(number)))))
    return AskedWords(Postings(number, start.astype(np.int64), ask[order], np.array(counts, np.int32)[order]), length)


def _terms(columns: Columns, asks: Ints) -> Iterator[Counter[str]]:
    text = columns.text
    sets: dict[int, tuple[str, ...]] = {-1: ()}
    for row in asks.tolist():
        tags = int(text.tags[row])
        if tags not in sets:
            sets[tags] = text.tag_set(tags)
        yield terms_of(text.texts[row], sets[tags])
