"""Several lists of objects in JSON, none of them of records of ours: which of them looks most like posts."""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING, Any, NamedTuple

from candor.formats.columns import OtherColumnsError, field_named, likely_columns, other_columns
from candor.formats.compression import UnreadableError
from candor.formats.inner_lists import lists_in
from candor.formats.json_items import lists_of_objects
from candor.formats.nested import decoded, dotted_names
from candor.scoring.activity import RECORD_TYPES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

_LOOKED_AT = 20
_MOST_NAMED = 20
_DEEPEST = 4
_LEAST_FIELDS = 2
_OF_POSTS = ("content", "published", "actor", "id")


class Found(NamedTuple):
    """A list of objects: where it stands, by keys from the outermost list inwards, and what its objects hold."""

    path: tuple[str, ...]
    names: list[str]

    @property
    def written(self) -> str:
        """The place as jq and people write it, such as `topics[].posts`."""
        return "[].".join(self.path).removeprefix("[].")

    @property
    def likeness(self) -> tuple[bool, int, int]:
        """How much it looks like the one of posts, by its names: a text and a time; inside fewer; more fields."""
        likely = likely_columns(self.names)
        is_of_posts = {"content", "published"} <= likely.keys()
        return is_of_posts, -len(self.path), sum(field in likely for field in _OF_POSTS)


def records_in_lists(chunks: Iterable[bytes], fields: Collection[str], time: str) -> Iterator[bytes]:
    """Yield the items of those lists in JSON objects that hold records with `time`, of which `fields` are some.

    Raises UnreadableError where there is none, which says what lists there are.
    """
    others: list[Found] = []
    is_read = False
    try:
        for name, items in lists_of_objects(chunks):
            looked_at = list(islice(items, _LOOKED_AT))
            rows = [row for row in map(decoded, looked_at) if row is not None]
            if any(_holds_record(row, fields, time) for row in rows[:1]):
                is_read = True
                yield from chain(looked_at, items)
            elif len(others) < _MOST_NAMED:
                others += found_in((name,), rows)
    except UnreadableError:  # as of the beginning of a file, of which the lists are told all the same
        if is_read or not others:
            raise
    if others and not is_read:
        raise not_of_posts(others)


def _holds_record(row: dict[str, Any], fields: Collection[str], time: str, depth: int = _DEEPEST) -> bool:
    """Say whether an object is a record, or one stands in a list in it."""
    if _is_record(row, fields, time):
        return True
    inner = (one for found in lists_in(row, [time]) for one in found.objects[:1]) if depth else ()
    return any(_holds_record(one, fields, time, depth - 1) for one in inner)


def _is_record(row: dict[str, Any], fields: Collection[str], time: str) -> bool:
    names = {field_named(name, {}) for name in (*row, *dotted_names(row))} | row.keys()
    told = len(names & {*fields})
    return told >= _LEAST_FIELDS and (time in names or row.get("type") in RECORD_TYPES)


def found_in(path: tuple[str, ...], rows: Collection[dict[str, Any]]) -> list[Found]:
    """Return a list of such objects and the lists of objects in them, also in those of posts."""
    inner: dict[str, list[dict[str, Any]]] = {}
    told: set[str] = set()
    for row in rows:
        for name, value in row.items():
            if isinstance(value, list):
                inner.setdefault(name, []).extend(each for each in value[:_LOOKED_AT] if isinstance(each, dict))
        for found in lists_in(row):
            name = ".".join(found.path)
            told.add(name)
            inner.setdefault(name, []).extend(found.objects[:_LOOKED_AT] if len(found.path) > 1 else [])
    nested = [
        each
        for name, objects in inner.items()
        if objects
        for each in (
            found_in((*path, name), objects)
            if name in told and len(path) < _DEEPEST
            else [Found((*path, name), _names(objects))]
        )
    ]
    return [Found(path, _names(rows)), *nested]


def _names(rows: Iterable[dict[str, Any]]) -> list[str]:
    """Return the names in some objects, of which each may leave out some."""
    return list(dict.fromkeys(name for row in islice(rows, _LOOKED_AT) for name in dotted_names(row)))


def not_of_posts(lists: list[Found]) -> UnreadableError:
    """Make the error for JSON with such lists: it tells the columns of the one that looks most like posts."""
    best = max(lists, key=lambda each: each.likeness)
    told = f"The lists in it: {', '.join(each.written for each in lists if each.written)}"
    error = other_columns(best.names)
    is_one = best.path == ("",) or len(lists) == 1
    return error if is_one or not isinstance(error, OtherColumnsError) else error.among(best.written, told)
