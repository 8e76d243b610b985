"""Lists of posts inside objects of JSON: answers to a question, replies to a comment, posts of a topic."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from candor.formats.column_words import fold_column, inner_words, known_columns

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

KINDS = ("answers", "replies", "posts", "threads")
_AROUND = ("nodes", "edges", "data", "items", "results", "records", "values", "entries", "list", "elements", "children")
"""Keys between the name of a list and the list itself, as GraphQL and pages of interfaces have them."""
_WRAPPERS = ("node", "data")
_DEEPEST_KEY = 2
"""So many objects deep a list may stand in the one that it belongs to, as in post_stream.posts and snippet.replies."""


class InnerList(NamedTuple):
    """Objects that stand in another one: under which keys, what they are by the last of these, and they themselves."""

    path: tuple[str, ...]
    kind: str
    objects: list[dict[str, Any]]

    @property
    def name(self) -> str:
        """The key that says what they are."""
        return self.path[-1]


@lru_cache(maxsize=4096)
def kind_of(name: str) -> str | None:
    """Return what a list of that name holds: answers, replies, posts, or threads of these; None where none of them."""
    folded = fold_column(name)
    return next((kind for kind in KINDS if folded in inner_words(kind)), None)


def lists_in(record: dict[str, Any], columns: Collection[str] = ()) -> Iterator[InnerList]:
    """Yield the lists of posts in an object, by their names; a list of any name where objects have all `columns`.

    What stands in an account is about that, and not looked at.
    """
    yield from _lists_in(record, (), columns)


def _lists_in(value: dict[str, Any], path: tuple[str, ...], columns: Collection[str]) -> Iterator[InnerList]:
    for key, each in value.items():
        if not isinstance(each, list | dict):
            continue
        kind = kind_of(key)
        if kind is not None and (objects := objects_of(each)):
            yield InnerList((*path, key), kind, objects)
        elif isinstance(each, list):
            objects = [one for one in each if isinstance(one, dict)]
            if columns and objects and all(has_path(objects[0], column) for column in columns):
                yield InnerList((*path, key), "posts", objects)
        elif kind is None and len(path) < _DEEPEST_KEY and not _is_of_account(key):
            yield from _lists_in(each, (*path, key), columns)


def is_empty_list(name: str, value: object) -> bool:
    """Say whether something is called like a list of posts, and holds none and nothing else."""
    if kind_of(name) is None or not isinstance(value, list | dict):
        return False
    return not value or (isinstance(value, dict) and any(each == [] for each in value.values()))


def _is_of_account(key: str) -> bool:
    return fold_column(key) in known_columns()["actor"]


def objects_of(value: object, depth: int = 3) -> list[dict[str, Any]]:
    """Return the objects of a list, which may stand in `edges` or `nodes`, or by their ids in an object."""
    if isinstance(value, list):
        return [_unwrapped(each) for each in value if isinstance(each, dict)]
    if not isinstance(value, dict) or not depth:
        return []
    for name, each in value.items():
        if (
            (name in _AROUND or kind_of(name))
            and isinstance(each, list | dict)
            and (found := objects_of(each, depth - 1))
        ):
            return found
    if value and all(isinstance(each, dict) for each in value.values()):  # as Firebase keeps them
        return [{"id": key, **each} for key, each in value.items()]
    return []


def _unwrapped(value: dict[str, Any]) -> dict[str, Any]:
    """Return what stands in `node`, or beside nothing but a word for its kind in `data`."""
    for name in _WRAPPERS:
        inner = value.get(name)
        if isinstance(inner, dict) and (name == "node" or value.keys() <= {name, "kind", "type"}):
            return inner
    return value


def has_path(value: object, name: str) -> bool:
    """Say whether an object holds anything under a name such as `user.id`, or under all of it as one key."""
    return at_path(value, name) is not None


def at_path(value: object, name: str) -> Any:  # noqa: ANN401 JSON
    """Return what an object holds under a name such as `user.id`, or under all of it as one key."""
    if isinstance(value, dict) and name in value:
        return value[name]
    for key in name.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def without(record: dict[str, Any], paths: Collection[tuple[str, ...]]) -> dict[str, Any]:
    """Return an object without what stands under some paths; objects on the way are copied."""
    left = {name: value for name, value in record.items() if (name,) not in paths}
    for first in {path[0] for path in paths if len(path) > 1}:
        if isinstance(inner := left.get(first), dict):
            left[first] = without(inner, {path[1:] for path in paths if path[0] == first})
    return left
