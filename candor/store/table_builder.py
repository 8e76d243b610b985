"""Table builder: records in, one after the other, columns out; what is long waits on disk, so memory stays small."""

from __future__ import annotations

import tempfile
from array import array
from typing import TYPE_CHECKING, BinaryIO, Self, cast

import msgspec
import numpy as np

from candor.scoring.activity import TYPE_CODE, Activity
from candor.scoring.columns import microseconds
from candor.scoring.record_digest import DIGEST_BYTES, record_digest
from candor.scoring.table import MORE, VISIBILITIES, Sparse, Texts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from candor.store.column_file import ColumnFile

    Ints = NDArray[np.int64]


class SpooledTexts:
    """Texts of some rows: where each ends in memory, what they say in a file without a name."""

    def __init__(self, folder: Path) -> None:
        self._row, self._end = array("q"), array("q")
        self._file = cast("BinaryIO", tempfile.TemporaryFile(dir=folder, buffering=1 << 20))  # noqa: SIM115 # see close
        self._size = 0

    def add(self, row: int, text: bytes) -> None:
        """Append the text of a row."""
        self._size += self._file.write(text)
        self._row.append(row)
        self._end.append(self._size)

    def close(self) -> None:
        """Give the file up."""
        self._file.close()

    def texts(self) -> Texts:
        """Map them."""
        self._file.flush()
        data = np.asarray(np.memmap(self._file, np.uint8, "r")) if self._size else np.zeros(0, np.uint8)
        return Texts(np.frombuffer(self._row, np.int64), np.frombuffer(self._end, np.int64), data)


class TableBuilder:
    """Collects records in the order they come; `write` sorts them, joins them by id and writes their columns.

    Ids are joined by a 64-bit hash with a secret seed: among ten million ids a pair that differs meets once in some
    hundred thousand uploads, and then it is reported as a repeated id.
    """

    def __init__(self, folder: Path) -> None:
        self.lines = array("q")
        self._type = array("b")
        self._published, self._actor, self._target = array("q"), array("i"), array("i")
        self._object, self._tags, self._visibility = array("q"), array("i"), array("b")
        self._hash, self._digests = array("q"), bytearray()
        self._people: dict[str, int] = {}
        self._tag_sets: dict[bytes, int] = {}
        self._values, self._offsets = (array("q"), array("d")), (array("q"), array("i"))
        self._texts = {name: SpooledTexts(folder) for name in ("ids", "contents", "urls", "more", "objects")}
        self._encode = msgspec.json.Encoder().encode
        self._kept: NDArray[np.bool_] | None = None
        self._strays = np.zeros(0, np.int64)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for spooled in self._texts.values():
            spooled.close()

    def __len__(self) -> int:
        return len(self._type)

    def add(self, line: int, record: Activity) -> None:
        """Take a record that stood on a line of the upload."""
        row = len(self._type)
        self.lines.append(line)
        self._type.append(TYPE_CODE[record.type])
        self._published.append(microseconds(record.published))
        self._actor.append(self._person(record.actor))
        self._target.append(self._person(record.target_actor))
        self._object.append(hash(record.object) if record.object else 0)
        self._hash.append(hash(record.id) if record.id else 0)
        self._visibility.append(VISIBILITIES.index(record.visibility) if record.visibility else -1)
        tags = -1
        if record.tags is not None:
            tags = self._tag_sets.setdefault(self._encode(record.tags), len(self._tag_sets))
        self._tags.append(tags)
        for name, text in (("ids", record.id), ("contents", record.content), ("urls", record.url)):
            if text is not None:
                self._texts[name].add(row, text.encode())
        if record.object:
            self._texts["objects"].add(row, record.object.encode())
        if more := {name: said for name in MORE if (said := getattr(record, name)) is not None}:
            self._texts["more"].add(row, self._encode(more))
        if record.value is not None:
            self._values[0].append(row)
            self._values[1].append(record.value)
        if east := record.published.utcoffset():
            self._offsets[0].append(row)
            self._offsets[1].append(int(east.total_seconds()))
        self._digests += record_digest(record)

    def repeated(self) -> Iterator[tuple[int, int, bool]]:
        """Yield (line, earlier line with the same id, whether they say the same); only the first of each is kept."""
        hashes, digest = np.frombuffer(self._hash, np.int64), self._digest_items()
        self._kept = np.ones(len(self), np.bool_)
        named = np.zeros(len(self), np.bool_)
        named[self._texts["ids"].texts().row] = True
        rows = np.flatnonzero(named)
        order = rows[np.argsort(hashes[rows], kind="stable")]
        same = np.flatnonzero(hashes[order[1:]] == hashes[order[:-1]]) + 1
        first = -1
        for place in same.tolist():
            row, before = int(order[place]), int(order[place - 1])
            first = before if self._kept[before] else first
            self._kept[row] = False
            yield self.lines[row], self.lines[first], bool((digest[row] == digest[first]).all())

    def count_nameless(self) -> tuple[int, int]:
        """Count acts of nobody known among those kept, and all acts that somebody should be known for: no votes."""
        rows = self._rows()
        actor, kind = np.frombuffer(self._actor, np.int32)[rows], np.frombuffer(self._type, np.int8)[rows]
        named = (kind != TYPE_CODE["vote"]) & (kind != TYPE_CODE["account"])
        return int(np.count_nonzero(named & (actor < 0))), int(np.count_nonzero(named))

    def unmatched(self, most: int) -> tuple[int, tuple[str, ...]]:
        """Count the records whose object is the id of no record here, with a few such objects; known once written."""
        texts = self._texts["objects"].texts()
        strays = self._strays
        examples = (texts.at(int(np.searchsorted(texts.row, row))) for row in np.sort(strays)[: most * most].tolist())
        return int(strays.size), tuple(dict.fromkeys(examples))[:most]

    def kept(self) -> int:
        """Count the records kept."""
        return int(self._rows().size)

    def write(self, file: ColumnFile) -> str:
        """Write the columns of a scoring.table.Table, and return the digest of the records."""
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
        for name, words in (("people", [each.encode() for each in self._people]), ("tag_sets", list(self._tag_sets))):
            end = np.cumsum(np.fromiter(map(len, words), np.int64, len(words)))
            texts = Texts(np.arange(end.size), end, np.frombuffer(b"".join(words), np.uint8))
            file.add_list(name, texts, np.arange(end.size))
        return file.add_digests(self._digest_items()[order])

    def _person(self, name: str | None) -> int:
        return self._people.setdefault(name, len(self._people)) if name else -1

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
        times = published[order]
        edges = np.flatnonzero(np.concatenate(([True], times[1:] != times[:-1], [True])))
        ids = self._texts["ids"].texts()
        for first, last in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True) if order.size else ():
            if last - first > 1:
                order[first:last] = sorted(order[first:last].tolist(), key=lambda row: str(ids.get(row)))
        return np.concatenate((order, accounts)), int(order.size)

    def _write_objects(self, file: ColumnFile, order: Ints, acts: int) -> None:
        """Write the row that each record acts on; ids that no act has are numbered behind the rows and written out."""
        hashes, objects = np.frombuffer(self._hash, np.int64)[order[:acts]], np.frombuffer(self._object, np.int64)
        by_hash = np.argsort(hashes)
        ascending = hashes[by_hash]
        texts = self._texts["objects"].texts()
        has = np.zeros(len(self), np.bool_)
        has[texts.row] = True
        wanted = objects[order]
        at = np.searchsorted(ascending, wanted)
        at[at == acts] = 0
        known = has[order] & (ascending[at] == wanted) if acts else np.zeros(order.size, np.bool_)
        number = np.full(order.size, -1, np.int64)
        number[known] = by_hash[at[known]]
        unknown = np.flatnonzero(has[order] & ~known)
        self._strays = order[unknown]
        _, first, which = np.unique(wanted[unknown], return_index=True, return_inverse=True)
        number[unknown] = order.size + which
        file.add("object", "<i4", number)
        file.add_list("objects", texts, np.searchsorted(texts.row, order[unknown[first]]))


def _chosen(at: Ints) -> tuple[Ints, Ints]:
    """Return which have a row in the table, in the order of these rows, and the rows."""
    chosen = np.flatnonzero(at >= 0)
    chosen = chosen[np.argsort(at[chosen])]
    return chosen, at[chosen]
