"""Memory: what one array leaves is kept for the next, instead of being handed to the system and asked for anew.

The system clears every page it hands out, which costs more than the arithmetic on it. The C library keeps what is
freed only if told so; where it is another library than glibc, everything stays as it is.
"""

from __future__ import annotations

import ctypes
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

TRIM_THRESHOLD, MMAP_THRESHOLD, ARENA_MAX = -1, -3, -8  # of mallopt(3)
KEPT = 2**31 - 1  # bytes
USUAL = 2**25


@contextmanager
def kept_memory() -> Iterator[None]:
    """Keep what is freed until the block ends, then give it back. Holds for the whole process."""
    library = ctypes.CDLL(None)
    if not hasattr(library, "mallopt"):
        yield
        return
    for setting, value in ((MMAP_THRESHOLD, KEPT), (TRIM_THRESHOLD, KEPT), (ARENA_MAX, 1)):
        library.mallopt(setting, value)
    try:
        yield
    finally:
        library.mallopt(MMAP_THRESHOLD, USUAL)
        library.mallopt(TRIM_THRESHOLD, USUAL)
        library.malloc_trim(0)
