"""Own storage: the storage of data sets, looked at before anybody believes that something is missing there.

A folder below which nothing is mounted, or which was renamed, is empty: who took that for the truth would call data
sets deleted or damaged, erase nobody and say so, or write where nothing is found again.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from candor.store.storage import DamagedFileError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from candor.store.storage import Storage


class OwnStorage:
    """Does what Storage does, in the storage that `confirm` knows; raises what `confirm` does where it is another.

    Names are random and contents have checksums, so what is found is what was looked for, and needs no second look.
    """

    def __init__(self, storage: Storage, confirm: Callable[[], None]) -> None:
        self._storage = storage
        self.confirm = confirm

    @contextmanager
    def _confirmed(self) -> Iterator[None]:
        """Look at the storage again before an error is believed."""
        try:
            yield
        except (OSError, DamagedFileError):
            self.confirm()
            raise

    def draft(self, name: str) -> Path:
        """See Storage."""
        self.confirm()
        return self._storage.draft(name)

    def keep(self, draft: Path, name: str, like: str | None = None) -> None:
        """See Storage."""
        with self._confirmed():
            self._storage.keep(draft, name, like)

    @contextmanager
    def reading(self, name: str, checksum: int) -> Iterator[Path]:
        """See Storage."""
        with self._confirmed(), self._storage.reading(name, checksum) as path:
            yield path

    def check(self, name: str, checksum: int) -> None:
        """See Storage."""
        with self._confirmed():
            self._storage.check(name, checksum)

    def state(self, name: str) -> tuple[int, ...] | None:
        """See Storage."""
        with self._confirmed():
            found = self._storage.state(name)
        if found is None:
            self.confirm()
        return found

    def delete(self, name: str) -> bool:
        """See Storage."""
        if not (deleted := self._storage.delete(name)):
            self.confirm()
        return deleted

    def names(self) -> Iterator[tuple[str, float, float]]:
        """See Storage."""
        self.confirm()
        return self._storage.names()
