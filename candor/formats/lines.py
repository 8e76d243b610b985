"""Cuts pieces of a file into its lines; one that is longer than can be held comes out cut short."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from candor.formats.compression import TooLargeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LONGEST_LINE_BYTES = 4 * 1024 * 1024
_KEPT_BYTES = 200


class CutShort(bytes):
    """The first bytes of a line or an item of JSON that is too long to be held: no whole one to any reader of JSON."""

    __slots__ = ()

    @classmethod
    def of(cls, begun: bytes) -> CutShort:
        """Return as much as stays of what was begun."""
        return cls(begun[:_KEPT_BYTES])


def lines_of(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Cut chunks into lines. Raises TooLargeError for one that is longer than can be held."""
    return chain.from_iterable(map(_none_cut_short, some_lines(chunks)))


def _none_cut_short(lines: list[bytes]) -> list[bytes]:
    if lines and isinstance(lines[0], CutShort):
        raise TooLargeError(f"a line is longer than {LONGEST_LINE_BYTES} bytes")
    return lines


def lines_cut_short(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Cut chunks into lines; of one that is too long to be held the first bytes come, as CutShort."""
    return chain.from_iterable(some_lines(chunks))


def some_lines(chunks: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Cut chunks into lines, those of each by themselves; one that is too long to be held stands alone, cut short."""
    rest, long = b"", None
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        if long is not None and whole:
            yield [long]
            long = None
            del whole[0]
        yield whole
        if len(rest) > LONGEST_LINE_BYTES or long is not None:
            long, rest = long or CutShort.of(rest), b""
    if long is not None:
        yield [long]
    elif rest:
        yield [rest]
