"""What this process has made of data sets for pages, kept as long as nothing about them changes."""

from __future__ import annotations

import threading
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from candor.messages.overview import Overview, close_forms_in, make_overview, posts_on
from candor.store.dataset_cache import DatasetCache

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from candor.scoring.close_forms import CloseForm
    from candor.scoring.topics import Topic
    from candor.store import Store

MOST_MB = 128  # about half a million people
MOST_TOPICS = 1_000
"""Topics whose posts in a data set are remembered: callers make topics of their own as they like."""
LARGE = 1_000_000
"""Of data sets with so many records one is read at a time: each takes memory while it is."""


class Overviews:
    """Keeps the overviews asked of last.

    An overview is of a data set as it is: file and suppression list. A changed one is made anew when it is asked of.
    Whoever asks of one at hand never waits for another that is being made.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._cache: DatasetCache[Overview] = DatasetCache(MOST_MB)
        self._posts: DatasetCache[dict[str, int]] = DatasetCache(1)
        self._lock = threading.Lock()  # of the caches, for as long as looking something up takes
        self._making: WeakValueDictionary[object, threading.Lock] = WeakValueDictionary()
        self._large = threading.Lock()

    def of(self, owner: str, dataset_id: str) -> Overview:
        """Return the overview of a data set, made now if it is not at hand; who asks meanwhile waits for the same.

        Raises LookupError and DamagedFileError as Datasets.activities does.
        """
        name = owner, dataset_id
        if (made := self._at_hand(name)) is not None:
            return made
        with self._alone(owner, dataset_id):
            if (made := self._at_hand(name)) is not None:
                return made
            version = self._store.datasets.version(owner, dataset_id)
            made = make_overview(self._store.datasets.activities(owner, dataset_id))
            with self._lock:
                self._cache.put(name, version, made)
                self._cache.drop_beyond_limit(spare=1)
            return made

    def is_at_hand(self, owner: str, dataset_id: str) -> bool:
        """Say whether the overview of a data set as it is now needs not be made."""
        return self._at_hand((owner, dataset_id)) is not None

    def posts_on(self, owner: str, dataset_id: str, topic: Topic) -> int:
        """Return how many posts of a data set speak of a topic, of many an estimate; counted now if it is not known.

        Raises what `of` does.
        """
        known = self._counted(owner, dataset_id)
        if (posts := known.get(topic.digest)) is not None:
            return posts
        with self._alone(owner, dataset_id):
            known = self._counted(owner, dataset_id)
            if (posts := known.get(topic.digest)) is None:
                posts = posts_on(self._store.datasets.activities(owner, dataset_id), topic)
                if len(known) >= MOST_TOPICS:
                    known.clear()
                known[topic.digest] = posts
            return posts

    def close_forms(self, owner: str, dataset_id: str, terms: Sequence[str]) -> list[CloseForm]:
        """Return words of a data set that terms do not find and may mean. Raises what `of` does."""
        with self._alone(owner, dataset_id):
            return close_forms_in(self._store.datasets.activities(owner, dataset_id), terms)

    def _at_hand(self, name: tuple[str, str]) -> Overview | None:
        version = self._store.datasets.version(*name)
        with self._lock:
            return self._cache.get(name, version)

    def _counted(self, owner: str, dataset_id: str) -> dict[str, int]:
        name, version = (owner, dataset_id), self._store.datasets.version(owner, dataset_id)
        with self._lock:
            known = self._posts.get(name, version)
            if known is None:
                known = self._posts.put(name, version, {})
                self._posts.drop_beyond_limit(spare=1)
            return known

    @contextmanager
    def _alone(self, owner: str, dataset_id: str) -> Iterator[None]:
        """Be the only one who reads a data set for this; of large ones the only one who reads any."""
        with self._lock:
            making = self._making.setdefault((owner, dataset_id), threading.Lock())
        with making:
            there = self._store.datasets.get(owner, dataset_id)
            with self._large if there is not None and there.records >= LARGE else nullcontext():
                yield
