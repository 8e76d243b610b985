"""Numbers: what the queries read of a table of records, a million records at a time, so that none are all in memory.

Each record says what it acts on as well, and what that acted on: the queries need no join of records with records.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from candor.scoring.table import Table

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
