"""Relations: the tables of numbers that the queries read, of records a million at a time, and small ones beside.

Each record says what it acts on as well, and what that acted on: the queries need no join of records with records.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from candor.scoring.activity import TYPE_CODE
from candor.scoring.columns import ends_of, of_types, own_topics
from candor.scoring.kinds import KINDS
from candor.scoring.window import text_columns

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    from candor.scoring.method import Method
    from candor.scoring.question import Contested
    from candor.scoring.table import Table
    from candor.scoring.topics import Matcher, Topic
    from candor.scoring.trust_root import TrustRoot

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Relation = Mapping[str, NDArray[Any]]

ROWS_AT_ONCE = 1_000_000


def number_chunks(table: Table, rows: slice) -> Iterator[Relation]:
    """Yield these rows of a table as numbers; one chunk at least.

    `named` is whom a record names, `under_…` is said of the record acted on and `under_under_…` of what that acted on,
    -1 for none; rows and people are numbered as in the table, and so are ids that no record has.
    """
    for first in range(rows.start, max(rows.stop, rows.start + 1), ROWS_AT_ONCE):
        yield _chunk(table, slice(first, min(first + ROWS_AT_ONCE, rows.stop)))


def _chunk(table: Table, some: slice) -> Relation:
    objects = np.asarray(table.object[some])
    under = _known(table, objects)
    under_objects = _looked_up(table.object, under)
    under_under = _known(table, under_objects)
    return {
        "rec": np.arange(some.start, some.stop, dtype=np.int32),
        "type": np.asarray(table.type[some]),
        "published": np.asarray(table.published[some]),
        "actor": np.asarray(table.actor[some]),
        "named": np.asarray(table.target[some]),
        "object": objects,
        "tags": np.asarray(table.tags[some]),
        "positive": _positive(table, some),
        "spoken": _spoken(table, some),
        "under_type": _looked_up(table.type, under),
        "under_actor": _looked_up(table.actor, under),
        "under_named": _looked_up(table.target, under),
        "under_object": under_objects,
        "under_under_type": _looked_up(table.type, under_under),
        "under_under_actor": _looked_up(table.actor, under_under),
    }


def _known(table: Table, objects: NDArray[Any]) -> NDArray[Any]:
    """Return the objects that are rows, -1 for others."""
    return np.where(objects < len(table), objects, np.int32(-1))


def _looked_up(column: NDArray[Any], rows: NDArray[Any]) -> NDArray[Any]:
    """Return a column at some rows, -1 for no row."""
    found = np.full(rows.size, -1, column.dtype)
    there = np.flatnonzero(rows >= 0)
    found[there] = column[rows[there]]
    return found


def _positive(table: Table, some: slice) -> NDArray[np.bool_]:
    values = table.values
    places = _places(values.row, some)
    return _marked(values.row[places][values.value[places] > 0], some)


def _spoken(table: Table, some: slice) -> NDArray[np.bool_]:
    """Say which of some rows have a text."""
    contents = table.contents
    places = _places(contents.row, some)
    before = contents.end[places.start - 1] if places.start else 0
    return _marked(contents.row[places][np.diff(contents.end[places], prepend=before) > 0], some)


def _places(rows: NDArray[Any], some: slice) -> slice:
    """Return where some rows stand among others, ascending."""
    first, last = np.searchsorted(rows, np.array([some.start, some.stop], rows.dtype))
    return slice(int(first), int(last))


def _marked(rows: NDArray[Any], some: slice) -> NDArray[np.bool_]:
    flags = np.zeros(some.stop - some.start, np.bool_)
    flags[rows - some.start] = True
    return flags


_TAGS = msgspec.json.Decoder(tuple[str, ...])


def lists(table: Table, rows: slice) -> Relation:
    """Return the lists without an id: they are known by their owner and name, and these by their first record."""
    first_of: dict[tuple[int, str | None], int] = {}
    unnamed = np.flatnonzero((table.type[rows] == TYPE_CODE["list"]) & (table.object[rows] < 0)) + rows.start
    names = ((int(table.actor[row]), table.contents.get(row)) for row in unnamed.tolist())
    return numbers(
        rec=unnamed, first=[first_of.setdefault(name, row) for name, row in zip(names, unnamed.tolist(), strict=True)]
    )


def threads(table: Table, rows: slice) -> Relation:
    """Return the thread of every record where somebody is addressed by name, else none: nothing asks for it then.

    Following references to their end is the one step that is made here, at one machine: it takes as many rounds as the
    longest thread has powers of two, each over all records.
    """
    addressing = of_types(np.asarray(table.type[rows]), "mention", "question")
    if not (addressing & (table.target[rows] >= 0) & (table.actor[rows] >= 0)).any():
        return numbers(rec=[], thread=[])
    objects = np.asarray(table.object[rows])
    inside = (objects >= rows.start) & (objects < rows.stop)
    found = ends_of(np.where(inside, objects - np.int32(rows.start), np.int32(-1)))
    return numbers(rec=np.arange(rows.start, rows.stop), thread=found + rows.start)


def topic_tags(table: Table, matcher: Matcher) -> Relation:
    """Return the sets of tags that are on a topic."""
    sets = (_TAGS.decode(text) for text in table.tag_sets.all())
    return numbers(tags=[number for number, tags in enumerate(sets) if matcher.match(None, tags)])


def blank_tags(table: Table) -> Relation:
    """Return the sets of no tags."""
    return numbers(tags=[-1, *(number for number, text in enumerate(table.tag_sets.all()) if not _TAGS.decode(text))])


def topic_texts(table: Table, rows: slice, topic: Topic) -> Relation:
    """Return the records with a text whose text and tags together are on a topic."""
    text = text_columns(table, rows)
    on_topic = own_topics(text, rows.stop - rows.start, (topic,))[text.text_rows, 0]
    return numbers(rec=text.text_rows[on_topic] + rows.start)


def kinds(method: Method) -> Relation:
    """Return the kinds of recognition with their strengths."""
    return {
        "kind": np.arange(len(KINDS)),
        "q": np.array([method.kinds[kind.id] for kind in KINDS], np.float64),
        **{
            name: np.array([getattr(kind, field) for kind in KINDS])
            for name, field in (("soft", "soft"), ("by_recogniser", "by_recogniser"), ("vouch", "vouch"))
        },
        "named": np.array([not kind.face_value_only for kind in KINDS]),
    }


def root(weights: Floats) -> Relation:
    """Return the people of the root with their weights."""
    people = np.flatnonzero(weights)
    return {**numbers(person=people), "weight": weights[people]}


def named(declared: TrustRoot, person_of: Mapping[str, int], topic_id: str | None) -> Relation:
    """Return whom the root names for the topic, or for any topic when it is None."""
    chosen = (each for each in declared.accounts if each.topics and (topic_id is None or topic_id in each.topics))
    return numbers(person=sorted({person_of[each.account] for each in chosen if each.account in person_of}))


def contested(table: Table, person_of: Mapping[str, int], disputes: Iterable[Contested]) -> Relation:
    """Return which recognition the scores of some people leave out: of one contribution, or (-1) of any."""
    rows = [line for each in disputes for line in _contested(table, person_of, each)]
    return numbers(
        recognised=[row[0] for row in rows], recogniser=[row[1] for row in rows], contribution=[row[2] for row in rows]
    )


def _contested(table: Table, person_of: Mapping[str, int], dispute: Contested) -> list[tuple[int, int, int]]:
    by, account = (person_of.get(name, -1) for name in (dispute.by, dispute.account))
    if by < 0 or account < 0:
        return []
    if not dispute.of:
        return [(account, by, -1)]
    own = np.flatnonzero((table.actor == account) | (table.actor == by))
    numbers_of = np.unique(np.concatenate((own, table.object[own])))
    return [(account, by, each) for each in numbers_of.tolist() if each >= 0 and table.object_id(each) == dispute.of]


def pairs(known: Ints) -> Relation:
    """Return who vouched for whom, as known from before."""
    return numbers(voucher=known[:, 0], vouched=known[:, 1])


def numbers(**values: Any) -> Relation:  # noqa: ANN401 # lists or arrays of whole numbers, by name
    """Return a relation of whole numbers, empty ones included."""
    return {name: np.asarray(column, np.int32) for name, column in values.items()}
