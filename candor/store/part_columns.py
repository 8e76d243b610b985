"""Columns of a part, given to DuckDB as Arrow: texts go there as the bytes that a table holds, no string is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import nanoarrow  # type: ignore[import-untyped]
import numpy as np

from candor.scoring.record_digest import DIGEST_BYTES
from candor.store.column_file import interleaved, pieces

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from candor.scoring.table import Sparse, Table, Texts

    Ints = NDArray[Any]


def part_columns(table: Table, rows: Ints) -> nanoarrow.Array:
    """Return some rows of a table, ascending, for DuckDB to query.

    Texts are text, digests bytes; times, types and visibilities are the numbers they are in the table. A row without a
    value has NaN, one without an offset from UTC 0.
    """
    numbers = np.asarray(table.object[rows], np.int64)
    some = {
        "type": _numbers(nanoarrow.int64(), table.type[rows].astype(np.int64)),
        "published": _numbers(nanoarrow.int64(), table.published[rows].astype(np.int64)),
        "visibility": _numbers(nanoarrow.int64(), table.visibility[rows].astype(np.int64)),
        "value": _numbers(nanoarrow.float64(), _said(table.values, rows, np.nan).astype(np.float64)),
        "utc_offset": _numbers(nanoarrow.int64(), _said(table.offset, rows, 0).astype(np.int64)),
        "actor": _texts(table.people, table.actor[rows]),
        "target_actor": _texts(table.people, table.target[rows]),
        "tags": _texts(table.tag_sets, table.tags[rows]),
        "object": _objects(table, numbers),
        "id": _texts(table.ids, _places(table.ids.row, rows)),
        "content": _texts(table.contents, _places(table.contents.row, rows)),
        "url": _texts(table.urls, _places(table.urls.row, rows)),
        "more": _texts(table.more, _places(table.more.row, rows)),
        "digest": (
            nanoarrow.fixed_size_binary(DIGEST_BYTES),
            [None, np.ascontiguousarray(table.digests[rows]).reshape(-1)],
        ),
    }
    children = [nanoarrow.c_array_from_buffers(kind, rows.size, buffers) for kind, buffers in some.values()]
    kinds = nanoarrow.struct({name: kind for name, (kind, _) in some.items()})
    return nanoarrow.Array(nanoarrow.c_array_from_buffers(kinds, rows.size, [None], children=children))


def digest_column(digests: NDArray[np.uint8]) -> nanoarrow.Array:
    """Return digests as a table of one column, `digest`, for DuckDB to query."""
    kind = nanoarrow.fixed_size_binary(DIGEST_BYTES)
    buffers = [None, np.ascontiguousarray(digests).reshape(-1)]
    children = [nanoarrow.c_array_from_buffers(kind, len(digests), buffers)]
    table = nanoarrow.struct({"digest": kind})
    return nanoarrow.Array(nanoarrow.c_array_from_buffers(table, len(digests), [None], children=children))


def _numbers(kind: nanoarrow.Schema, numbers: NDArray[Any]) -> tuple[nanoarrow.Schema, list[Any]]:
    return kind, [None, numbers]


def _said(sparse: Sparse, rows: Ints, missing: float) -> NDArray[Any]:
    """Return the number of each row, or `missing`."""
    places = _places(sparse.row, rows)
    return np.where(places >= 0, sparse.value[places], missing) if sparse.row.size else np.full(rows.size, missing)


def _places(listed: Ints, rows: Ints) -> Ints:
    """Return where each row is in an ascending list of rows; -1 for nowhere.

    A table of all rows between the first and the last takes a third of what it does to look each up.
    """
    if not rows.size:
        return rows
    low, high = int(rows.min()), int(rows.max()) + 1
    first, last = np.searchsorted(listed, np.array([low, high], listed.dtype))
    place = np.full(high - low, -1)
    place[listed[first:last] - low] = np.arange(first, last)
    return np.asarray(place[rows - low])


def _texts(texts: Texts, places: Ints) -> tuple[nanoarrow.Schema, list[Any]]:
    """Return the texts at some places in their list, null for -1."""
    has = places >= 0
    first, size = _edges(texts, places if has.all() else places[has])
    return _strings(has, size, _joined(texts.data, first, size))


def _objects(table: Table, numbers: Ints) -> tuple[nanoarrow.Schema, list[Any]]:
    """Return the ids that `object` numbers so, null for -1: of rows of the table, or listed."""
    has = numbers >= 0
    chosen = numbers[has]
    is_row = chosen < len(table)
    rows, listed = _places(table.ids.row, chosen[is_row]), chosen[~is_row] - len(table)
    first, size = np.zeros(chosen.size, np.int64), np.zeros(chosen.size, np.int64)
    for texts, there, places in ((table.ids, is_row, rows), (table.objects, ~is_row, listed)):
        first[there], size[there] = _edges(texts, places)
    both = [np.ascontiguousarray(texts.data) for texts in (table.ids, table.objects)]
    found = interleaved(both, np.where(is_row, 0, 1), first, size)
    return _strings(has, size, np.concatenate([np.zeros(0, np.uint8), *found]))


def _joined(data: NDArray[np.uint8], first: Ints, size: Ints) -> NDArray[np.uint8]:
    return np.concatenate([np.zeros(0, np.uint8), *pieces(np.ascontiguousarray(data), first, size)])


def _edges(texts: Texts, places: Ints) -> tuple[Ints, Ints]:
    """Return where the texts at some places begin, and their sizes."""
    if not places.size:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    first = np.where(places > 0, texts.end[places - 1], 0)
    return first, texts.end[places] - first


def _strings(has: NDArray[np.bool_], sizes: Ints, data: NDArray[np.uint8]) -> tuple[nanoarrow.Schema, list[Any]]:
    """Return texts that lie one behind the other, null where a row has none."""
    ends = np.zeros(has.size + 1, np.int64)
    ends[1:][has] = sizes
    validity = None if has.all() else np.packbits(has, bitorder="little")
    return nanoarrow.large_string(), [validity, np.cumsum(ends), data]
