"""Data sets that a worker has opened: kept as prepared communities, so that the next question finds them at hand."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from candor.scoring.trust_root import FACE_VALUE
from candor.scoring.window import rows_of, window_of
from candor.scoring.world import build_world
from candor.settings import Settings
from candor.store.dataset_cache import DatasetCache

if TYPE_CHECKING:
    from collections.abc import Callable

    from candor.scoring.method import Method
    from candor.scoring.question import Question
    from candor.scoring.table import Table
    from candor.scoring.world import World
    from candor.store.datasets import Datasets

MOST_MB = Settings.open_datasets_mb
WORLDS_EACH = 2
QUESTIONS_EACH = 8
MOST_BYTES_EACH = 20_000
"""What a record takes with all that is made of it, at the very most: 80 to 170 bytes were measured."""


@dataclass
class _Opened:
    """One data set as it was when opened: its records, and the communities made of them, by what they depend on."""

    table: Table
    worlds: dict[object, World] = field(default_factory=dict)
    asked: dict[tuple[object, bytes, bytes], World] = field(default_factory=dict)

    def shrink(self) -> bool:
        """Forget the question asked longest ago, or the community; False where there is one of each."""
        worlds: dict[Any, World] = self.asked if len(self.asked) > 1 else self.worlds
        if len(worlds) > 1:
            del worlds[next(iter(worlds))]
            return True
        return False


class OpenDatasets:
    """Keeps the data sets asked of last, as long as nothing about them changed: neither file nor suppression list.

    Between jobs they take `most_mb` of memory at most, and none is kept that nobody asked of for ten minutes. Pages of
    the mapped tables do not count: the system takes them back when it needs them.
    """

    def __init__(
        self, datasets: Datasets, monotonic_s: Callable[[], float] = time.monotonic, *, most_mb: int = MOST_MB
    ) -> None:
        self._datasets = datasets
        self._cache = DatasetCache(
            most_mb,
            at_most=lambda opened: MOST_BYTES_EACH * len(opened.table),
            shrink=_Opened.shrink,
            monotonic_s=monotonic_s,
        )

    def __len__(self) -> int:
        return len(self._cache)

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
        self._drop(self._datasets.version)

    def _open(self, owner: str, dataset_id: str) -> _Opened:
        name = (owner, dataset_id)
        version = self._datasets.version(owner, dataset_id)  # before: what changes meanwhile is not taken for this
        self._drop(lambda *each: version if each == name else self._datasets.version(*each))
        opened = self._cache.get(name, version)
        if opened is None:
            opened = self._cache.put(name, version, _Opened(self._datasets.activities(owner, dataset_id)))
        return opened

    def _drop(self, version_of: Callable[[str, str], object]) -> None:
        self._cache.drop_idle()
        self._cache.drop_changed(version_of)
        self._cache.drop_beyond_limit(spare=0)  # what a job found of a community is known once it is done


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
