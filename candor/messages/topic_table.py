"""Topic table: which records are on which of many topics, found in one pass over the columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from candor.scoring.arrays import sparse
from candor.scoring.columns import SAYING, of_types
from candor.scoring.topics import TAG_PREFIX, Matcher, Topic, is_sound
from candor.scoring.words import compact, has_hash, hashtags, tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scipy.sparse import csr_array

    from candor.scoring.arrays import Ints
    from candor.scoring.columns import Columns


def topics_in(columns: Columns, rows: Ints, known: Iterable[Topic], most: int) -> tuple[Topic, ...]:
    """Return the known topics, and one for each tag and hashtag of the rows that names none of them.

    Tags first that most rows have; at most so many.
    """
    named: dict[str, str] = {}
    counts: dict[str, int] = {}
    text = columns.text
    sets, times = np.unique(text.tags[rows], return_counts=True)
    for number, count in zip(sets.tolist(), times.tolist(), strict=True):
        for tag in text.tag_set(number) if number >= 0 else ():
            _count(tag, count, named, counts)
    for row in np.intersect1d(rows, text.text_rows).tolist():
        spoken = text.texts[row]
        if spoken and has_hash(spoken):
            for token in hashtags(tokens(spoken)):
                _count(token.removeprefix("#"), 1, named, counts)
    first = sorted(counts, key=lambda name: (-counts[name], name))[:most]
    made = (Topic(id=f"{TAG_PREFIX}{named[name]}", label=named[name]) for name in first)
    return (*known, *filter(is_sound, made))


def _count(tag: str, count: int, named: dict[str, str], counts: dict[str, int]) -> None:
    if name := compact(tag):
        named.setdefault(name, tag)
        counts[name] = counts.get(name, 0) + count


def topic_table(columns: Columns, rows: Ints, topics: Sequence[Topic]) -> csr_array:
    """Return a table of all records by topics: true where a record is on a topic, for `rows` and what they refer to.

    The same as Columns.topics, with what a record has from what it refers to.
    """
    size, under = columns.object_row.size, columns.object_row
    near = _with_objects(_with_objects(rows, under), under)
    own = _own(columns, near, topics)
    silent = columns.text.untagged & (under >= 0)
    saying = of_types(columns.type, *SAYING)
    itself = sparse((np.ones(size, np.bool_), (np.arange(size), np.arange(size))), (size, size))
    for some in (np.flatnonzero(silent & saying), np.flatnonzero(silent & ~saying)):
        from_object = sparse((np.ones(some.size, np.bool_), (some, under[some])), (size, size))
        own = sparse((from_object + itself) @ own)
    return own


def _with_objects(rows: Ints, under: Ints) -> Ints:
    return np.union1d(rows, under[rows][under[rows] >= 0])


def _own(columns: Columns, rows: Ints, topics: Sequence[Topic]) -> csr_array:
    """Match each of the rows by its own text and tags; each set of tags once."""
    text, matcher = columns.text, Matcher(topics)
    spoken = np.isin(rows, text.text_rows)
    by_set = {
        number: matcher.match(None, text.tag_set(number))
        for number in np.unique(text.tags[rows]).tolist()
        if number >= 0
    }
    found = [by_set.get(number, ()) for number in text.tags[rows].tolist()]
    for place in np.flatnonzero(spoken).tolist():
        tags = int(text.tags[rows[place]])
        found[place] = matcher.match(text.texts[rows[place]], text.tag_set(tags) if tags >= 0 else None)
    counts = np.fromiter(map(len, found), np.int64, rows.size)
    flat = np.fromiter((topic for each in found for topic in each), np.int64, int(counts.sum()))
    shape = (columns.object_row.size, len(topics))
    return sparse((np.ones(flat.size, np.bool_), (np.repeat(rows, counts), flat)), shape)


def narrower_of(topics: Sequence[Topic]) -> dict[int, set[int]]:
    """Return for each topic that has any the topics that are narrower, however far below; edges may run in a circle."""
    place = {topic.id: number for number, topic in enumerate(topics)}
    children: dict[int, set[int]] = {}
    for number, topic in enumerate(topics):
        for broader in topic.broader:
            if broader in place and broader != topic.id:
                children.setdefault(place[broader], set()).add(number)
    found: dict[int, set[int]] = {}
    for parent, below in children.items():
        seen, waiting = set(), list(below)
        while waiting:
            child = waiting.pop()
            if child not in seen and child != parent:
                seen.add(child)
                waiting.extend(children.get(child, ()))
        found[parent] = seen
    return found
