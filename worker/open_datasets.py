"""Data sets that a worker has opened: kept as prepared communities, so that the next question finds them at hand."""

from __future__ import annotations

import mmap
import time
from dataclasses import dataclass
from types import FunctionType
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from msgspec.structs import replace

from candor.scoring.trust_root import FACE_VALUE
from candor.scoring.window import rows_of, window_of
from candor.scoring.world import build_world

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from candor.scoring.method import Method
    from candor.scoring.question import Question
    from candor.scoring.table import Table
    from candor.scoring.world import World
    from candor.store.datasets import Datasets

MEBIBYTE = 2**20
MOST_MB = 1536
LONGEST_IDLE_S = 600.0
WORLDS_EACH = 2
QUESTIONS_EACH = 8
_MANY = 1_000
_ITEM_BYTES = 100  # of many items in a list or dict: names and numbers of people


@dataclass
class _Opened:
    """One data set as it was when opened: its records, and the communities made of them, by what they depend on."""

    version: object
    table: Table
    worlds: dict[object, World]
    asked: dict[tuple[object, bytes, bytes], World]
    used_s: float


class OpenDatasets:
    """Keeps the data sets asked of last, as long as nothing about them changed: neither file nor suppression list.

    Between jobs they take `most_mb` of memory at most, and none is kept that nobody asked of for ten minutes. Pages of
    the mapped tables do not count: the system takes them back when it needs them.
    """

    def __init__(
        self, datasets: Datasets, monotonic_s: Callable[[], float] = time.monotonic, *, most_mb: int = MOST_MB
    ) -> None:
        self._datasets = datasets
        self._monotonic_s = monotonic_s
        self._most_bytes = most_mb * MEBIBYTE
        self._opened: dict[tuple[str, str], _Opened] = {}
        self._is_measured = True

    def __len__(self) -> int:
        return len(self._opened)

    def community(self, owner: str, dataset_id: str, question: Question, method: Method) -> World:
        """Return the community of a data set, prepared for a question.

        Where somebody is asked about who is trusted and in no record, it is made for this question alone: it has one
        trusted person more.

        Raises what Datasets.activities does.
        """
        opened = self._open(owner, dataset_id)
        rows = rows_of(opened.table, question)
        key = (rows.start, rows.stop, question.network, question.profile, question.granted_rights, method.digest)
        world = opened.worlds.get(key)
        if world is None:
            nobody = replace(question, accounts=(), topics=(), trust_root=FACE_VALUE)
            world = opened.worlds[key] = prepared(self._datasets, (owner, dataset_id), opened.table, nobody, method)
            _keep_newest(opened.worlds, WORLDS_EACH)
        trusted = {named.account for named in question.trust_root.accounts}
        if any(account not in world.columns.person_of for account in trusted.intersection(question.accounts)):
            return prepared(self._datasets, (owner, dataset_id), opened.table, question, method)
        under = (key, msgspec.json.encode((question.trust_root, question.as_of)))
        asked = (*under, msgspec.json.encode(question.topics))
        if asked not in opened.asked:
            alike = next((known for name, known in opened.asked.items() if name[:2] == under), None)
            opened.asked[asked] = world.asked(question) if alike is None else alike.about(question.topics)
            _keep_newest(opened.asked, QUESTIONS_EACH)
        return opened.asked[asked]

    def drop_changed(self) -> None:
        """Forget what is no longer as it was opened, was not asked of for long or does not fit. Raises RedisError."""
        for name, opened in list(self._opened.items()):
            idle_s = self._monotonic_s() - opened.used_s
            if idle_s > LONGEST_IDLE_S or self._datasets.version(*name) != opened.version:
                del self._opened[name]
        if not self._is_measured:  # what a job found of a community is known once it is done
            self._drop_beyond_limit()
            self._is_measured = True

    def _drop_beyond_limit(self) -> None:
        """Forget the questions, then the data sets, that were asked longest ago until the rest fits."""
        while self._opened and array_bytes(list(self._opened.values())) > self._most_bytes:
            name, oldest = next(iter(self._opened.items()))
            if len(oldest.asked) > 1:
                del oldest.asked[next(iter(oldest.asked))]
            elif len(oldest.worlds) > 1:
                del oldest.worlds[next(iter(oldest.worlds))]
            else:
                del self._opened[name]

    def _open(self, owner: str, dataset_id: str) -> _Opened:
        self.drop_changed()
        name = (owner, dataset_id)
        opened = self._opened.pop(name, None)
        if opened is None:
            version = self._datasets.version(owner, dataset_id)  # before: what changes meanwhile is not taken for this
            opened = _Opened(version, self._datasets.activities(owner, dataset_id), {}, {}, 0.0)
        opened.used_s = self._monotonic_s()
        self._opened[name] = opened  # the one asked of last stands last
        self._is_measured = False
        return opened


def prepared(datasets: Datasets, name: tuple[str, str], table: Table, question: Question, method: Method) -> World:
    """Prepare a community from the table of a data set, by owner and id, whose near-copies are kept.

    Raises LookupError when there is no such data set any more, and what build_world does.
    """
    columns, copies = window_of(table, question), datasets.copies(*name, table, method.copies)
    inside = copies.within(rows_of(table, question), columns.actor)
    return build_world(columns, question, method, copies=inside)


def _keep_newest(worlds: dict[Any, World], most: int) -> None:
    while len(worlds) > most:
        del worlds[next(iter(worlds))]


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
