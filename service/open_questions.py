"""Indexes of questions that this process has made, kept as long as nothing about their data sets changes."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from candor.questions.index import build_index
from candor.scoring.question import Question
from candor.scoring.table import window_of
from candor.scoring.trust_root import NO_ROOT

if TYPE_CHECKING:
    from datetime import datetime

    from candor.questions.formula import Roles
    from candor.questions.index import Index
    from candor.store import Store
    from candor.store.models import Dataset

MOST_RECORDS = 2_000_000
LONGEST_IDLE_S = 600.0
ALL_DAYS = 36_500


@dataclass
class _Opened:
    version: object
    profile: str
    records: int
    index: Index
    used_s: float


class OpenQuestions:
    """Keeps the indexes asked of last, of two million records at most, and none that nobody asked of for ten minutes.

    An index is of a data set as it is: file and suppression list. A changed one is made anew when it is asked of.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._opened: dict[tuple[str, str], _Opened] = {}
        self._lock = threading.Lock()

    def index(self, owner: str, dataset: Dataset, profile: str, roles: Roles, now: datetime) -> Index:
        """Return the index of a data set, made now if it is not at hand; one is made at a time.

        Raises LookupError and DamagedFileError as Datasets.activities does.
        """
        with self._lock:
            name, version = (owner, dataset.id), self._store.datasets.version(owner, dataset.id)
            opened = self._opened.pop(name, None)
            if opened is None or opened.version != version or opened.profile != profile:
                opened = _Opened(version, profile, dataset.records, self._build(owner, dataset, roles, now), 0.0)
            opened.used_s = time.monotonic()
            self._opened[name] = opened  # the one asked of last stands last
            self._drop_others(opened.used_s)
            return opened.index

    def _build(self, owner: str, dataset: Dataset, roles: Roles, now: datetime) -> Index:
        everything = Question(
            network=dataset.network,
            accounts=(),
            topics=(),
            trust_root=NO_ROOT,
            as_of=now.replace(year=now.year + 1, month=1, day=1),
            window_days=ALL_DAYS,
            profile=dataset.profile,
        )
        return build_index(window_of(self._store.datasets.activities(owner, dataset.id), everything), roles)

    def _drop_others(self, now_s: float) -> None:
        for name, opened in list(self._opened.items())[:-1]:
            whole = sum(each.records for each in self._opened.values())
            if now_s - opened.used_s > LONGEST_IDLE_S or whole > MOST_RECORDS:
                del self._opened[name]
