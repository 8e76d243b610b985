"""The activities of an outbox or another collection, however it lists them: held, or one by one."""

from __future__ import annotations

import codecs
import re
from contextlib import suppress
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec

from candor.formats.archive import ArchiveError
from candor.formats.compression import CHUNK_BYTES, UnreadableError, peek
from candor.formats.json_items import items_under, json_items
from candor.formats.reading import RecordCollector, check_text, items, opened

if TYPE_CHECKING:
    import io
    from collections.abc import Iterator


_ONE_PAGE = "this is one page of several, and what stands on the next ones is not among the records"
NO_JSON = "what it holds is cut off, or not JSON"
_LINES = re.compile(rb"\s*\{[^\n]*\}[ \t\r]*\n\s*\{")
_LISTS = ("orderedItems", "items")
_HEAD_BYTES = 64 * 1024
_OTHERS = (
    (frozenset({"createdAt", "visibility", "replyId"}), "notes as Misskey exports them"),
    (frozenset({"created_at", "visibility", "in_reply_to_id"}), "posts as Mastodon's API gives them"),
)


class ItemsOf:
    """The activities in a file that is too large to be held: an array, or the list of a collection, one by one.

    Raises ArchiveError where there is no such list, when it is gone through.
    """

    def __init__(self, file: io.IOBase) -> None:
        self._file = file
        try:
            check_text(self._chunks())
        except UnicodeError as error:
            raise ArchiveError(NO_JSON) from error
        _refuse_others(list(islice(self, 1)))

    def __iter__(self) -> Iterator[msgspec.Raw]:
        try:
            head, chunks = peek(self._chunks(), _HEAD_BYTES)
            if head.lstrip()[:1] == b"[":
                found = json_items(chunks)
            else:
                name = min(_LISTS, key=lambda each: head.find(b'"%s"' % each.encode()) % (len(head) + 1))
                found = items_under(chunks, name)[1]
            yield from map(msgspec.Raw, found)
        except UnreadableError as error:
            raise ArchiveError(f"{NO_JSON}, or no collection of ActivityStreams activities: {error}") from error

    def _chunks(self) -> Iterator[bytes]:
        self._file.seek(0)
        if self._file.read(len(codecs.BOM_UTF8)) != codecs.BOM_UTF8:
            self._file.seek(0)
        return iter(partial(self._file.read, CHUNK_BYTES), b"")


def activities_in(document: object, records: RecordCollector) -> list[Any]:
    """Return the activities of a document; that there are more pages is noted. Raises ArchiveError for what is none."""
    found = _opened_lines(document)
    if isinstance(found, list):
        _refuse_others(found)
        return found
    if isinstance(found, dict):
        for field in _LISTS:
            if isinstance(listed := _listed(found.get(field)), list):
                _refuse_others(listed)
                if opened(found.get("next"), NO_JSON):
                    records.notes[_ONE_PAGE] = None
                return listed
        if isinstance(first := opened(found.get("first"), NO_JSON), dict):
            return activities_in(first, records)
        _refuse_others(items(opened(found.get("statuses"), NO_JSON)))
        if isinstance(first, str):
            raise ArchiveError("this holds only the address of its first page, and no activities: send the pages")
        if "preferredUsername" in found:
            raise ArchiveError("this describes an account and holds no posts: bring its outbox.json")
        if "object" in found or "attributedTo" in found:
            return [found if document is found else msgspec.Raw(msgspec.json.encode(found))]
    raise ArchiveError("this is no collection of ActivityStreams activities")


def _listed(value: object) -> object:
    """Return what a collection lists, also one activity without a list around it."""
    found = opened(value, NO_JSON)
    return [value] if isinstance(found, dict) and "type" in found else found


def _opened_lines(document: object) -> Any:  # noqa: ANN401 JSON
    """Read JSON one level deep, as `opened` does; one activity a line is a list of them."""
    if isinstance(document, bytes) and _LINES.match(document):
        with suppress(UnreadableError):
            return [msgspec.Raw(item) for item in json_items([document])]
    return opened(document, NO_JSON)


def _refuse_others(found: list[Any]) -> None:
    """Raise ArchiveError for posts as other programs write them, and for addresses of posts alone."""
    first = opened(found[0], NO_JSON) if found else None
    if isinstance(first, str):
        raise ArchiveError(
            "this lists only addresses of posts, as likes.json and bookmarks.json do: bring outbox.json, or the whole "
            "export"
        )
    for fields, whose in _OTHERS:
        if isinstance(first, dict) and first.keys() >= fields:
            raise ArchiveError(f"these are {whose}, and no ActivityStreams, which Candor reads")
