"""What a process has made of data sets and keeps in memory: while they stay as they are, for a while, up to a limit."""

from __future__ import annotations

import math
import mmap
import time
from dataclasses import dataclass
from types import FunctionType
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LONGEST_IDLE_S = 600.0
MEBIBYTE = 2**20
_MANY = 1_000
_ITEM_BYTES = 100  # of many items in a list or dict: names and numbers of people

Made = TypeVar("Made")


@dataclass
class _Entry(Generic[Made]):
    version: object
    made: Made
    used_s: float


class DatasetCache(Generic[Made]):
    """One thing made of each data set, by owner and id, those asked of last; it is as good as the version it has.

    `most_mb` limits what all of it takes by `array_bytes`. Nothing is kept that nobody asked of for ten minutes.
    `at_most` says how many bytes something surely does not exceed: where all of it fits so, nothing is measured.
    `shrink` gives up a part of something, and says whether there was one to give up. It has no lock of its own.
    """

    def __init__(
        self,
        most_mb: int,
        *,
        at_most: Callable[[Made], float] = lambda _: math.inf,
        shrink: Callable[[Made], bool] = lambda _: False,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most_bytes = most_mb * MEBIBYTE
        self._at_most = at_most
        self._shrink = shrink
        self._monotonic_s = monotonic_s
        self._entries: dict[tuple[str, str], _Entry[Made]] = {}
        self._is_measured = True

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, name: tuple[str, str], version: object) -> Made | None:
        """Return what was made of a data set in this version, or None; what was made of another is forgotten."""
        entry = self._entries.pop(name, None)
        return None if entry is None or entry.version != version else self.put(name, version, entry.made)

    def put(self, name: tuple[str, str], version: object, made: Made) -> Made:
        """Keep what was made of a data set, forget what nobody asked of for long, and return it."""
        self._entries[name] = _Entry(version, made, self._monotonic_s())  # the one asked of last stands last
        self._is_measured = False
        self.drop_idle()
        return made

    def drop_idle(self) -> None:
        """Forget what nobody asked of for long."""
        now_s = self._monotonic_s()
        self._entries = {name: each for name, each in self._entries.items() if now_s - each.used_s <= LONGEST_IDLE_S}

    def drop_changed(self, version_of: Callable[[str, str], object]) -> None:
        """Forget what is of another version by now. Raises what `version_of` does."""
        for name, entry in list(self._entries.items()):
            if version_of(*name) != entry.version:
                del self._entries[name]

    def drop_beyond_limit(self, *, spare: int) -> None:
        """Forget what was asked of longest ago until the rest fits, but for the `spare` asked of last."""
        fits = sum(self._at_most(entry.made) for entry in self._entries.values()) <= self._most_bytes
        while not (fits or self._is_measured) and len(self._entries) > spare:
            if array_bytes([entry.made for entry in self._entries.values()]) <= self._most_bytes:
                break
            name, oldest = next(iter(self._entries.items()))
            if not self._shrink(oldest.made):
                del self._entries[name]
        self._is_measured = True


def array_bytes(thing: object) -> int:
    """Return how much memory a thing takes with all that it holds: its arrays, each once, but for those in files."""
    seen: set[int] = set()
    waiting, found = [thing], 0
    while waiting:
        each = waiting.pop()
        whole = _whole(each) if isinstance(each, np.ndarray) else each
        if id(whole) in seen:
            continue
        seen.add(id(whole))
        if isinstance(whole, np.ndarray):
            found += whole.nbytes
        elif isinstance(whole, (tuple, list, dict)) and len(whole) > _MANY:
            found += _ITEM_BYTES * len(whole)
        else:
            waiting.extend(_held_by(whole))
    return found


def _whole(array: Any) -> object:  # noqa: ANN401 # an array, or what its memory belongs to
    """Return the array whose memory an array shows a part of, or the file that is mapped."""
    while isinstance(array, np.ndarray) and array.base is not None:
        array = array.base
    return array


def _held_by(thing: object) -> Iterator[object]:
    if isinstance(thing, (tuple, list)):
        yield from thing
    elif isinstance(thing, dict):
        yield from thing.values()
    elif isinstance(thing, FunctionType):
        yield from (cell.cell_contents for cell in thing.__closure__ or ())
    elif not isinstance(thing, (type, mmap.mmap)):
        yield from getattr(thing, "__dict__", {}).values()
