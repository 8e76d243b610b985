"""What files of strangers become: records made one by one, and a count of whatever was left out.

Many records wait in a file without a name, so that an export takes hardly more memory than the ids in it.
"""

from __future__ import annotations

import codecs
import io
import tempfile
import weakref
from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import IO, TYPE_CHECKING, Any, BinaryIO, TypeVar, cast, overload

import msgspec
from msgspec.structs import replace

from candor.formats.archive import ArchiveError
from candor.formats.lenient import decode_leniently
from candor.names.account_text import UnknownAccountError
from candor.scoring.activity import Activity
from candor.scoring.canonical_names import People
from candor.scoring.gaps import left_out_words
from candor.scoring.records import is_possible_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime
    from pathlib import Path

T = TypeVar("T")
MALFORMED = (msgspec.MsgspecError, ValueError, LookupError, RecursionError, OverflowError)
SMALL_BYTES = 8 * 2**20
_CHUNK_BYTES = 2**16
_HELD_BYTES = 16 * 2**20


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What an archive holds. `account` is whose it is, as records name it, null where it does not say.

    `left_out` counts what is not among the records: `private` (not addressed to everybody), `unclear` (it does not say
    for whom), `undated`, `malformed`, `fields` (odd ones, left out of records that stay), `duplicates`, `unmatched`,
    `deleted`, `other`. `shows` says in words what such an
    archive can and cannot show, `notes` what is to be known of this one.
    """

    network: str
    account: str | None
    activities: Sequence[Activity]
    left_out: dict[str, int]
    shows: str
    notes: tuple[str, ...] = ()

    @property
    def gaps(self) -> tuple[str, ...]:
        """What a score made from it says of it."""
        return (self.shows, *self.notes, *left_out_words(self.left_out))

    def check_not_empty(self) -> None:
        """Raise ArchiveError where it holds nothing that can be kept, saying why."""
        if not self.activities:
            words = "; ".join((*left_out_words(self.left_out), *self.notes))
            empty = "it holds nothing that can be kept"
            raise ArchiveError(f"{empty}: {words}" if words else empty)


class Entry:
    """A file of an export: read whole, or a piece after the other where it is too large to be held."""

    def __init__(self, body: bytes | BinaryIO) -> None:
        self._file: BinaryIO = io.BytesIO(body) if isinstance(body, bytes) else body
        self.size = self._file.seek(0, io.SEEK_END)
        self.is_large = self.size > SMALL_BYTES

    def whole(self) -> bytes:
        """Read all of it."""
        self._file.seek(0)
        return self._file.read()

    def chunks(self) -> Iterator[bytes]:
        """Yield it piece by piece, from the beginning."""
        self._file.seek(0)
        return iter(partial(self._file.read, _CHUNK_BYTES), b"")

    def lines(self, errors: str) -> Iterator[str]:
        """Yield its lines of UTF-8 with their ends, from the beginning. Raises UnicodeError where errors are strict."""
        self._file.seek(0)
        text = io.TextIOWrapper(cast("IO[bytes]", self._file), "utf-8-sig", errors=errors, newline="")
        try:
            for line in text:  # noqa: UP028 it would close the file as well
                yield line
        finally:
            text.detach()


class SortedRecords(Sequence[Activity]):
    """Records in the order of their times, each read when asked for: from memory, or many from a file of `folder`."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._file: IO[bytes] = io.BytesIO()
        self._places: list[tuple[datetime, str, int, int]] = []
        self._size = 0

    def add(self, activity: Activity) -> None:
        """Keep a record."""
        if self._size > _HELD_BYTES and isinstance(self._file, io.BytesIO):
            self._move()
        size = self._file.write(msgspec.json.encode(activity))
        self._places.append((activity.published, activity.id or "", self._size, size))
        self._size += size

    def in_order(self) -> Sequence[Activity]:
        """Return them, the newest last: few at once, many one after the other."""
        self._places.sort()
        return tuple(self) if isinstance(self._file, io.BytesIO) else self

    def _move(self) -> None:
        """Go on in a file, which goes with these records."""
        file = cast("IO[bytes]", tempfile.TemporaryFile(dir=self._folder))  # noqa: SIM115 see finalize
        weakref.finalize(self, file.close)
        file.write(cast("io.BytesIO", self._file).getbuffer())
        self._file = file

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> Activity: ...
    @overload
    def __getitem__(self, index: slice) -> list[Activity]: ...
    def __getitem__(self, index: int | slice) -> Activity | list[Activity]:
        """Read."""
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        _, _, first, size = self._places[index]
        self._file.seek(first)
        return msgspec.json.decode(self._file.read(size), type=Activity)


class RecordCollector:
    """Collects records of a network; what is malformed or stands there twice is counted. Many wait in `folder`."""

    def __init__(self, network: str, folder: Path | None = None) -> None:
        self.left_out: Counter[str] = Counter()
        self.notes: dict[str, None] = {}
        self._network = network
        self._people = People(network)
        self._ids: set[str] = set()
        self._kept = SortedRecords(folder)

    def each(self, things: Iterable[Any], shape: type[T], make: Callable[[T], Iterable[Activity]]) -> None:
        """Read each thing as `read_item` does and keep the records made of it: all or, if one is wrong, none."""
        for thing in things:
            before = self.left_out.total() - self.left_out["fields"]
            try:
                made = list(make(read_item(thing, shape, self.left_out)))
            except MALFORMED:
                self.left_out["malformed"] += 1
                continue
            if not made and self.left_out.total() - self.left_out["fields"] == before:
                self.left_out["other"] += 1
            for activity in made:
                self.keep(activity)

    def keep(self, activity: Activity) -> None:
        """Keep a record, the first of an id, with the one names that accounts have on the network."""
        key = activity.id or f"account {activity.actor}"
        if key in self._ids:
            self.left_out["duplicates"] += 1
            return
        self._ids.add(key)
        towards = activity.target_actor and _named(self._people, activity.target_actor)
        try:  # an act towards what can be no account is one towards nobody known
            self._kept.add(self._people.with_canonical_names(replace(activity, target_actor=towards)))
        except UnknownAccountError:
            self.left_out["malformed"] += 1

    def reading(self, account: str | None, shows: str) -> Reading:
        """Return what was collected, the newest last."""
        return Reading(
            network=self._network,
            account=None if account is None else _named(self._people, account),
            activities=self._kept.in_order(),
            left_out={reason: count for reason, count in sorted(self.left_out.items()) if count},
            shows=shows,
            notes=tuple(self.notes),
        )


def _named(people: People, written: str) -> str | None:
    try:
        return people[written]
    except UnknownAccountError:
        return None


def record(**fields: Any) -> Activity:  # noqa: ANN401 whatever the archive holds
    """Make a record, by way of its bytes, so that it is one that could have been uploaded. Raises one of MALFORMED."""
    made = msgspec.json.decode(msgspec.json.encode(fields), type=Activity)
    if not is_possible_time(made.published):
        raise ValueError(f"not a real date: {made.published}")
    return made


def from_json(body: bytes, otherwise: str) -> Any:  # noqa: ANN401 JSON
    """Read JSON. Raises ArchiveError, which says `otherwise`, when the bytes are none."""
    try:
        return msgspec.json.decode(body.removeprefix(codecs.BOM_UTF8))
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise ArchiveError(otherwise) from error


def opened(value: object, otherwise: str) -> Any:  # noqa: ANN401 JSON
    """Read JSON one level deep: fields and items stay as they came, as `msgspec.Raw`; what is no JSON is handed back.

    Raises ArchiveError, which says `otherwise`, when the bytes are no JSON.
    """
    if not isinstance(value, bytes | msgspec.Raw):
        return value
    try:
        if isinstance(value, bytes):
            check_text(value[start : start + _CHUNK_BYTES] for start in range(0, len(value), _CHUNK_BYTES))
            value = value.removeprefix(codecs.BOM_UTF8)
        shape = {b"[": list[msgspec.Raw], b"{": dict[str, msgspec.Raw]}.get(
            bytes(memoryview(value)[:64]).lstrip()[:1], Any
        )
        return msgspec.json.decode(value, type=shape)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise ArchiveError(otherwise) from error


def check_text(chunks: Iterable[bytes]) -> None:
    """Raise UnicodeError unless the bytes are UTF-8, without a second copy of them."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for chunk in chunks:
        decoder.decode(chunk)
    decoder.decode(b"", final=True)


def read_item(thing: Any, shape: type[T], left_out: Counter[str] | None = None) -> T:  # noqa: ANN401 JSON
    """Read one thing as a shape, without fields that are odd and can be spared, which are counted.

    A null in a field with a default reads as absent. Raises one of MALFORMED.
    """
    try:
        if isinstance(thing, msgspec.Raw):
            return msgspec.json.decode(thing, type=shape, strict=False)
        return msgspec.convert(thing, shape, strict=False)
    except msgspec.ValidationError:
        if not isinstance(thing, dict | msgspec.Raw):
            raise
        raw = thing if isinstance(thing, msgspec.Raw) else msgspec.Raw(msgspec.json.encode(thing))
        found, odd = decode_leniently(raw, shape)
        if left_out is not None and odd:
            left_out["fields"] += len(odd)
        return found


def items(value: object) -> list[Any]:
    """Return a list as it is, and anything else as none."""
    return value if isinstance(value, list) else []


def items_in(value: object, marks: frozenset[str], otherwise: str) -> list[Any]:
    """Return the items of a list, of the lists in an object, or one object alone that has one of the fields `marks`.

    Raises ArchiveError, which says `otherwise`, when the bytes are no JSON.
    """
    found = opened(value, otherwise)
    if not isinstance(found, dict):
        return items(found)
    if marks & found.keys():
        return [value if isinstance(value, msgspec.Raw) else msgspec.Raw(value) if isinstance(value, bytes) else found]
    return [item for under in found.values() for item in _under(under, marks, otherwise)]


def _under(value: object, marks: frozenset[str], otherwise: str) -> list[Any]:
    found = opened(value, otherwise)
    return [value] if isinstance(found, dict) and marks & found.keys() else items(found)
