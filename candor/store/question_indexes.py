"""Indexes of questions that this process has at hand, kept as long as nothing about their data sets changes."""

from __future__ import annotations

import contextlib
import logging
import threading
from typing import TYPE_CHECKING

from redis.exceptions import RedisError

from candor.questions.formula import load_formula
from candor.questions.index import build_index
from candor.scoring.method import load_method
from candor.scoring.question import ALL_DAYS, Question
from candor.scoring.trust_root import NO_ROOT
from candor.scoring.window import window_of
from candor.store import question_words
from candor.store.dataset_cache import DatasetCache

if TYPE_CHECKING:
    from datetime import datetime

    from candor.questions.index import AskedWords, Index
    from candor.store import Store
    from candor.store.models import Dataset

READ_AT_ONCE = 5_000
MOST_MB = 256  # about two million records

log = logging.getLogger(__name__)


class QuestionIndexes:
    """Keeps the indexes asked of last.

    An index is of a data set as it is: file and suppression list. A changed one is made anew when it is asked of, from
    the words that are kept of its questions or else from its texts. Its methods raise LookupError and DamagedFileError
    as Datasets.activities does.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._cache: DatasetCache[Index] = DatasetCache(MOST_MB)
        self._lock = threading.Lock()

    def index(self, dataset: Dataset, now: datetime) -> Index:
        """Return the index of a data set, made now if it is not at hand; one is made at a time."""
        with self._lock:
            version = self._version(dataset, now)
            found = self._cache.get((dataset.owner, dataset.id), version)
            if found is not None:
                return found
            words = self._store.question_words.get(dataset, version)
            index = self._build(dataset, now, words)
            if words is None and dataset.records > READ_AT_ONCE:
                with contextlib.suppress(OSError):  # where there is no room the next one who asks waits again
                    self._put_words(dataset, version, index.words, now)
            self._cache.put((dataset.owner, dataset.id), version, index)
            self._cache.drop_beyond_limit(spare=1)
            return index

    def at_hand(self, dataset: Dataset, now: datetime) -> Index | None:
        """Return the index of a data set if a caller need not wait for it, else None.

        It is at hand when it was opened here, when the words of the data set's questions are kept, or when it is small.
        """
        version = self._version(dataset, now)
        with self._lock:
            found = self._cache.get((dataset.owner, dataset.id), version)
        if found is not None:
            return found
        if dataset.records > READ_AT_ONCE and not self._store.question_words.has(dataset, version):
            return None
        return self.index(dataset, now)

    def keep_words(self, dataset: Dataset, now: datetime) -> None:
        """Have the words of a data set's questions kept, without keeping its index at hand. Raises OSError."""
        version = self._version(dataset, now)
        if not self._store.question_words.has(dataset, version):
            self._put_words(dataset, version, self._build(dataset, now, None).words, now)

    def drop_idle(self) -> None:
        """Forget what nobody asked of for long."""
        with self._lock:
            self._cache.drop_idle()
            self._cache.drop_beyond_limit(spare=0)

    def _put_words(self, dataset: Dataset, version: object, words: AskedWords, now: datetime) -> None:
        """Keep words, but not those of a state that was replaced while they were looked for: somebody may be erased."""
        self._store.question_words.put(dataset, version, words)
        try:
            is_current = self._version(dataset, now) == version
        except LookupError:
            is_current = False
        if not is_current:
            self._store.question_words.delete(dataset, version)

    def _version(self, dataset: Dataset, now: datetime) -> object:
        version = self._store.datasets.version(dataset.owner, dataset.id)
        if version is None:
            raise LookupError(f"there is no data set {dataset.id!r}")
        return version, formula_profile(dataset), now.year

    def _build(self, dataset: Dataset, now: datetime, words: AskedWords | None) -> Index:
        everything = Question(
            network=dataset.network,
            accounts=(),
            topics=(),
            trust_root=NO_ROOT,
            as_of=now.replace(year=now.year + 1, month=1, day=1),
            window_days=ALL_DAYS,
            profile=dataset.profile,
        )
        table = self._store.datasets.activities(dataset.owner, dataset.id)
        return build_index(window_of(table, everything), load_formula().roles(formula_profile(dataset)), words)


def formula_profile(dataset: Dataset) -> str:
    """Return the profile of the formula that holds for a data set."""
    return load_method().profile_name(dataset.network, dataset.profile)


def ask_for_words(store: Store, dataset: Dataset) -> None:
    """Have a worker keep the words of a data set that was just written, so that the first question need not wait."""
    if dataset.records <= READ_AT_ONCE:
        return
    name = question_words.job_id(dataset)
    try:
        store.queue.push("batch", dataset.owner, name, function=question_words.FUNCTION, about=dataset.id)
    except RedisError:
        log.warning("the words of a data set's questions are not asked for; the first question waits", exc_info=True)
