"""What one test made in a store, given to the next: a town or a scored sample is made once for each run."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from candor.store import Store


@dataclass(frozen=True)
class _Saved:
    """Keys, each with the milliseconds it has left (0: no end) and its value; files; and what `make` returned."""

    keys: tuple[tuple[bytes, int, bytes], ...]
    folder: Path
    result: Any


class SavedStates:
    """What was added to stores, by file and name; results are shared too, so nobody may change them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._saved: dict[tuple[str, str], _Saved] = {}

    def __call__(self, store: Store, data_dir: Path, name: str, make: Callable[[], Any]) -> Any:
        """Put what `make` adds to an empty store into this one; `make` is called the first time only."""
        key = make.__module__, name
        if key in self._saved:
            self._restore(self._saved[key], store, data_dir)
        else:
            self._saved[key] = self._save(store, data_dir, make)
        return self._saved[key].result

    def _save(self, store: Store, data_dir: Path, make: Callable[[], Any]) -> _Saved:
        before = set(store.redis.scan_iter()), set(_files(data_dir))
        result = make()
        keys = [key for key in store.redis.scan_iter() if key not in before[0]]
        folder = self._folder / str(len(self._saved))
        for path in set(_files(data_dir)) - before[1]:
            _copy(path, folder / path.relative_to(data_dir))
        kept = ((key, max(store.redis.pttl(key), 0), store.redis.dump(key)) for key in keys)
        return _Saved(tuple(kept), folder, result)

    def _restore(self, saved: _Saved, store: Store, data_dir: Path) -> None:
        with store.redis.pipeline(transaction=False) as pipe:
            for key, ends_ms, value in saved.keys:
                pipe.restore(key, ends_ms, value, replace=True)
            pipe.execute()
        for path in _files(saved.folder):
            _copy(path, data_dir / path.relative_to(saved.folder))


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def _copy(path: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(path, to)
