"""Cuts JSON into the items of its lists without holding it whole: lists, lists in objects, values one by one."""

from __future__ import annotations

import codecs
import re
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import msgspec

from candor.formats.compression import UnreadableError, peek
from candor.formats.lines import LONGEST_LINE_BYTES, CutShort

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

HEAD_BYTES = 64 * 1024
BLANK = b" \t\r\n,"
WRAPPED = re.compile(rb'\s*\{\s*"\w{1,40}"\s*:\s*\[\s*\{')
"""An object that begins with a list of objects."""
_NOT_BLANK = re.compile(rb"[^ \t\r\n,]")
_MOST_LISTS = 10_000
ENDS_EARLY = "the JSON ends too early"
_OF_OBJECTS = re.compile(rb'"((?:[^"\\]|\\.){1,64})"\s*:\s*\[(?=\s*\{)')
_TEXT = re.compile(rb'("[^"\\]*+(?:\\.[^"\\]*+)*+")(\s*:\s*\Z)?', re.DOTALL)
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{}]|"', re.DOTALL)
_OPEN, _QUOTE = frozenset(b"[{"), ord('"')


def json_items(chunks: Iterable[bytes], *, inside: bool = False) -> Iterator[bytes]:
    """Yield the items of JSON arrays, also of one in an object, or values that stand one after the other.

    Of an array that stands `inside` an object, what is behind it belongs to the object and is not looked at.

    One that is longer than can be held is yielded cut short. Raises UnreadableError when it ends too early.
    """
    head, chunks = peek(chunks, 1)
    begins = head.lstrip()[:1] == b"["
    is_array = begins or WRAPPED.match(head) is not None
    if is_array:
        first = next(chunks)
        chunks = chain([first[first.index(b"[") + 1 :]], chunks)
    if begins and not inside:
        yield from _items_of_lists(chunks)
        return
    cut = _Cut()
    for chunk in chunks:
        yield from cut.items(chunk)
        if cut.ended:
            return
    if is_array or cut.depth:
        raise UnreadableError(ENDS_EARLY)
    if rest := cut.rest:
        yield rest


def _items_of_lists(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the items of lists that stand one behind the other, in as long as one list of them all would take."""
    cut = _Cut()
    for chunk in chunks:
        if cut.ended:
            cut = _Cut(chunk)
        else:
            yield from cut.items(chunk)
        while cut.ended and cut.begins_another():
            yield from cut.items(b"")
        if cut.ended and (left := cut.left.lstrip(BLANK)):
            yield left[:LONGEST_LINE_BYTES]  # what stands behind a list and is none is to be named
            return
    if not cut.ended:
        raise UnreadableError(ENDS_EARLY)


def is_one_list(chunks: Iterable[bytes]) -> bool:
    """Tell whether JSON is one list, or an object that holds one list of objects and nothing else.

    Raises TooLargeError for an item without end.
    """
    head, chunks = peek(chunks, HEAD_BYTES)
    if head.lstrip()[:1] != b"[" and WRAPPED.match(head) is None:
        return False
    cut = _Cut()
    for number, chunk in enumerate(chunks):
        for _ in cut.items(chunk if number else chunk[chunk.index(b"[") + 1 :]):
            pass
        if cut.ended:
            return b"".join([cut.left, *islice(chunks, 2)]).strip() in {b"", b"}"}
    return False


def items_under(chunks: Iterable[bytes], name: str) -> tuple[dict[str, Any], Iterator[bytes]]:
    """Return what stands before a list in a JSON object, and the items of the list. Raises UnreadableError.

    What stands before has to fit into a line's length; of what stands behind nothing is read.
    """
    before, items = next(lists_under(chunks, name, whole=True))
    try:
        told = msgspec.json.decode(before.removeprefix(codecs.BOM_UTF8) + b"}", type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise UnreadableError(f"the list of {name} is not where it is expected") from None
    return told, items


def lists_under(chunks: Iterable[bytes], name: str, *, whole: bool = False) -> Iterator[tuple[bytes, Iterator[bytes]]]:
    """Yield the text before each list of that name in JSON, of a long one the end, and the items of the list.

    Items that are not gone through are passed over. A text before that has to stay `whole` fits into a line's length.

    Raises UnreadableError, also where there is no such list at all.
    """
    none = True
    for _, before, items in _lists_that_open(re.compile(rb'"(%s)"\s*:\s*\[' % name.encode()), chunks, whole=whole):
        none = False
        yield before, items
    if none:
        raise UnreadableError(f"there is no list of {name} in it: bring the JSON as it was exported")


def lists_of_objects(chunks: Iterable[bytes]) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield the name of each list of objects in JSON objects, and its items; of those in an item nothing is seen.

    Raises UnreadableError, TooLargeError.
    """
    for number, (name, _, items) in enumerate(_lists_that_open(_OF_OBJECTS, chunks)):
        if number == _MOST_LISTS:
            raise UnreadableError(f"it holds more than {_MOST_LISTS:,} lists")
        yield name.decode("utf-8", "replace"), items


def _lists_that_open(
    opening: re.Pattern[bytes], chunks: Iterable[bytes], *, whole: bool = False
) -> Iterator[tuple[bytes, bytes, Iterator[bytes]]]:
    rest, head = iter(chunks), b""
    while True:
        while (found := opening.search(head)) is None and (chunk := next(rest, None)) is not None:
            if whole and len(head) > LONGEST_LINE_BYTES:
                break
            head = (head if whole else head[-HEAD_BYTES:]) + chunk
        if found is None:
            return
        cut = _Cut()
        items = _under(cut, chain([head[found.end() :]], rest))
        yield found[1], head[: found.start()].rstrip(BLANK), items
        for _ in items:
            pass
        head = cut.left


def _under(cut: _Cut, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the items of a list up to its end. Raises UnreadableError where it does not end."""
    for chunk in chunks:
        yield from cut.items(chunk)
        if cut.ended:
            return
    raise UnreadableError(ENDS_EARLY)


def values_by_key(chunks: Iterable[bytes]) -> Iterator[tuple[str, bytes]]:
    """Yield each object or list in a JSON object by its key, from behind the bracket that opens it, up to its end.

    Raises UnreadableError, TooLargeError.
    """
    key = b""
    for piece in _under(_Cut(), iter(chunks)):
        if piece[:1] in {b"{", b"["}:
            yield msgspec.json.decode(key, type=str), piece
        else:
            key = next((found[1] for found in _TEXT.finditer(piece) if found[2]), b'""')


class _Cut:
    """Cuts text into the objects and lists in it by counting brackets; what stands between them comes out as it is."""

    def __init__(self, behind: bytes | None = None) -> None:
        """Begin within a list, or `behind` the end of one."""
        self.buffer = behind or b""
        self._long: CutShort | None = None
        self.depth = 0
        self.ended = behind is not None
        self._seen = self._done = 0

    @property
    def left(self) -> bytes:
        """What stands behind the end of the list."""
        return self.buffer[self._seen :]

    @property
    def rest(self) -> bytes:
        """What stands behind the last item, cut short where it is long."""
        return self._long or self.buffer.strip(BLANK)

    def begins_another(self) -> bool:
        """Go into the list that stands behind the end of the one before; False where none does, or not yet."""
        found = _NOT_BLANK.search(self.buffer, self._seen)
        if found is None or found[0] != b"[":
            return False
        self._seen = self._done = found.end()
        self.depth, self.ended = 0, False
        return True

    def items(self, chunk: bytes) -> Iterator[bytes]:
        """Yield what is whole by now; an item that is longer than can be held is yielded cut short."""
        self.buffer += chunk
        for found in _TOKEN.finditer(self.buffer, self._seen):
            start, self._seen = found.span()
            sign = self.buffer[start]
            if sign != _QUOTE:
                yield from self._bracket(start, opens=sign in _OPEN)
                if self.ended:
                    return
            elif self._seen - start == 1:  # the text goes on in the next chunk
                self._seen = start
                break
        else:
            self._seen = len(self.buffer)
        self.buffer = self.buffer[self._done :]
        self._seen, self._done = self._seen - self._done, 0
        if len(self.buffer) > LONGEST_LINE_BYTES or self._long is not None:
            self._cut_short()

    def _cut_short(self) -> None:
        """Forget of a long item what was looked at; of a text that goes on, all but whether it ends in a backslash."""
        self._long = self._long or CutShort.of(self.buffer)
        text = self.buffer[self._seen :]
        is_escaping = (len(text) - len(text.rstrip(b"\\"))) % 2
        self.buffer, self._seen = (b'"' + b"\\" * is_escaping if text[:1] == b'"' else b""), 0

    def _bracket(self, start: int, *, opens: bool) -> Iterator[bytes]:
        if self.depth == 0 and (between := self._long or self.buffer[self._done : start].strip(BLANK)):
            self._long = None
            yield between
        if opens:
            self._done = self._done if self.depth else start
            self.depth += 1
            return
        self.depth -= 1
        self.ended = self.depth < 0  # the array's own end
        if self.depth == 0:
            yield self._long or self.buffer[self._done : self._seen]
            self._done, self._long = self._seen, None
