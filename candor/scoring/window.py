"""Window: the records of a table that a question asks about, as columns."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from candor.scoring.arrays import ROWS_AT_ONCE, run_parallel, where_true
from candor.scoring.columns import DAY_US, NAMING, Columns, TextColumns, inherit, microseconds, of_types, own_topics
from candor.scoring.record_columns import build_columns, merged, number_also
from candor.scoring.table import RowRecord, Rows, Table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from numpy.typing import NDArray

    from candor.scoring.activity import Activity
    from candor.scoring.question import Question

    Ints = NDArray[Any]

MOST_SOUGHT = 24
"""Words to look for one after the other; with more it is faster to read every text."""
_TAG_SETS_KEPT = 50_000


def columns_of(activities: Iterable[Activity] | Columns, question: Question) -> Columns:
    """Return the columns of records, of a table's, or columns as they are. Raises ConflictingRecordsError."""
    if isinstance(activities, Columns):
        return activities
    return window_of(activities, question) if isinstance(activities, Table) else build_columns(activities, question)


def rows_of(table: Table, question: Question) -> slice:
    """Return which rows are in the window of a question."""
    end = microseconds(question.as_of)
    first, last = table.published[: table.acts].searchsorted([end - question.window_days * DAY_US, end])
    return slice(int(first), int(max(first, last)))


def window_of(table: Table, question: Question) -> Columns:
    """Return what build_columns would make of the table's records, in numbers of half the width."""
    rows = rows_of(table, question)
    size = rows.stop - rows.start
    objects = np.asarray(table.object[rows])
    object_row = _inside(objects, rows)
    text, types = text_columns(table, rows), table.type[rows]
    topics, (people, (actor, target)), (outside, undefined) = run_parallel(
        lambda: inherit(own_topics(text, size, question.topics), object_row, types, text),
        lambda: _people(table, rows),
        lambda: _outside(objects, object_row),
        rows=size,
    )
    of_object = (object_row >= 0) & ~of_types(types, *NAMING)
    if size:
        np.copyto(target, actor[object_row], where=of_object)
    newest = newest_claims(table)
    number_also(people, newest, question)
    ignored = {"not_before_as_of": table.acts - rows.stop, "outside_window": rows.start}
    ignored["undefined_objects"] = outside[0].size
    return Columns(
        records=Rows(rows.start, size, partial(RowRecord, table)),
        people=tuple(people),
        person_of=people,
        type=types,
        actor=actor,
        target=target,
        object_row=object_row,
        outside=outside,
        published=table.published[rows],
        positive=_positive(table, rows),
        topics=topics,
        as_of=microseconds(question.as_of),
        accounts={people[name]: record for name, record in newest.items()},
        ignored={reason: count for reason, count in ignored.items() if count},
        undefined=Rows(0, undefined.size, lambda place: table.object_id(int(undefined[place]))),
        text=text,
        digest=lambda: table.digest,
    )


def _inside(objects: Ints, rows: slice) -> Ints:
    """Return what is acted on as rows of the window, -1 for all that is not in it."""
    if rows.start == 0 and objects.max(initial=-1) < rows.stop:
        return objects
    inside = objects - np.int32(rows.start)
    inside[(inside < 0) | (objects >= rows.stop)] = -1
    return inside


def _outside(objects: Ints, object_row: Ints) -> tuple[tuple[Ints, Ints], Ints]:
    """Return which rows act on what is not in the window, that numbered in order of appearance, and what it is."""
    rows = where_true((object_row < 0) & (objects >= 0))
    undefined, first, which = np.unique(objects[rows], return_index=True, return_inverse=True)
    order = first.argsort()
    place = np.empty(order.size, np.int64)
    place[order] = np.arange(order.size)
    return (rows, objects.size + place[which]), undefined[order]


def _people(table: Table, rows: slice) -> tuple[dict[str, int], tuple[Ints, Ints]]:
    """Number people in order of appearance within the rows, actor before target."""
    actor, target = table.actor[rows], table.target[rows]
    nobody = len(table.people)  # the place of -1, too
    never = 2 * actor.size
    first = np.full(nobody + 1, never)
    first[nobody] = -1
    pieces = [slice(at, at + ROWS_AT_ONCE) for at in range(0, actor.size, ROWS_AT_ONCE)]
    for piece in pieces:
        met = first < never
        for column, beside in ((actor[piece], 0), (target[piece], 1)):
            new = where_true(~met.take(column))
            np.minimum.at(first, column[new], 2 * (piece.start + new) + beside)
    first[nobody] = never
    seen = first.argsort()[: np.count_nonzero(first < never)]
    number = np.full(nobody + 1, -1, np.int32)
    number[seen] = np.arange(seen.size)
    names = list(table.people.all())
    return {names[person]: place for place, person in enumerate(seen.tolist())}, (number[actor], number[target])


def newest_claims(table: Table) -> dict[str, Activity]:
    """Return what account records say, of any date: who declines today is not scored as of yesterday."""
    return _newest(table[table.acts :])


def newest_claim(table: Table, account: str) -> Activity | None:
    """Return what the records of one account say of it, as newest_claims does of all; None where there are none."""
    number = table.people.places_of((account,)).get(account, -1)
    rows = table.acts + np.flatnonzero(table.actor[table.acts :] == number)
    return _newest([table.record(row) for row in rows.tolist()]).get(account) if number >= 0 else None


def _newest(claims: list[Activity]) -> dict[str, Activity]:
    claims.sort(key=lambda claim: (microseconds(claim.published), msgspec.json.encode(claim)))
    return merged(claims)


def _positive(table: Table, rows: slice) -> NDArray[np.bool_]:
    positive = np.zeros(rows.stop - rows.start, np.bool_)
    up = table.values.row[table.values.value > 0]
    positive[up[(up >= rows.start) & (up < rows.stop)] - rows.start] = True
    return positive


def text_columns(table: Table, rows: slice) -> TextColumns:
    """Return what the posts of some rows say, numbered from the first of them."""
    contents = table.contents
    long = np.diff(contents.end, prepend=0) > 0
    places = where_true(long & (contents.row >= rows.start) & (contents.row < rows.stop))
    spoken = np.asarray(contents.row[places], np.int64) - rows.start

    def _spoken(sought: Collection[str] | None) -> Iterator[tuple[int, str]]:
        chosen = np.arange(places.size)
        if places.size and sought is not None and len(sought) <= MOST_SOUGHT:
            holding = contents.holding(sought, int(places[0]), int(places[-1]) + 1)
            chosen = where_true(np.isin(places, holding))
        return zip(spoken[chosen].tolist(), map(contents.at, places[chosen].tolist()), strict=True)

    return TextColumns(
        texts=Rows(rows.start, rows.stop - rows.start, contents.get),
        text_rows=spoken,
        tags=table.tags[rows],
        tag_set=lru_cache(_TAG_SETS_KEPT)(table.tag_set),
        spoken=_spoken,
    )
