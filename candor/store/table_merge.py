"""Writes two tables as one, column by column: records that come later take the place of those with their ids."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import numpy as np

from candor.scoring.arrays import is_among
from candor.scoring.record_counts import ASKING_CODES, References
from candor.scoring.record_digest import DIGEST_BYTES, combined
from candor.scoring.table import Sparse, Table, Texts
from candor.store.column_file import interleaved, pieces
from candor.store.table_without import renumbered
from candor.store.text_words import hashed, order_in_groups

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from candor.store.column_file import ColumnFile

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]


def empty_table() -> Table:
    """Return a table of no records."""
    digests = np.zeros((0, DIGEST_BYTES), np.uint8)
    columns: Any = [combined(digests.reshape(-1)), *[np.zeros(0, np.int64)] * 7, digests]
    texts: Any = [joined_texts([])] * 7
    numbers: Any = [Sparse(np.zeros(0, np.int64), np.zeros(0, np.int64))] * 2
    return Table(0, *columns, *texts, *numbers)


class TableMerge:
    """An old table with a new one put into it; `gone` are rows of the old one that are left out, replaced or not.

    Once it is written, `records` counts them, and `unmatched` those whose object is the id of no record, with a few
    such objects.
    """

    def __init__(self, old: Table, new: Table, gone: Collection[int] = ()) -> None:
        self._old, self._new = old, new
        self._size = len(old)
        self._ids = dict(zip(new.ids.all(), new.ids.row.tolist(), strict=True))
        self.replaced = {int(old.ids.row[at]): row for at, row in _found(old.ids, self._ids).items()}
        self.replaced |= self._accounts_sent_again()
        self._deleted = set(gone)
        self.records = 0
        self.references = References(0, 0, ())

    @property
    def changes_nothing(self) -> bool:
        """Tell whether every record of the new table stands in the old one as it is."""
        rows, by = list(self.replaced), list(self.replaced.values())
        same = bool((self._old.digests[rows] == self._new.digests[by]).all())
        return same and len(self.replaced) == len(self._new) and not self._deleted

    @property
    def by_others(self) -> list[int]:
        """Return the rows of the new table that take the place of a record by another author; both are named."""
        old, new = self._old, self._new
        pairs = ((int(old.actor[was]), int(new.actor[row]), row) for was, row in self.replaced.items())
        return [row for one, two, row in pairs if min(one, two) >= 0 and old.people.at(one) != new.people.at(two)]

    def write(self, file: ColumnFile) -> str:
        """Write the columns; return the digest of the records."""
        old, new = self._old, self._new
        kept = np.ones(self._size + len(new), np.bool_)
        kept[[*self.replaced, *self._deleted]] = False
        order, acts = self._order(kept)
        place = np.full(kept.size + 1, -1, np.int64)  # the last is for no row
        place[order] = np.arange(order.size)
        people, numbers = _shared(old.people, new.people)
        tag_sets, tags = _shared(old.tag_sets, new.tag_sets)
        actor = _chosen(old.actor, new.actor, numbers, order)
        used_people, persons = renumbered(np.concatenate((actor, _chosen(old.target, new.target, numbers, order))))
        used_tags, tagged = renumbered(_chosen(old.tags, new.tags, tags, order))
        file.add("acts", "<i8", np.array([acts]))
        for name, dtype in (("type", "i1"), ("published", "<i8"), ("visibility", "i1")):
            file.add(name, dtype, np.concatenate((getattr(old, name), getattr(new, name)))[order])
        for name, column in (("actor", persons[: order.size]), ("target", persons[order.size :]), ("tags", tagged)):
            file.add(name, "<i4", column)
        file.add_list("people", people, used_people)
        file.add_list("tag_sets", tag_sets, used_tags)
        self._write_objects(file, order, place)
        for name in ("ids", "contents", "urls", "more"):
            self._write_texts(file, name, place)
        for name in ("values", "offset"):
            self._write_numbers(file, name, place)
        self.records = int(order.size)
        return file.add_digests(np.concatenate((old.digests, new.digests))[order])

    def _accounts_sent_again(self) -> dict[int, int]:
        """Return which records of accounts without an id the new table says again of the same moment."""
        old, new = self._old, self._new
        again = {}
        ours = np.setdiff1d(np.arange(new.acts, len(new)), new.ids.row).tolist()
        said = {(new.people.at(int(new.actor[row])), int(new.published[row])): row for row in ours}
        moments = np.array([at for _, at in said], np.int64)
        theirs = np.flatnonzero(np.isin(old.published[old.acts :], moments)) + old.acts
        for row in np.setdiff1d(theirs, old.ids.row).tolist():
            by = said.get((old.people.at(int(old.actor[row])), int(old.published[row])))
            if by is not None:
                again[row] = by
        return again

    def _order(self, kept: Bools) -> tuple[Ints, int]:
        """Return the rows of both, old first, in the order of the whole: acts by (published, id), accounts behind."""
        old, new, size = self._old, self._new, self._size
        first = np.searchsorted(old.published[: old.acts], new.published[: new.acts], "left")
        last = np.searchsorted(old.published[: old.acts], new.published[: new.acts], "right")
        first += self._before_at_once(first, last)
        acts = np.insert(np.arange(old.acts), first, size + np.arange(new.acts))
        accounts = np.concatenate((np.arange(old.acts, size), size + np.arange(new.acts, len(new))))
        acts, accounts = acts[kept[acts]], accounts[kept[accounts]]
        return np.concatenate((acts, accounts)).astype(np.int64), int(acts.size)

    def _before_at_once(self, first: Ints, last: Ints) -> Ints:
        """Count for each new act the old ones of its moment, rows from first to last, whose ids come before its own."""
        theirs = np.flatnonzero(last > first)
        begins, ends = np.zeros(self._old.acts + 1, np.int64), np.zeros(self._old.acts + 1, np.int64)
        begins[first[theirs]], ends[last[theirs]] = 1, 1
        ours = np.flatnonzero(np.cumsum(begins - ends))
        old, new = self._old, self._new
        texts = _at_places((old.ids, ours), (new.ids, theirs))  # every act has an id
        moments = np.concatenate((old.published[ours], new.published[theirs]))
        by_time = np.argsort(moments, kind="stable")
        order = by_time[order_in_groups(moments[by_time], texts, by_time)]
        is_ours = order < ours.size
        before = np.zeros(moments.size, np.int64)
        before[order] = np.cumsum(is_ours)
        counts = np.zeros(first.size, np.int64)
        counts[theirs] = before[ours.size :] - np.searchsorted(ours, first[theirs])
        return counts

    def _write_objects(self, file: ColumnFile, order: Ints, place: Ints) -> None:
        """Write the row that each record acts on; ids that no act has are numbered behind the rows and written out."""
        old, new, size = self._old, self._new, self._size
        texts, shared = _shared(old.objects, new.objects)
        deleted = sorted(self._deleted - self.replaced.keys())
        lost = joined_texts([str(old.ids.get(row)) for row in deleted])
        texts, again = _shared(texts, lost)
        where = place[: size + len(new)].copy()  # of each row of both, where what acts on it points to
        for row, by in self.replaced.items():
            where[row] = place[size + by]
        stray = np.arange(len(texts)) + order.size  # of each id that no row has
        for text, number in _found(texts, self._ids).items():
            stray[text] = place[size + number]
        wanted = {text: number for number, text in enumerate(new.objects.all())}
        for at, number in _found(old.ids, wanted).items():
            if (row := int(where[old.ids.row[at]])) >= 0:
                stray[shared[number]] = row
        where[deleted] = stray[again]
        column = np.concatenate(
            (
                _looked_up(old.object, where[:size], stray[: len(old.objects)]),
                _looked_up(new.object, where[size:], stray[shared]),
            )
        )[order]
        is_stray = column >= order.size
        used, numbered = renumbered(np.where(is_stray, column - order.size, -1))
        answering = int(np.count_nonzero(column >= 0) - np.count_nonzero(is_stray))
        asks = bool(np.isin(np.concatenate((old.type, new.type))[order], ASKING_CODES).any())
        examples = tuple(texts.at(int(each)) for each in used[:5])
        self.references = References(answering, int(is_stray.sum()), examples, asks)
        file.add("object", "<i4", np.where(is_stray, numbered + order.size, column))
        file.add_list("objects", texts, used)

    def _write_texts(self, file: ColumnFile, name: str, place: Ints) -> None:
        """Write the texts in the order of their rows, as many at once as lie one behind the other."""
        sources: tuple[Texts, Texts] = (getattr(self._old, name), getattr(self._new, name))
        row = np.concatenate((place[sources[0].row], place[sources[1].row.astype(np.int64) + self._size]))
        size = np.concatenate([np.diff(texts.end, prepend=0) for texts in sources])
        first = np.concatenate([texts.end for texts in sources]) - size
        which = np.repeat([0, 1], [len(texts) for texts in sources])
        chosen = np.flatnonzero(row >= 0)
        chosen = chosen[np.argsort(row[chosen], kind="stable")]
        first, size, which = first[chosen], size[chosen], which[chosen]
        file.add(f"{name}.row", "<i4", row[chosen])
        file.add(f"{name}.end", "<i8", np.cumsum(size))
        file.add_pieces(f"{name}.data", interleaved([texts.data for texts in sources], which, first, size))

    def _write_numbers(self, file: ColumnFile, name: str, place: Ints) -> None:
        old, new = getattr(self._old, name), getattr(self._new, name)
        row = np.concatenate((place[old.row], place[new.row.astype(np.int64) + self._size]))
        numbers = Sparse(row, np.concatenate((old.value, new.value)))
        chosen = np.flatnonzero(row >= 0)
        chosen = chosen[np.argsort(row[chosen])]
        file.add_sparse(name, numbers, chosen, row[chosen])


def rows_with_ids(table: Table, ids: Texts) -> list[int]:
    """Return the rows of records whose ids are among some texts."""
    wanted = dict.fromkeys(ids.all(), 0)
    return [int(table.ids.row[at]) for at in _found(table.ids, wanted)]


def _found(texts: Texts, wanted: Mapping[str, int]) -> dict[int, int]:
    """Return which of the texts are wanted, by their place in the list, and as what."""
    if not wanted:
        return {}
    seed = secrets.randbits(63)
    sought = np.sort(hashed(joined_texts(list(wanted)), seed).view(np.int64))
    same = np.flatnonzero(is_among(hashed(texts, seed).view(np.int64), sought))
    numbers = map(wanted.get, _at_places((texts, same)).all())
    return {at: number for at, number in zip(same.tolist(), numbers, strict=True) if number is not None}


def _at_places(*several: tuple[Texts, Ints]) -> Texts:
    """Return the texts at some places of each of several lists, one list behind the other."""
    size, data = [np.zeros(0, np.int64)], [np.zeros(0, np.uint8)]
    for texts, places in several:
        first = np.where(places > 0, texts.end[places - 1], 0) if places.size else places
        size.append(texts.end[places] - first)
        data += pieces(texts.data, first, size[-1])
    end = np.cumsum(np.concatenate(size))
    return Texts(np.arange(end.size), end, np.concatenate(data))


def _shared(old: Texts, new: Texts) -> tuple[Texts, Ints]:
    """Return the texts of two lists, each once, and where those of the second stand among them."""
    places = {text: number for number, text in enumerate(new.all())}
    known = {number: at for at, number in _found(old, places).items()}
    more = [(number, text) for text, number in places.items() if number not in known]
    added = joined_texts([text for _, text in more])
    where = np.zeros(len(new), np.int64)
    where[list(known)] = list(known.values())
    where[[number for number, _ in more]] = len(old) + np.arange(len(more))
    end = np.concatenate((old.end, added.end + (old.end[-1] if len(old) else 0)))
    return Texts(np.arange(end.size), end, np.concatenate((old.data, added.data))), where


def joined_texts(texts: Sequence[str]) -> Texts:
    """Put texts behind each other."""
    spelled = [text.encode() for text in texts]
    end = np.cumsum(np.fromiter(map(len, spelled), np.int64, len(spelled)))
    return Texts(np.arange(end.size), end, np.frombuffer(b"".join(spelled), np.uint8))


def _chosen(old: NDArray[Any], new: NDArray[Any], numbers: Ints, order: Ints) -> Ints:
    """Return a column of both by the numbers that the whole has; -1 stays."""
    return np.concatenate((old, np.append(numbers, -1)[new]))[order]


def _looked_up(column: NDArray[Any], where: Ints, stray: Ints) -> Ints:
    """Return objects of one table by the numbers that the whole has: rows, ids that no row has, or -1 for none."""
    return np.asarray(np.concatenate((where, stray, [-1]))[column])
