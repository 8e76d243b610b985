"""Table builder: records in, a thousand at a time, columns out; what is long waits on disk, so memory stays small."""

from __future__ import annotations

import secrets
import tempfile
from array import array
from contextlib import ExitStack
from datetime import UTC
from functools import cached_property
from itertools import islice
from struct import pack
from typing import TYPE_CHECKING, Any, BinaryIO, Self, TypeVar, cast

import msgspec
import numpy as np

from candor.scoring.activity import RECORD_TYPES, TYPE_CODE, Activity
from candor.scoring.arrays import changes, is_among
from candor.scoring.columns import EPOCH, MICROSECOND
from candor.scoring.record_counts import References
from candor.scoring.record_digest import DIGEST_BYTES, record_digests
from candor.scoring.table import MORE, VISIBILITIES, Sparse, Texts
from candor.scoring.withdrawn import Withdrawals
from candor.store.text_words import hashed, order_in_groups

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from numpy.typing import NDArray

    from candor.scoring.record_counts import Counts
    from candor.scoring.withdrawn import Withdrawal
    from candor.store.column_file import ColumnFile

    Ints = NDArray[np.int64]

Item = TypeVar("Item")
_AT_ONCE = 1_024
_NOTHING = b"\xff"  # of -1, however long
_encode = msgspec.json.Encoder().encode
_VISIBILITY_CODE = {None: -1} | {name: code for code, name in enumerate(VISIBILITIES)}


class SpooledTexts:
    """Texts of some rows: where each ends in memory, what they say in a file without a name."""

    def __init__(self, folder: Path) -> None:
        self._row, self._end = array("q"), array("q")
        self._file = cast("BinaryIO", tempfile.TemporaryFile(dir=folder, buffering=1 << 20))  # noqa: SIM115 # see close
        self._size = 0

    def add(self, rows: Ints, texts: Collection[str]) -> None:
        """Append the texts of some rows."""
        joint = "".join(texts)
        written = joint.encode()
        each = texts if joint.isascii() else map(str.encode, texts)
        sizes = np.fromiter(map(len, each), np.int64, len(texts))
        self._row.frombytes(rows.tobytes())
        self._end.frombytes((self._size + np.cumsum(sizes)).tobytes())
        self._size += self._file.write(written)

    def close(self) -> None:
        """Give the file up."""
        self._file.close()

    def texts(self) -> Texts:
        """Map them."""
        self._file.flush()
        data = np.asarray(np.memmap(self._file, np.uint8, "r")) if self._size else np.zeros(0, np.uint8)
        return Texts(np.frombuffer(self._row, np.int64), np.frombuffer(self._end, np.int64), data)


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
        self._lines.extend(lines)
        self._waiting.extend(records)
        if len(self._waiting) >= _AT_ONCE:
            self._settle()

    def _settle(self) -> None:
        """Make columns of the records that wait: together they cost less than one by one."""
        records, self._waiting = self._waiting, []
        if not records:
            return
        rows, said = np.arange(len(self._type), len(self._type) + len(records)), _fields(records)
        for column, values, numbers in (
            (self._type, said["type"], TYPE_CODE),
            (self._actor, said["actor"], self._people),
            (self._target, said["target_actor"], self._people),
            (self._tags, said["tags"], self._tag_sets),
            (self._visibility, said["visibility"], _VISIBILITY_CODE),
        ):
            if values.count(None) == rows.size:
                column.frombytes(_NOTHING * (rows.size * column.itemsize))
            else:
                codes = map(numbers.__getitem__, values)
                column.frombytes(pack(f"{rows.size}{column.typecode}", *codes))  # fromlist takes four times as long
        published, in_utc = microseconds_of(said["published"])
        self._published.frombytes(published.tobytes())
        for name, field in (("ids", "id"), ("contents", "content"), ("urls", "url"), ("objects", "object")):
            self._spool(name, rows, said[field])
        if not in_utc:
            self._settle_offsets(rows, said["published"])
        self._settle_rare(rows, said)
        self._digests += record_digests(records, in_utc=in_utc)

    def _settle_offsets(self, rows: Ints, published: Sequence[datetime]) -> None:
        """Keep which times were written with another offset than that of UTC."""
        for place, at in enumerate(published):
            if at.tzinfo is not UTC and (east := at.utcoffset()):
                self._offsets[0].append(int(rows[place]))
                self._offsets[1].append(int(east.total_seconds()))

    def _settle_rare(self, rows: Ints, said: Mapping[str, Sequence[Any]]) -> None:
        """Keep what few records say."""
        values = said["value"]
        if values.count(None) < rows.size:
            has = [place for place, value in enumerate(values) if value is not None]
            self._values[0].extend(rows[has].tolist())
            self._values[1].fromlist([values[place] for place in has])
        columns = {name: said[name] for name in MORE if said[name].count(None) < rows.size}
        if columns:
            more = [
                {name: value for name, value in zip(columns, each, strict=True) if value is not None}
                for each in zip(*columns.values(), strict=True)
            ]
            self._spool("more", rows, [_encode(each).decode() if each else None for each in more])

    def _spool(self, name: str, rows: Ints, texts: Sequence[str | None]) -> None:
        """Keep the texts of those rows that have one."""
        some: Sequence[str] = cast("Sequence[str]", texts)
        if lacking := texts.count(None):
            if lacking == rows.size:
                return
            rows = rows[np.frombuffer(bytes([text is not None for text in texts]), np.bool_)]
            some = [text for text in texts if text is not None]
        self._texts[name].add(rows, some)

    def repeated(self) -> Iterator[tuple[int, int, bool]]:
        """Yield (line, earlier line with the same id, whether they say the same); only the first of each is kept."""
        self._settle()
        ids, digest = self._texts["ids"].texts(), self._digest_items()
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
        objects = self._texts["objects"].texts()
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
        self._hidden.add(np.zeros(1, np.int64), (record_id,))

    def hidden(self) -> Texts:
        """Return the ids of private records."""
        return self._hidden.texts()

    def take_out_hidden(self) -> int:
        """Leave out the records that share their id with a private one, and return how many they are."""
        self._settle()
        if not len(hidden := self.hidden()):
            return 0
        kept = np.ones(len(self), np.bool_) if self._kept is None else self._kept
        sought = np.sort(hashed(hidden, self._seed).view(np.int64))
        rows = self._texts["ids"].texts().row[is_among(self._id_hashes.view(np.int64), sought)]
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
        texts = self._texts["objects"].texts()
        strays = self._strays
        examples = (texts.at(int(np.searchsorted(texts.row, row))) for row in np.sort(strays)[: most * most].tolist())
        return References(self._answering, int(strays.size), tuple(dict.fromkeys(examples))[:most])

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
            texts = self._texts[name].texts()
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
        return hashed(self._texts["ids"].texts(), self._seed)

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
        ids = self._texts["ids"].texts()
        order = order[order_in_groups(published[order], ids, np.searchsorted(ids.row, order))]
        return np.concatenate((order, accounts)), int(order.size)

    def _write_objects(self, file: ColumnFile, order: Ints, acts: int) -> None:
        """Write the row that each record acts on; ids that no act has are numbered behind the rows and written out."""
        ids, texts = self._texts["ids"].texts(), self._texts["objects"].texts()
        known = np.zeros(len(self), np.uint64)
        known[ids.row] = self._id_hashes
        by_hash = np.argsort(known[order[:acts]])
        ascending = known[order[:acts]][by_hash]
        place = np.full(len(self), -1)
        place[order] = np.arange(order.size)
        wanted = hashed(texts, self._seed)
        chosen = np.flatnonzero(place[texts.row] >= 0)
        chosen = chosen[np.argsort(wanted[chosen])]  # sorted, they are looked up four times as fast
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


def _fields(records: Sequence[Activity]) -> dict[str, list[Any]]:
    """Return what records say, by field: Python reads an attribute that is written out twice as fast as one named."""
    return {
        "type": [each.type for each in records],
        "published": [each.published for each in records],
        "id": [each.id for each in records],
        "actor": [each.actor for each in records],
        "object": [each.object or None for each in records],
        "target_actor": [each.target_actor for each in records],
        "content": [each.content for each in records],
        "tags": [each.tags for each in records],
        "url": [each.url for each in records],
        "value": [each.value for each in records],
        "visibility": [each.visibility for each in records],
        "kind": [each.kind for each in records],
        "name": [each.name for each in records],
        "bio": [each.bio for each in records],
        "followers": [each.followers for each in records],
        "consent": [each.consent for each in records],
        "via": [each.via for each in records],
        "in_thread": [each.in_thread for each in records],
        "thread_number": [each.thread_number for each in records],
    }


def microseconds_of(times: Sequence[datetime]) -> tuple[Ints, bool]:
    """Return microseconds since 1970, and whether all times are in UTC: these are read as they are written, at once."""
    written = np.frombuffer(_encode(times), np.uint8)[:-1]
    if written.size % len(times) == 0:
        each = written.reshape(len(times), -1)
        if (each[:, -2] == ord("Z")).all() and (each[1:, 0] == ord(",")).all():  # else some are longer than others
            text = np.ascontiguousarray(each[:, 2:-2])
            return text.view(f"S{text.shape[1]}").reshape(-1).astype("M8[us]").view(np.int64), True
    in_utc = {UTC}.issuperset([at.tzinfo for at in times])
    return np.array([(at - EPOCH) // MICROSECOND for at in times], np.int64), in_utc


def _chosen(at: Ints) -> tuple[Ints, Ints]:
    """Return which have a row in the table, in the order of these rows, and the rows."""
    chosen = np.flatnonzero(at >= 0)
    chosen = chosen[np.argsort(at[chosen])]
    return chosen, at[chosen]
