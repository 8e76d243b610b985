"""Several lists of objects in JSON, none of them of records of ours: which looks most like posts, and what to send."""

from __future__ import annotations

import re
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, NamedTuple

from candor.formats.columns import OtherColumnsError, field_named, likely_columns, other_columns
from candor.formats.compression import UnreadableError
from candor.formats.json_items import lists_of_objects
from candor.formats.nested import decoded, dotted_names
from candor.scoring.activity import RECORD_TYPES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

_LOOKED_AT = 20
_MOST_NAMED = 20
_LEAST_FIELDS = 2
_OF_POSTS = ("content", "published", "actor", "id")
_PLAIN = re.compile(r"[A-Za-z_]\w*", re.ASCII)


class Found(NamedTuple):
    """A list of objects: where it stands, by keys from the outermost list inwards, and what its objects hold."""

    path: tuple[str, ...]
    names: list[str]

    @property
    def written(self) -> str:
        """The place as jq and people write it, such as `topics[].posts`."""
        return "[].".join(self.path)

    @property
    def likeness(self) -> tuple[bool, bool, int]:
        """How much it looks like the one of posts, by its names: a text and a time; inside no other; more fields."""
        likely = likely_columns(self.names)
        is_of_posts = {"content", "published"} <= likely.keys()
        return is_of_posts, len(self.path) == 1, sum(field in likely for field in _OF_POSTS)


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
            if any(_is_record(row, fields, time) for row in rows[:1]):
                is_read = True
                yield from chain(looked_at, items)
            elif len(others) < _MOST_NAMED:
                others += found_in((name,), rows)
    except UnreadableError:  # as of the beginning of a file, of which the lists are told all the same
        if is_read or not others:
            raise
    if others and not is_read:
        raise not_of_posts(others)


def _is_record(row: dict[str, Any], fields: Collection[str], time: str) -> bool:
    names = {field_named(name, {}) for name in (*row, *dotted_names(row))} | row.keys()
    told = len(names & {*fields})
    return told >= _LEAST_FIELDS and (time in names or row.get("type") in RECORD_TYPES)


def found_in(path: tuple[str, ...], rows: Collection[dict[str, Any]]) -> list[Found]:
    """Return a list of such objects and the lists of objects in them."""
    inner: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        for name, value in row.items():
            if isinstance(value, list):
                inner.setdefault(name, []).extend(each for each in value[:_LOOKED_AT] if isinstance(each, dict))
    nested = [Found((*path, name), _names(each)) for name, each in inner.items() if each]
    return [Found(path, _names(rows)), *nested]


def _names(rows: Iterable[dict[str, Any]]) -> list[str]:
    """Return the names in some objects, of which each may leave out some."""
    return list(dict.fromkeys(name for row in islice(rows, _LOOKED_AT) for name in dotted_names(row)))


def not_of_posts(lists: list[Found]) -> UnreadableError:
    """Make the error for JSON with such lists: it tells the columns of the one that looks most like posts.

    Of posts that stand inside other objects it says how they are taken out.
    """
    best = max(lists, key=lambda each: each.likeness)
    told = f"The lists in it: {', '.join(each.written for each in lists)}"
    is_of_rows = lists[0].path == ("",)
    if len(best.path) > 1:  # which is before those inside no other only where it alone looks like posts
        return UnreadableError(take_out(best) + ("" if is_of_rows else f". {told}"))
    error = other_columns(best.names)
    is_one = is_of_rows or len(lists) == 1
    return error if is_one or not isinstance(error, OtherColumnsError) else error.among(best.written, told)


def take_out(found: Found) -> str:
    """Say how posts are taken out of what they stand in, each with what is said around it."""
    outer, inner = found.path
    each = f"{_step(outer)}[]" if outer else "(arrays[], objects)"  # a row is a line or an item
    program = f"{each} as $around | $around{_step(inner)}[] | ($around | del({_step(inner)})) + ."
    said = f"in each of {outer!r}" if outer else "in each row"
    return (
        f"the posts are inside other objects, in the list {inner!r} {said}, which holds "
        f"{', '.join(found.names[:_MOST_NAMED])}: send one post a line, such as jq -c '{program}' writes them, and say "
        "which of its columns stand for ours with `map`"
    )


def _step(name: str) -> str:
    return f".{name}" if _PLAIN.fullmatch(name) else f'."{name}"'
