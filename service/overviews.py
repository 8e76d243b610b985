"""Overviews of data sets that this process has made, kept as long as nothing about their data sets changes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from candor.messages.overview import Overview, make_overview

if TYPE_CHECKING:
    from candor.store import Store

MOST_PEOPLE = 500_000


class Overviews:
    """Keeps the overviews asked of last, of half a million people at most beside the last one.

    An overview is of a data set as it is: file and suppression list. A changed one is made anew when it is asked of.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._made: OrderedDict[tuple[str, str], tuple[object, Overview]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, owner: str, dataset_id: str) -> Overview:
        """Return the overview of a data set, made now if it is not at hand; one is made at a time.

        Raises LookupError and DamagedFileError as Datasets.activities does.
        """
        with self._lock:
            name, version = (owner, dataset_id), self._store.datasets.version(owner, dataset_id)
            made = self._made.pop(name, None)
            if made is None or made[0] != version:
                made = version, make_overview(self._store.datasets.activities(owner, dataset_id))
            self._made[name] = made  # the one asked of last stands last
            while len(self._made) > 1 and sum(len(each.people) for _, each in self._made.values()) > MOST_PEOPLE:
                self._made.popitem(last=False)
            return made[1]
