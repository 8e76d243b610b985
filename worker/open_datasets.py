"""Data sets that a worker has opened: kept as prepared communities, so that the next question finds them at hand."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from candor.scoring.trust_root import FACE_VALUE
from candor.scoring.window import rows_of, window_of
from candor.scoring.world import build_world

if TYPE_CHECKING:
    from collections.abc import Callable

    from candor.scoring.method import Method
    from candor.scoring.question import Question
    from candor.scoring.table import Table
    from candor.scoring.world import World
    from candor.store.datasets import Datasets

MOST_RECORDS = 2_000_000
LONGEST_IDLE_S = 600.0
WORLDS_EACH = 2
QUESTIONS_EACH = 8


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

    Of all of them two million records are kept at most, and none that nobody asked of for ten minutes.
    """

    def __init__(self, datasets: Datasets, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._datasets = datasets
        self._monotonic_s = monotonic_s
        self._opened: dict[tuple[str, str], _Opened] = {}

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
        """Forget what is no longer as it was opened, or was not asked of for long. Raises RedisError."""
        for name, opened in list(self._opened.items()):
            idle_s = self._monotonic_s() - opened.used_s
            if idle_s > LONGEST_IDLE_S or self._datasets.version(*name) != opened.version:
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
        while self._opened and sum(len(each.table) for each in self._opened.values()) > MOST_RECORDS:
            del self._opened[next(iter(self._opened))]
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
