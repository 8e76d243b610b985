"""The lists in an archive of X: JSON that is assigned to a name, of large files one object after the other."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import msgspec

from candor.formats.archive import ArchiveError
from candor.formats.compression import UnreadableError, peek
from candor.formats.json_items import json_items
from candor.formats.reading import Entry, from_json, items, opened

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


_NO_LIST = "one of its files is cut off, or not as X writes them: bring the archive as it was downloaded"
HEAD_BYTES = 1_000


def objects_of(files: Iterable[tuple[str, Iterable[Any]]], wanted: str) -> Iterator[dict[str, Any]]:
    """Yield the objects in the lists of one kind."""
    return (each for kind, listed in files if kind == wanted for each in _objects_in(listed))


class _Listed:
    """The objects in a large file, one by one."""

    def __init__(self, entry: Entry) -> None:
        self._entry = entry

    def __iter__(self) -> Iterator[bytes]:
        chunks = self._entry.chunks()
        head, chunks = peek(chunks, HEAD_BYTES)
        start = _begin(head)
        rest = next(chunks, b"")[start:].lstrip()
        if rest[:1] != b"[":
            raise ArchiveError(_NO_LIST)
        try:
            yield from (each for each in json_items(chain([rest], chunks)) if each.strip() != b";")
        except UnreadableError as error:
            raise ArchiveError(_NO_LIST) from error


def _begin(body: bytes) -> int:
    """Return where the list begins: behind the name that it is assigned to, if there is one."""
    return 0 if body[:HEAD_BYTES].lstrip()[:1] == b"[" else body.find(b"=") + 1


def list_in(entry: Entry) -> Iterable[Any]:
    """Return the objects in `window.YTD.NAME.part0 = [ … ]`, as JSON, or the one that is assigned."""
    if entry.is_large:
        return _Listed(entry)
    body = entry.whole()
    if not body.strip():
        return []
    end = len(body)
    while body[end - 1 : end] in {b";", b" ", b"\r", b"\n", b"\t"}:
        end -= 1
    assigned = body[_begin(body) : end]
    found = opened(assigned, _NO_LIST)
    if isinstance(found, dict):
        return [msgspec.Raw(assigned)]
    return items(found)


def decoded(listed: Iterable[Any]) -> Iterator[Any]:
    """Yield what is in a list; None for what is no JSON, as where it is too long to be held."""
    for each in listed:
        try:
            yield from_json(bytes(each), _NO_LIST)
        except ArchiveError:
            yield None


def _objects_in(listed: Iterable[Any]) -> Iterator[dict[str, Any]]:
    """Yield the objects in a list."""
    return (each for each in decoded(listed) if isinstance(each, dict))
