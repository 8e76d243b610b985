"""What files of strangers become: records made one by one, and a count of whatever was left out.

JSON is read item by item: what an export of 227 MB takes is about its size and that of its records.
"""

from __future__ import annotations

import codecs
from collections import Counter
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from msgspec.structs import replace

from candor.formats.archive import ArchiveError
from candor.names.accounts import UnknownAccountError
from candor.scoring.activity import Activity
from candor.scoring.records import People, left_out_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


T = TypeVar("T")
MALFORMED = (msgspec.MsgspecError, ValueError, LookupError, RecursionError, OverflowError)
_CHUNK_BYTES = 2**16


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What an archive holds. `account` is whose it is, as records name it, null where it does not say.

    `left_out` counts what is not among the records: `private` (not addressed to everybody), `unclear` (it does not say
    for whom), `undated`, `malformed`, `duplicates`, `unmatched`, `deleted`, `other`. `shows` says in words what such an
    archive can and cannot show, `notes` what is to be known of this one.
    """

    network: str
    account: str | None
    activities: tuple[Activity, ...]
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
            raise ArchiveError(f"it holds nothing that can be kept{words and f': {words}'}")


class Records:
    """Collects records; what is malformed or stands there twice is counted."""

    def __init__(self) -> None:
        self.left_out: Counter[str] = Counter()
        self.notes: dict[str, None] = {}
        self._by_id: dict[str, Activity] = {}

    def each(self, things: Iterable[Any], shape: type[T], make: Callable[[T], Iterable[Activity]]) -> None:
        """Read each thing as `read_item` does and keep the records made of it: all or, if one is wrong, none."""
        for thing in things:
            before = self.left_out.total()
            try:
                made = list(make(read_item(thing, shape)))
            except MALFORMED:
                self.left_out["malformed"] += 1
                continue
            if not made and self.left_out.total() == before:
                self.left_out["other"] += 1
            for activity in made:
                self.keep(activity)

    def keep(self, activity: Activity) -> None:
        """Keep a record; the first of an id stays."""
        key = activity.id or f"account {activity.actor}"
        if self._by_id.setdefault(key, activity) is not activity:
            self.left_out["duplicates"] += 1

    def reading(self, network: str, account: str | None, shows: str) -> Reading:
        """Return what was collected, the newest last, with the one names that accounts have on the network."""
        settled = self._settled(People(network))
        kept = sorted(settled, key=lambda activity: (activity.published, activity.id or ""))
        left_out = {reason: count for reason, count in sorted(self.left_out.items()) if count}
        whose = None if account is None else _named(People(network), account)
        return Reading(
            network=network,
            account=whose,
            activities=tuple(kept),
            left_out=left_out,
            shows=shows,
            notes=tuple(self.notes),
        )

    def _settled(self, people: People) -> Iterator[Activity]:
        """Yield the records; an act towards what can be no account is one towards nobody known."""
        for activity in self._by_id.values():
            towards = activity.target_actor and _named(people, activity.target_actor)
            try:
                yield people.settled(replace(activity, target_actor=towards))
            except UnknownAccountError:
                self.left_out["malformed"] += 1


def _named(people: People, written: str) -> str | None:
    try:
        return people[written]
    except UnknownAccountError:
        return None


def record(**fields: Any) -> Activity:  # noqa: ANN401 whatever the archive holds
    """Make a record, by way of its bytes, so that it is one that could have been uploaded. Raises one of MALFORMED."""
    return msgspec.json.decode(msgspec.json.encode(fields), type=Activity)


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
            _check_text(value)
            value = value.removeprefix(codecs.BOM_UTF8)
        shape = {b"[": list[msgspec.Raw], b"{": dict[str, msgspec.Raw]}.get(
            bytes(memoryview(value)[:64]).lstrip()[:1], Any
        )
        return msgspec.json.decode(value, type=shape)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise ArchiveError(otherwise) from error


def _check_text(body: bytes) -> None:
    """Raise UnicodeError unless the bytes are UTF-8, without a second copy of them."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(body), _CHUNK_BYTES):
        decoder.decode(body[start : start + _CHUNK_BYTES])
    decoder.decode(b"", final=True)


def read_item(thing: Any, shape: type[T]) -> T:  # noqa: ANN401 JSON
    """Read one thing as a shape. Raises one of MALFORMED."""
    if isinstance(thing, msgspec.Raw):
        return msgspec.json.decode(thing, type=shape, strict=False)
    return msgspec.convert(thing, shape, strict=False)


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
