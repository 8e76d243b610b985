"""Cuts pieces of a file into its lines, none longer than can be held."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from candor.formats.compression import TooLargeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LONGEST_LINE_BYTES = 4 * 1024 * 1024


def lines_of(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Cut chunks into lines. Raises TooLargeError for one without end."""
    return chain.from_iterable(_lines_of(chunks))


def _lines_of(chunks: Iterable[bytes]) -> Iterator[list[bytes]]:
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        yield whole
        if len(rest) > LONGEST_LINE_BYTES:
            raise TooLargeError(f"a line is longer than {LONGEST_LINE_BYTES} bytes")
    if rest:
        yield [rest]
