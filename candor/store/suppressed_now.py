"""How many records of a data set are left out by now, because somebody was suppressed after they came."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from candor.store.storage import DamagedFileError

if TYPE_CHECKING:
    from candor.store.datasets import Datasets
    from candor.store.models import Dataset
    from candor.store.suppression import Suppression

MOST_COUNTED = 1_000_000
"""Records of a data set that are looked through for it while somebody waits."""
_MOST_KNOWN = 1_000


class SuppressedNow:
    """Counts them, and knows it until the data set or the list changes.

    Who is suppressed is so for every owner, whoever asked for it: an owner is told no more than how many records of
    theirs it concerns.
    """

    def __init__(self, datasets: Datasets, suppression: Suppression) -> None:
        self._datasets = datasets
        self._suppression = suppression
        self._known: dict[tuple[str, str], tuple[object, int]] = {}

    def count(self, dataset: Dataset) -> int | None:
        """Return how many; None where that is not looked for, or cannot be told."""
        if not dataset.records or self._suppression.is_empty():
            return 0
        if dataset.records > MOST_COUNTED:
            return None
        name = (dataset.owner, dataset.id)
        with suppress(LookupError, DamagedFileError, OSError):
            version = self._datasets.version(*name)
            known = self._known.get(name)
            if known is None or known[0] != version:
                left = len(self._datasets.activities(*name))
                known = self._known[name] = (version, max(0, dataset.records - left))
                while len(self._known) > _MOST_KNOWN:
                    del self._known[next(iter(self._known))]
            return known[1]
        return None
