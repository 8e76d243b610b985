"""Window: the columns of a table's records before `as_of`, without making a record of any row that is not asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from candor.scoring.columns import (
    DAY_US,
    NAMING,
    NOBODY,
    Columns,
    Said,
    inherit,
    merged,
    microseconds,
    of_types,
    own_topics,
)
from candor.scoring.stretches import side_by_side
from candor.scoring.table import Rows, Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from candor.scoring.activity import Activity
    from candor.scoring.question import Question

    Ints = NDArray[Any]


def columns_of(table: Table, question: Question) -> Columns:
    """Return what scoring.columns.build_columns would make of the table's records, in numbers of half the width."""
    end = microseconds(question.as_of)
    published = table.published[: table.acts]
    first, last = np.searchsorted(published, [end - question.window_days * DAY_US, end])
    rows = slice(int(first), int(max(first, last)))
    size = rows.stop - rows.start
    objects = np.asarray(table.object[rows])
    object_row = np.where((objects >= rows.start) & (objects < rows.stop), objects - np.int32(rows.start), np.int32(-1))
    said = _said(table, rows)
    topics, (people, (actor, named)), (contribution, undefined) = side_by_side(
        lambda: inherit(own_topics(said, size, question.topics), object_row),
        lambda: _people(table, rows),
        lambda: _contributions(objects, object_row),
    )
    types = np.array(table.type[rows])
    of_object = (object_row >= 0) & ~of_types(types, *NAMING)
    newest = _newest(table)
    vouching = (name for pair in sorted(set(question.vouches)) for name in pair)
    for name in (*newest, *question.accounts, NOBODY, *vouching):
        people.setdefault(name, len(people))
    ignored = {
        "not_before_as_of": table.acts - int(last),
        "outside_window": rows.start,
        "undefined_objects": int(np.count_nonzero((objects >= 0) & (object_row < 0))),
    }
    return Columns(
        records=Rows(rows.start, size, table.record),
        people=tuple(people),
        person_of=people,
        type=types,
        actor=actor,
        target=np.where(of_object, actor[object_row], named) if size else named,
        object_row=object_row,
        contribution=contribution,
        published=np.array(published[rows]),
        positive=_positive(table, rows),
        topics=topics,
        as_of=end,
        accounts={people[name]: record for name, record in newest.items()},
        ignored={reason: count for reason, count in ignored.items() if count},
        undefined=Rows(0, undefined.size, lambda place: table.object_id(int(undefined[place]))),
        said=said,
    )


def _contributions(objects: Ints, object_row: Ints) -> tuple[Ints, Ints]:
    """Number what each record acts on, objects outside the window in order of appearance; return those too."""
    numbers = np.where(object_row >= 0, object_row, np.arange(objects.size, dtype=np.int32))
    outside = np.flatnonzero((objects >= 0) & (object_row < 0))
    undefined, first, which = np.unique(objects[outside], return_index=True, return_inverse=True)
    order = np.argsort(first)
    place = np.empty(order.size, np.int64)
    place[order] = np.arange(order.size)
    numbers[outside] = objects.size + place[which]
    return numbers, undefined[order]


def _people(table: Table, rows: slice) -> tuple[dict[str, int], tuple[Ints, Ints]]:
    """Number people in order of appearance within the rows, actor before target."""
    actor, target = table.actor[rows], table.target[rows]
    size = len(table.people) + 1  # the last stands for -1: nobody
    never = 2 * actor.size
    first = np.full(size, never)
    first[actor[::-1]] = np.arange(never - 2, -1, -2)  # of several the last is kept: the earliest row
    named = np.flatnonzero(target >= 0)[::-1]
    first_named = np.full(size, never)
    first_named[target[named]] = 2 * named + 1
    first = np.minimum(first, first_named)
    first[-1] = never
    seen = np.argsort(first)[: np.count_nonzero(first < never)]
    number = np.full(size, -1, np.int32)
    number[seen] = np.arange(seen.size)
    names = list(table.people.all())
    return {names[person]: place for place, person in enumerate(seen.tolist())}, (number[actor], number[target])


def _newest(table: Table) -> dict[str, Activity]:
    """Return what account records say, of any date: who declines today is not scored as of yesterday."""
    claims = table[table.acts :]
    claims.sort(key=lambda claim: (microseconds(claim.published), msgspec.json.encode(claim)))
    return merged(claims)


def _positive(table: Table, rows: slice) -> NDArray[np.bool_]:
    positive = np.zeros(rows.stop - rows.start, np.bool_)
    up = table.values.row[table.values.value > 0]
    positive[up[(up >= rows.start) & (up < rows.stop)] - rows.start] = True
    return positive


def _said(table: Table, rows: slice) -> Said:
    contents = table.contents
    long = np.diff(contents.end, prepend=0) > 0
    spoken = np.asarray(contents.row[long & (contents.row >= rows.start) & (contents.row < rows.stop)], np.int64)
    return Said(
        texts=Rows(rows.start, rows.stop - rows.start, contents.get),
        text_rows=spoken - rows.start,
        tags=np.array(table.tags[rows]),
        tag_set=table.tag_set,
    )
