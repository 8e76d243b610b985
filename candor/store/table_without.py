"""A table without some people: the rule of scoring.without for columns, so that millions of records take seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from candor.scoring.activity import TYPE_CODE
from candor.scoring.recognition import POSTS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from numpy.typing import NDArray

    from candor.scoring.table import Sparse, Table, Texts
    from candor.store.column_file import ColumnFile

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

_PIECE_BYTES = 16 * 2**20
_POST_CODES = [TYPE_CODE[name] for name in POSTS]


def write_without(table: Table, people: Collection[str], file: ColumnFile) -> int:
    """Write the columns of a table without the people; return how many records are left."""
    size = len(table)
    named = np.fromiter((name in people for name in table.people.all()), np.bool_, len(table.people))
    theirs = _at(named, table.actor)
    about = _at(named, table.target) | _at(theirs, np.where(table.object < size, table.object, -1))
    post = np.isin(table.type, _POST_CODES)
    kept = ~theirs & (post | ~about)
    number = np.where(kept, np.cumsum(kept) - 1, -1)
    left = int(kept.sum())
    target = np.where(about, -1, table.target)[kept]
    used, persons = _renumbered(np.concatenate((table.actor[kept], target)))
    file.add("acts", [np.array([kept[: table.acts].sum()])], "<i8")
    _add(file, "type", table.type[kept], "i1")
    _add(file, "published", table.published[kept], "<i8")
    _add(file, "actor", persons[:left], "<i4")
    _add(file, "target", persons[left:], "<i4")
    _write_list(file, "people", table.people, used)
    used, tags = _renumbered(table.tags[kept])
    _add(file, "tags", tags, "<i4")
    _write_list(file, "tag_sets", table.tag_sets, used)
    _add(file, "visibility", table.visibility[kept], "i1")
    known = table.object[kept] < size
    used, unknown = _renumbered(np.where(known, -1, table.object[kept] - size))
    there = np.where(table.object[kept] >= 0, number[np.where(known, table.object[kept], -1)], -1)
    _add(file, "object", np.where(about[kept], -1, np.where(known, there, unknown + left)), "<i4")
    _write_list(file, "objects", table.objects, used)
    for name in ("ids", "contents", "urls", "more"):
        texts: Texts = getattr(table, name)
        chosen = np.flatnonzero(kept[texts.row])
        _write_texts(file, name, texts, chosen, number[texts.row[chosen]])
    for name in ("values", "offset"):
        _write_sparse(file, name, getattr(table, name), kept, number)
    return left


def _at(flags: Bools, where: NDArray[Any]) -> Bools:
    """Look flags up by number; -1 has none."""
    return np.asarray(np.append(flags, False)[where])


def _renumbered(numbers: NDArray[Any]) -> tuple[Ints, Ints]:
    """Return the numbers that occur, and each as its place among them; -1 stays."""
    used = np.unique(numbers[numbers >= 0]).astype(np.int64)
    return used, np.where(numbers >= 0, np.searchsorted(used, numbers), -1)


def _add(file: ColumnFile, name: str, column: NDArray[Any], dtype: str) -> None:
    file.add(name, [column], dtype)


def _write_list(file: ColumnFile, name: str, texts: Texts, chosen: Ints) -> None:
    _write_texts(file, name, texts, chosen, np.arange(chosen.size))


def _write_texts(file: ColumnFile, name: str, texts: Texts, chosen: Ints, row: Ints) -> None:
    size = np.diff(texts.end, prepend=0)[chosen]
    first = texts.end[chosen] - size
    _add(file, f"{name}.row", row, "<i4")
    _add(file, f"{name}.end", np.cumsum(size), "<i8")
    file.add(f"{name}.data", _pieces(texts.data, first, size), "u1")


def _pieces(data: NDArray[np.uint8], first: Ints, size: Ints) -> Iterator[NDArray[np.uint8]]:
    """Yield the chosen texts, some megabytes at a time."""
    end = np.cumsum(size)
    begin = 0
    while begin < size.size:
        before = int(end[begin] - size[begin])
        stop = max(begin + 1, int(np.searchsorted(end, before + _PIECE_BYTES, side="right")))
        sizes = size[begin:stop]
        inside = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        yield data[np.repeat(first[begin:stop], sizes) + inside]
        begin = stop


def _write_sparse(file: ColumnFile, name: str, numbers: Sparse, kept: Bools, number: Ints) -> None:
    chosen = np.flatnonzero(kept[numbers.row])
    _add(file, f"{name}.row", number[numbers.row[chosen]], "<i8")
    _add(file, f"{name}.value", numbers.value[chosen], numbers.value.dtype.str)
