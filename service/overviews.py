"""What this process has made of data sets for pages, kept as long as nothing about them changes."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from candor.messages.overview import Overview, make_overview, posts_on
from candor.store.dataset_cache import DatasetCache

if TYPE_CHECKING:
    from candor.scoring.topics import Topic
    from candor.store import Store

MOST_MB = 128  # about half a million people
MOST_TOPICS = 1_000
"""Topics whose posts in a data set are remembered: callers make topics of their own as they like."""


class Overviews:
    """Keeps the overviews asked of last.

    An overview is of a data set as it is: file and suppression list. A changed one is made anew when it is asked of.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._cache: DatasetCache[Overview] = DatasetCache(MOST_MB)
        self._posts: DatasetCache[dict[str, int]] = DatasetCache(1)
        self._lock = threading.Lock()

    def of(self, owner: str, dataset_id: str) -> Overview:
        """Return the overview of a data set, made now if it is not at hand; one is made at a time.

        Raises LookupError and DamagedFileError as Datasets.activities does.
        """
        with self._lock:
            name, version = (owner, dataset_id), self._store.datasets.version(owner, dataset_id)
            made = self._cache.get(name, version)
            if made is None:
                made = self._cache.put(name, version, make_overview(self._store.datasets.activities(owner, dataset_id)))
                self._cache.drop_beyond_limit(spare=1)
            return made

    def is_at_hand(self, owner: str, dataset_id: str) -> bool:
        """Say whether the overview of a data set as it is now needs not be made."""
        with self._lock:
            return self._cache.get((owner, dataset_id), self._store.datasets.version(owner, dataset_id)) is not None

    def posts_on(self, owner: str, dataset_id: str, topic: Topic) -> int:
        """Return how many posts of a data set speak of a topic, of many an estimate; counted now if it is not known.

        Raises what `of` does.
        """
        with self._lock:
            name, version = (owner, dataset_id), self._store.datasets.version(owner, dataset_id)
            known = self._posts.get(name, version)
            if known is None:
                known = self._posts.put(name, version, {})
                self._posts.drop_beyond_limit(spare=1)
            if topic.digest not in known:
                if len(known) >= MOST_TOPICS:
                    known.clear()
                known[topic.digest] = posts_on(self._store.datasets.activities(owner, dataset_id), topic)
            return known[topic.digest]
