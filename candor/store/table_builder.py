"""Table builder: records in, hundreds at a time, columns out; what is long waits on disk, so memory stays small."""

from __future__ import annotations

import secrets
import tempfile
from array import array
from contextlib import ExitStack
from datetime import UTC
from functools import cached_property
from itertools import compress, islice
from struct import pack
from typing import TYPE_CHECKING, Any, BinaryIO, Self, TypeVar, cast

import msgspec
import numpy as np

from candor.scoring.activity import RECORD_TYPES, TYPE_CODE, Activity
from candor.scoring.arrays import changes, is_among, order_of_hashes
from candor.scoring.columns import EPOCH, MICROSECOND
from candor.scoring.record_batch import RecordBatch
from candor.scoring.record_counts import ASKING_CODES, References
from candor.scoring.record_digest import DIGEST_BYTES, record_digests
from candor.scoring.table import MORE, VISIBILITIES, Sparse, Texts
from candor.scoring.withdrawn import Withdrawals
from candor.store.text_words import hashed, order_in_groups

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from numpy.typing import NDArray

    from candor.scoring.record_counts import Counts
    from candor.scoring.withdrawn import Withdrawal
    from candor.store.column_file import ColumnFile

    Ints = NDArray[np.int64]

Item = TypeVar("Item")
_AT_ONCE = 512
_NOTHING = b"\xff"  # of -1, however long
_encode = msgspec.json.Encoder().encode
_VISIBILITY_CODE = {None: -1} | {name: code for code, name in enumerate(VISIBILITIES)}


class SpooledTexts:
    """Texts of rows, as they come: which rows have one and how long it is in memory, what they say in a file."""

    def __init__(self, folder: Path) -> None:
        self._has, self._size = bytearray(), array("i")
        self._file = cast("BinaryIO", tempfile.TemporaryFile(dir=folder, buffering=1 << 20))  # noqa: SIM115 # see close

    def add(self, texts: Sequence[str | None]) -> None:
        """Append the texts of the next rows, None for a row without."""
        if _is_nothing(texts):
            self._has += bytes(len(texts))
            return
        has = b"\1" * len(texts)
        if not all(texts):  # to look for None takes twice as long
            has = bytes([text is not None for text in texts])
            texts = list(compress(texts, has))
        self._has += has
        some = cast("Sequence[str]", texts)
        joint = "".join(some)
        sizes = map(len, some if joint.isascii() else map(str.encode, some))
        self._size.frombytes(pack(f"{len(some)}i", *sizes))
        self._file.write(joint.encode())

    def close(self) -> None:
        """Give the file up."""
        self._file.close()

    @cached_property
    def texts(self) -> Texts:
        """Map them, once all are there."""
        self._file.flush()
        rows, end = np.flatnonzero(np.frombuffer(self._has, np.bool_)), np.cumsum(self._size, dtype=np.int64)
        data = np.asarray(np.memmap(self._file, np.uint8, "r")) if end.size and end[-1] else np.zeros(0, np.uint8)
        return Texts(rows, end, data)


class _Numbers(dict[Item | None, int]):
    """Numbers of things in order of appearance; -1 for None and whatever else names nothing."""

    def __init__(self, *nothing: Item) -> None:
        super().__init__(dict.fromkeys((None, *nothing), -1))
        self._none = len(self)

    def __missing__(self, thing: Item) -> int:
        self[thing] = number = len(self) - self._none
        return number

    def named(self) -> Iterator[Item]:
        """Yield the things, by number."""
        return (thing for thing in islice(self, self._none, None) if thing is not None)


class TableBuilder:
    """Collects records in the order they come; `write` sorts them, joins them by id and writes their columns.

    Ids are joined by a 64-bit hash with a secret seed: among ten million ids a pair that differs meets once in some
    hundred thousand uploads, and then it is reported as a repeated id.
    """

    def __init__(self, folder: Path) -> None:
        self._lines = array("q")
        self._waiting: list[Activity] = []
        self._type = array("b")
        self._published, self._actor, self._target = array("q"), array("i"), array("i")
        self._tags, self._visibility, self._digests = array("i"), array("b"), bytearray()
        self._seed = secrets.randbits(63)
        self._people: _Numbers[str] = _Numbers("")
        self._tag_sets: _Numbers[tuple[str, ...]] = _Numbers()
        self._values, self._offsets = (array("q"), array("d")), (array("q"), array("i"))
        self._texts = {name: SpooledTexts(folder) for name in ("ids", "contents", "urls", "more", "objects")}
        self._hidden = SpooledTexts(folder)
        self._kept: NDArray[np.bool_] | None = None
        self._answering, self._strays = 0, np.zeros(0, np.int64)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with ExitStack() as opened:  # what closing one raises, at a full disk, must not leave the others open
            for spooled in (*self._texts.values(), self._hidden):
                opened.callback(spooled.close)

    def __len__(self) -> int:
        return len(self._lines)

    def add(self, lines: Sequence[int], records: Sequence[Activity]) -> None:
        """Take records that stood on these lines of the upload."""
        if isinstance(lines, range):
            self._lines.frombytes(np.arange(lines.start, lines.stop).tobytes())
        else:
            self._lines.extend(lines)
        if self._waiting or len(records) < _AT_ONCE:
            self._waiting.extend(records)
            if len(self._waiting) >= _AT_ONCE:
                self._settle()
        else:
            self._append(RecordBatch.of(records))

    def _settle(self) -> None:
        """Make columns of the records that wait: together they cost less than one by one."""
        waiting, self._waiting = self._waiting, []
        if waiting:
            self._append(RecordBatch(waiting))

    def _append(self, batch: RecordBatch) -> None:
        """Make columns of what some records say."""
        first, size, columns = len(self._type), len(batch), batch.columns
        for column, values, numbers in (
            (self._type, columns["type"], TYPE_CODE),
            (self._actor, columns["actor"], self._people),
            (self._target, columns["target_actor"], self._people),
            (self._tags, columns["tags"], self._tag_sets),
            (self._visibility, columns["visibility"], _VISIBILITY_CODE),
        ):
            if _is_nothing(values):
                column.frombytes(_NOTHING * (size * column.itemsize))
            else:
                codes = map(numbers.__getitem__, values)
                column.frombytes(pack(f"{size}{column.typecode}", *codes))  # fromlist takes four times as long
        self._published.frombytes(batch.published.tobytes())
        for name, field in (("ids", "id"), ("contents", "content"), ("urls", "url")):
            self._texts[name].add(columns[field])
        self._texts["objects"].add([each or None for each in columns["object"]])
        if not batch.in_utc:
            self._settle_offsets(first, columns["published"])
        self._settle_rare(first, columns)
        self._digests += record_digests(batch.records, in_utc=batch.in_utc)

    def _settle_offsets(self, first: int, published: Sequence[datetime]) -> None:
        """Keep which times, from that of the first row on, were written with another offset than that of UTC."""
        for row, at in enumerate(published, first):
            if at.tzinfo is not UTC and (east := at.utcoffset()):
                self._offsets[0].append(row)
                self._offsets[1].append(int(east.total_seconds()))

    def _settle_rare(self, first: int, columns: Mapping[str, Sequence[Any]]) -> None:
        """Keep what few records say, from that of the first row on."""
        values = columns["value"]
        if not _is_nothing(values):
            has = [place for place, value in enumerate(values) if value is not None]
            self._values[0].extend([first + place for place in has])
            self._values[1].fromlist([values[place] for place in has])
        there = {name: columns[name] for name in MORE if not _is_nothing(columns[name])}
        more: list[str | None] = [None] * len(values)
        if there:
            each = (dict(zip(there, fields, strict=True)) for fields in zip(*there.values(), strict=True))
            stated = ({name: value for name, value in one.items() if value is not None} for one in each)
            more = [_encode(one).decode() if one else None for one in stated]
        self._texts["more"].add(more)

    def repeated(self) -> Iterator[tuple[int, int, bool]]:
        """Yield (line, earlier line with the same id, whether they say the same); only the first of each is kept."""
        self._settle()
        ids, digest = self._texts["ids"].texts, self._digest_items()
        self._kept = np.ones(len(self), np.bool_)
        hashes = self._id_hashes
        ascending = np.sort(hashes)  # an eighteenth of what their order takes
        if not (ascending[1:] == ascending[:-1]).any():
            return
        order = np.argsort(hashes, kind="stable")
        same = np.flatnonzero(hashes[order[1:]] == hashes[order[:-1]]) + 1
        order = ids.row[order]
        first = -1
        for place in same.tolist():
            row, before = int(order[place]), int(order[place - 1])
            first = before if self._kept[before] else first
            self._kept[row] = False
            yield self._lines[row], self._lines[first], bool((digest[row] == digest[first]).all())

    def withdraw(self, withdrawals: Iterable[Withdrawal]) -> int:
        """Leave out what is taken back, and return how many records that are."""
        self._settle()
        taken_back = Withdrawals(withdrawals)
        if not taken_back.types:
            return 0
        kept = np.ones(len(self), np.bool_) if self._kept is None else self._kept
        kind = np.frombuffer(self._type, np.int8)
        rows = np.flatnonzero(kept & np.isin(kind, [TYPE_CODE[name] for name in taken_back.types]))
        names, gone = list(self._people.named()), 0
        objects = self._texts["objects"].texts
        for row in rows.tolist():
            at = int(np.searchsorted(objects.row, row))
            on = objects.at(at) if at < objects.row.size and objects.row[at] == row else None
            if taken_back.take_back(self._act(row, on, names)):
                kept[row] = False
                gone += 1
        self._kept = kept
        return gone

    def hide(self, record_id: str) -> None:
        """Note the id of a private record, which is not kept."""
        self._hidden.add((record_id,))

    def hidden(self) -> Texts:
        """Return the ids of private records."""
        return self._hidden.texts

    def take_out_hidden(self) -> int:
        """Leave out the records that share their id with a private one, and return how many they are."""
        self._settle()
        if not len(hidden := self.hidden()):
            return 0
        kept = np.ones(len(self), np.bool_) if self._kept is None else self._kept
        sought = np.sort(hashed(hidden, self._seed).view(np.int64))
        rows = self._texts["ids"].texts.row[is_among(self._id_hashes.view(np.int64), sought)]
        gone = int(np.count_nonzero(kept[rows]))
        kept[rows] = False
        self._kept = kept
        return gone

    def _act(self, row: int, on: str | None, names: Sequence[str]) -> Activity:
        """Return who did what to what or whom, and when."""
        actor, target = (names[column[row]] if column[row] >= 0 else None for column in (self._actor, self._target))
        kind: Any = RECORD_TYPES[self._type[row]]
        at = EPOCH + self._published[row] * MICROSECOND
        return Activity(type=kind, actor=actor, target_actor=target, object=on, published=at)

    def count_nameless(self, counts: Counts) -> int:
        """Count acts of nobody known among those kept; return all acts that somebody should be known for: no votes."""
        self._settle()
        rows = self._rows()
        actor, kind = np.frombuffer(self._actor, np.int32)[rows], np.frombuffer(self._type, np.int8)[rows]
        named = (kind != TYPE_CODE["vote"]) & (kind != TYPE_CODE["account"])
        nameless = named & (actor < 0)
        counts.nameless = int(np.count_nonzero(nameless))
        counts.ownerless_accepts = int(np.count_nonzero(nameless & (kind == TYPE_CODE["accept"])))
        return int(np.count_nonzero(named))

    def references(self, most: int) -> References:
        """Count the records whose object is a record here, and is none, with a few such objects; known once written."""
        texts = self._texts["objects"].texts
        strays = self._strays
        examples = (texts.at(int(np.searchsorted(texts.row, row))) for row in np.sort(strays)[: most * most].tolist())
        asks = bool(np.isin(np.frombuffer(self._type, np.int8)[self._rows()], ASKING_CODES).any())
        return References(self._answering, int(strays.size), tuple(dict.fromkeys(examples))[:most], asks)

    def kept(self) -> int:
        """Count the records kept."""
        return int(self._rows().size)

    def write(self, file: ColumnFile) -> str:
        """Write the columns of a scoring.table.Table, and return the digest of the records."""
        self._settle()
        order, acts = self._order()
        place = np.full(len(self) + 1, -1, np.int64)
        place[order] = np.arange(order.size)
        file.add("acts", "<i8", np.array([acts]))
        for name, column, dtype in (
            ("type", self._type, "i1"),
            ("published", self._published, "<i8"),
            ("actor", self._actor, "<i4"),
            ("target", self._target, "<i4"),
            ("tags", self._tags, "<i4"),
            ("visibility", self._visibility, "i1"),
        ):
            file.add(name, dtype, np.frombuffer(column, dtype)[order])
        self._write_objects(file, order, acts)
        for name in ("ids", "contents", "urls", "more"):
            texts = self._texts[name].texts
            file.add_texts(name, texts, *_chosen(place[texts.row]))
        for name, (rows, values), dtype in (("values", self._values, "<f8"), ("offset", self._offsets, "<i4")):
            numbers = Sparse(np.frombuffer(rows, np.int64), np.frombuffer(values, dtype))
            file.add_sparse(name, numbers, *_chosen(place[numbers.row]))
        people, tag_sets = (each.encode() for each in self._people.named()), map(_encode, self._tag_sets.named())
        for name, words in (("people", list(people)), ("tag_sets", list(tag_sets))):
            end = np.cumsum(np.fromiter(map(len, words), np.int64, len(words)))
            texts = Texts(np.arange(end.size), end, np.frombuffer(b"".join(words), np.uint8))
            file.add_list(name, texts, np.arange(end.size))
        return file.add_digests(self._digest_items()[order])

    @cached_property
    def _id_hashes(self) -> NDArray[np.uint64]:
        """The hash of each id, once all records are there."""
        return hashed(self._texts["ids"].texts, self._seed)

    def _rows(self) -> Ints:
        return np.arange(len(self)) if self._kept is None else np.flatnonzero(self._kept)

    def _digest_items(self) -> NDArray[np.uint8]:
        return np.frombuffer(self._digests, np.uint8).reshape(-1, DIGEST_BYTES)

    def _order(self) -> tuple[Ints, int]:
        """Return the rows kept, acts by (published, id) and account records behind them; and how many are acts."""
        rows = self._rows()
        is_account = np.frombuffer(self._type, np.int8)[rows] == TYPE_CODE["account"]
        acts, accounts = rows[~is_account], rows[is_account]
        published = np.frombuffer(self._published, np.int64)
        order = acts[np.argsort(published[acts], kind="stable")]
        ids, place = self._texts["ids"].texts, np.zeros(len(self), np.int64)
        place[ids.row] = np.arange(len(ids))
        order = order[order_in_groups(published[order], ids, place[order])]
        return np.concatenate((order, accounts)), int(order.size)

    def _write_objects(self, file: ColumnFile, order: Ints, acts: int) -> None:
        """Write the row that each record acts on; ids that no act has are numbered behind the rows and written out."""
        ids, texts = self._texts["ids"].texts, self._texts["objects"].texts
        known = np.zeros(len(self), np.uint64)
        known[ids.row] = self._id_hashes
        by_hash = order_of_hashes(known[order[:acts]])
        ascending = known[order[:acts]][by_hash]
        place = np.full(len(self), -1)
        place[order] = np.arange(order.size)
        wanted = hashed(texts, self._seed)
        chosen = np.flatnonzero(place[texts.row] >= 0)
        chosen = chosen[order_of_hashes(wanted[chosen])]  # sorted, they are looked up four times as fast
        wanted, rows = wanted[chosen], place[texts.row[chosen]]
        at = np.searchsorted(ascending, wanted)
        at[at == acts] = 0
        found = ascending[at] == wanted if acts else np.zeros(wanted.size, np.bool_)
        number = np.full(order.size, -1, np.int64)
        number[rows[found]] = by_hash[at[found]]
        first = changes(wanted[~found])
        number[rows[~found]] = order.size + np.cumsum(first) - 1
        self._answering, self._strays = int(np.count_nonzero(found)), order[rows[~found]]
        file.add("object", "<i4", number)
        file.add_list("objects", texts, chosen[~found][first])


def _is_nothing(values: Sequence[object]) -> bool:
    """Tell whether nothing is said by any of some records."""
    return values[0] is None and values.count(None) == len(values)


def _chosen(at: Ints) -> tuple[Ints, Ints]:
    """Return which have a row in the table, in the order of these rows, and the rows; no two have the same row."""
    some = np.flatnonzero(at >= 0)
    rows = at[some]
    if (rows[1:] > rows[:-1]).all():
        return some, rows
    in_row = np.full(int(rows.max()) + 1, -1, np.int64)
    in_row[rows] = some  # a fifth of what sorting takes
    rows = np.flatnonzero(in_row >= 0)
    return in_row[rows], rows
