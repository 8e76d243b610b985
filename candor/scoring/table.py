"""Table: a whole data set as columns, sorted by (published, id)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar, overload

import msgspec
import numpy as np

from candor.scoring.activity import RECORD_TYPES, THREAD_FIELDS, Activity, Visibility
from candor.scoring.arrays import where_true

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from numpy.typing import NDArray

    Ints = NDArray[Any]

VISIBILITIES: tuple[Visibility, ...] = ("public", "unlisted")
_BYTES_AT_ONCE = 2**22
_TEXTS_AT_ONCE = 65_536
_NOT_ASCII = 128
MORE = ("kind", "name", "bio", "followers", "consent", "via", *THREAD_FIELDS)
Item = TypeVar("Item")
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 # local times count from here, whatever their offset
_TAGS = msgspec.json.Decoder(tuple[str, ...])


class _InThread(msgspec.Struct, gc=False):
    in_thread: str | None = None


_IN_THREAD = msgspec.json.Decoder(_InThread)


@dataclass(frozen=True, eq=False)
class Texts:
    """Texts of some rows, one behind the other as UTF-8: text i is of row `row[i]` (ascending)."""

    row: NDArray[Any]
    end: Ints
    data: NDArray[np.uint8]

    def __len__(self) -> int:
        return int(self.row.size)

    def at(self, place: int) -> str:
        """Return the text at a place in the list."""
        first = int(self.end[place - 1]) if place else 0
        return bytes(self.data[first : int(self.end[place])]).decode()

    def get(self, row: int) -> str | None:
        """Return the text of a row, or None."""
        size = self.row.size
        if not size:
            return None
        if row < size and self.row[row] == row:  # every row up to here has one
            return self.at(row)
        place = int(self.row.searchsorted(self.row.dtype.type(row)))  # of another type would copy the rows
        return self.at(place) if place < size and self.row[place] == row else None

    def all(self) -> Iterator[str]:
        """Yield every text."""
        data, first = bytes(self.data), 0
        for end in self.end.tolist():
            yield data[first:end].decode()
            first = end

    def has(self, text: str) -> bool:
        """Tell whether one of the texts is this one; takes as long whether it is, reads few and copies none."""
        sought, begin = text.encode(), np.concatenate(([0], self.end[:-1])) if len(self) else self.end
        places = where_true(self.end - begin == len(sought))
        for at, byte in enumerate(sought):
            places = places[self.data[begin[places] + at] == byte]
        return bool(places.size)

    def places_of(self, texts: Collection[str]) -> dict[str, int]:
        """Return by text at which place in the list it stands, of those of some texts that are there."""
        begin = np.concatenate(([0], self.end[:-1])) if len(self) else self.end
        by_size: dict[int, list[bytes]] = {}
        for text in texts:
            by_size.setdefault(len(encoded := text.encode()), []).append(encoded)
        found: dict[str, int] = {}
        for size, some in by_size.items():
            sought = np.sort(np.array(some, f"S{size or 1}"))
            same_size = where_true(self.end - begin == size)
            for first in range(0, same_size.size, _TEXTS_AT_ONCE):
                places = same_size[first : first + _TEXTS_AT_ONCE]
                told = np.ascontiguousarray(self.data[begin[places][:, np.newaxis] + np.arange(size)])
                words = told.view(sought.dtype).reshape(-1) if size else np.zeros(places.size, sought.dtype)
                near = sought[np.minimum(sought.searchsorted(words), sought.size - 1)]
                found |= {self.at(place): place for place in places[near == words].tolist()}
        return {text: found[text] for text in texts if text in found}

    def holding(self, words: Collection[str], first: int, last: int) -> Ints:
        """Return the places from first to last of texts that have one of some words (lower case, ASCII), or others.

        What is not in ASCII is among the others: it may stand for the words.
        """
        found, place = [np.zeros(0, np.int64)], first
        while place < last:
            begin = int(self.end[place - 1]) if place else 0
            stop = max(place + 1, int(self.end[:last].searchsorted(begin + _BYTES_AT_ONCE, "right")))
            piece = self.data[begin : int(self.end[stop - 1])]
            at = np.concatenate((where_true(piece >= _NOT_ASCII), _occurrences(bytes(piece).lower(), words)))
            found.append(place + self.end[place:stop].searchsorted(begin + at, "right"))
            place = stop
        return np.unique(np.concatenate(found))


def _occurrences(text: bytes, words: Collection[str]) -> Ints:
    """Return where the words begin in a text."""
    found = []
    for word in words:
        at = text.find(sought := word.encode())
        while at >= 0:
            found.append(at)
            at = text.find(sought, at + 1)
    return np.array(found, np.int64)


@dataclass(frozen=True, eq=False)
class Sparse:
    """Numbers of some rows: `value[i]` is of row `row[i]` (ascending)."""

    row: NDArray[Any]
    value: NDArray[Any]

    def get(self, row: int) -> Any:  # noqa: ANN401 # whatever number the column holds
        """Return the number of a row, or None."""
        place = int(self.row.searchsorted(self.row.dtype.type(row)))  # of another type would copy the rows
        return self.value[place].item() if place < self.row.size and self.row[place] == row else None


@dataclass(frozen=True, eq=False)
class Table(Sequence[Activity]):
    """Records as columns; row i of every array is record i. The first `acts` rows are sorted, accounts stand behind.

    `actor` and `target` number `people`, -1 for nobody; `object` is the row acted on, or `len` and more for ids in
    `objects` that no row has, -1 for none; `tags` numbers `tag_sets` (JSON), -1 for none. Times are microseconds since
    1970 UTC, `offset` seconds east of UTC. `more` holds what only account records say, the `via` of acts and the
    threads of posts, as JSON. `digests` has the digest of each record, as bytes, and `digest` is that of all of them.
    """

    acts: int
    digest: str
    type: NDArray[np.int8]
    published: Ints
    actor: NDArray[np.int32]
    target: NDArray[np.int32]
    object: NDArray[np.int32]
    tags: NDArray[np.int32]
    visibility: NDArray[np.int8]
    digests: NDArray[np.uint8]
    people: Texts
    objects: Texts
    tag_sets: Texts
    ids: Texts
    contents: Texts
    urls: Texts
    more: Texts
    values: Sparse
    offset: Sparse

    def __len__(self) -> int:
        return int(self.type.size)

    @overload
    def __getitem__(self, index: int) -> Activity: ...
    @overload
    def __getitem__(self, index: slice) -> list[Activity]: ...
    def __getitem__(self, index: int | slice) -> Activity | list[Activity]:
        """Put records together."""
        if isinstance(index, slice):
            return [self.record(row) for row in range(*index.indices(len(self)))]
        return self.record(range(len(self))[index])

    def record(self, row: int) -> Activity:
        """Put one record together, as it was read."""
        east = timedelta(seconds=self.offset.get(row) or 0)
        local = _EPOCH + timedelta(microseconds=int(self.published[row])) + east
        more = self.more.get(row)
        fields: dict[str, Any] = {} if more is None else msgspec.json.decode(more)
        seen, tags = int(self.visibility[row]), int(self.tags[row])
        return Activity(
            type=RECORD_TYPES[self.type[row]],
            published=local.replace(tzinfo=timezone(east) if east else UTC),
            id=self.ids.get(row),
            actor=_name(self.people, int(self.actor[row])),
            object=self.object_of(row),
            target_actor=_name(self.people, int(self.target[row])),
            content=self.contents.get(row),
            tags=self.tag_set(tags) if tags >= 0 else None,
            url=self.urls.get(row),
            value=self.values.get(row),
            visibility=VISIBILITIES[seen] if seen >= 0 else None,
            **fields,
        )

    def row_of(self, record_id: str) -> int | None:
        """Return the row of the record of that id, or None; looks through all of them."""
        return self.rows_of((record_id,)).get(record_id)

    def rows_of(self, record_ids: Collection[str]) -> dict[str, int]:
        """Return the rows of records by their ids, of those that are there; looks through all of them once."""
        return {record_id: int(self.ids.row[place]) for record_id, place in self.ids.places_of(record_ids).items()}

    def tag_set(self, number: int) -> tuple[str, ...]:
        """Return the tags that `tags` numbers so."""
        return _TAGS.decode(self.tag_sets.at(number))

    def object_id(self, number: int) -> str:
        """Return the id that `object` numbers so."""
        known = self.ids.get(number) if number < len(self) else self.objects.at(number - len(self))
        return str(known)

    def object_of(self, row: int) -> str | None:
        """Return the id of what the record in a row acts on, or None."""
        number = int(self.object[row])
        return None if number < 0 else self.object_id(number)

    def via_of(self, row: int) -> str | None:
        """Return the id of the reshare that led to what a record acts on, or None."""
        more = self.more.get(row) if row < self.acts else None
        return None if more is None else msgspec.json.decode(more).get("via")

    def threads(self) -> Iterator[tuple[int, str]]:
        """Yield the rows of posts of which it is known in which thread they are, each with that."""
        said = islice(self.more.all(), int(self.more.row.searchsorted(self.acts)))  # account records stand behind
        for row, more in zip(self.more.row.tolist(), said, strict=False):
            if (thread := _IN_THREAD.decode(more).in_thread) is not None:
                yield row, thread


@dataclass(frozen=True, slots=True)
class RowRecord:
    """A record of a table of which only what is asked for is read: a thirtieth of what the whole record costs."""

    table: Table
    row: int

    @property
    def id(self) -> str | None:
        """Its id."""
        return self.table.ids.get(self.row)

    @property
    def actor(self) -> str | None:
        """Who did it."""
        return _name(self.table.people, int(self.table.actor[self.row]))

    @property
    def object(self) -> str | None:
        """Id of the record acted on."""
        return self.table.object_of(self.row)

    @property
    def content(self) -> str | None:
        """Its text."""
        return self.table.contents.get(self.row)

    @property
    def tags(self) -> tuple[str, ...] | None:
        """Its tags."""
        number = int(self.table.tags[self.row])
        return self.table.tag_set(number) if number >= 0 else None

    @property
    def url(self) -> str | None:
        """Where it can be seen."""
        return self.table.urls.get(self.row)

    @property
    def value(self) -> float | None:
        """What a vote was worth."""
        value: float | None = self.table.values.get(self.row)
        return value

    @property
    def via(self) -> str | None:
        """Id of the reshare that led to what it acts on."""
        return self.table.via_of(self.row)

    @property
    def visibility(self) -> Visibility | None:
        """Who could see it: public to all where it is not said."""
        seen = int(self.table.visibility[self.row])
        return VISIBILITIES[seen] if seen >= 0 else None


@dataclass(frozen=True, eq=False)
class Rows(Sequence[Item]):
    """A range of a table's rows, each read when asked for by `read(row)`."""

    first: int
    size: int
    read: Any

    def __len__(self) -> int:
        return self.size

    @overload
    def __getitem__(self, index: int) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> list[Item]: ...
    def __getitem__(self, index: int | slice) -> Item | list[Item]:
        """Read."""
        if isinstance(index, slice):
            return [self.read(self.first + place) for place in range(*index.indices(self.size))]
        item: Item = self.read(self.first + range(self.size)[index])
        return item


def _name(people: Texts, number: int) -> str | None:
    return people.at(number) if number >= 0 else None
