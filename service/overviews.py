"""Overviews of data sets that this process has made, kept as long as nothing about their data sets changes."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from candor.messages.overview import Overview, make_overview
from candor.store.dataset_cache import DatasetCache

if TYPE_CHECKING:
    from candor.store import Store

MOST_MB = 128  # about half a million people


class Overviews:
    """Keeps the overviews asked of last.

    An overview is of a data set as it is: file and suppression list. A changed one is made anew when it is asked of.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._cache: DatasetCache[Overview] = DatasetCache(MOST_MB)
        self._lock = threading.Lock()

    def of(self, owner: str, dataset_id: str) -> Overview:
        """Return the overview of a data set, made now if it is not at hand; one is made at a time.

        Raises LookupError and DamagedFileError as Datasets.activities does.
        """
        with self._lock:
            name, version = (owner, dataset_id), self._store.datasets.version(owner, dataset_id)
            made = self._cache.get(name, version)
            if made is None:
                self._cache.drop_idle()
                made = self._cache.put(name, version, make_overview(self._store.datasets.activities(owner, dataset_id)))
                self._cache.drop_beyond_limit(spare=1)
            return made
