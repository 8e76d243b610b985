"""Table: a whole data set as columns, sorted by (published, id). Records are put together only when asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, TypeVar, overload

import msgspec
import numpy as np

from candor.scoring.activity import RECORD_TYPES, Activity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

VISIBILITIES = ("public", "unlisted")
MORE = ("kind", "name", "bio", "followers", "consent")
Item = TypeVar("Item")
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 # local times count from here, whatever their offset
_TAGS = msgspec.json.Decoder(tuple[str, ...])


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
        place = int(np.searchsorted(self.row, row))
        return self.at(place) if place < self.row.size and self.row[place] == row else None

    def all(self) -> Iterator[str]:
        """Yield every text."""
        data, first = bytes(self.data), 0
        for end in self.end.tolist():
            yield data[first:end].decode()
            first = end


@dataclass(frozen=True, eq=False)
class Sparse:
    """Numbers of some rows: `value[i]` is of row `row[i]` (ascending)."""

    row: NDArray[Any]
    value: NDArray[Any]

    def get(self, row: int) -> Any:  # noqa: ANN401 # whatever number the column holds
        """Return the number of a row, or None."""
        place = int(np.searchsorted(self.row, row))
        return self.value[place].item() if place < self.row.size and self.row[place] == row else None


@dataclass(frozen=True, eq=False)
class Table(Sequence[Activity]):
    """Records as columns; row i of every array is record i. The first `acts` rows are sorted, accounts stand behind.

    `actor` and `target` number `people`, -1 for nobody; `object` is the row acted on, or `len` and more for ids in
    `objects` that no row has, -1 for none; `tags` numbers `tag_sets` (JSON), -1 for none. Times are microseconds since
    1970 UTC, `offset` seconds east of UTC. `more` holds what only account records say, as JSON.
    """

    acts: int
    type: NDArray[np.int8]
    published: Ints
    actor: NDArray[np.int32]
    target: NDArray[np.int32]
    object: NDArray[np.int32]
    tags: NDArray[np.int32]
    visibility: NDArray[np.int8]
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
            object=self._object(row),
            target_actor=_name(self.people, int(self.target[row])),
            content=self.contents.get(row),
            tags=self.tag_set(tags) if tags >= 0 else None,
            url=self.urls.get(row),
            value=self.values.get(row),
            visibility=VISIBILITIES[seen] if seen >= 0 else None,  # type: ignore[arg-type] # likewise
            **fields,
        )

    def tag_set(self, number: int) -> tuple[str, ...]:
        """Return the tags that `tags` numbers so."""
        return _TAGS.decode(self.tag_sets.at(number))

    def object_id(self, number: int) -> str:
        """Return the id that `object` numbers so."""
        known = self.ids.get(number) if number < len(self) else self.objects.at(number - len(self))
        return str(known)

    def _object(self, row: int) -> str | None:
        number = int(self.object[row])
        return None if number < 0 else self.object_id(number)


@dataclass(frozen=True, eq=False)
class Rows(Sequence[Item]):
    """A stretch of a table's rows, each read when asked for by `read(row)`."""

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
