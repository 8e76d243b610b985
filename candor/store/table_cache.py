"""Cache of tables: what workers map, made from the parts of data sets, on each machine anew and never the only copy."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
import time
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, cast

from candor.store.column_file import read_table
from candor.store.drafts import delete, of_process
from candor.store.models import DAY_S
from candor.store.secret import OddFileError, private, regular

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from pathlib import Path

    from candor.scoring.table import Table

_CHUNK_BYTES = 2**20
_SUFFIX = ".columns"
_INDEX = ".index"
COPIES, SHINGLES = ".copies", ".shingles"
"""What is found among the texts of a table, and what it is found from."""
_KEPT = {_SUFFIX, _INDEX, COPIES, SHINGLES}


class TableCache:
    """A folder of column files, indexes, near-copies and shingles, of `most_bytes` at most: those read last stay.

    Everything in it may be deleted.

    No file is mapped that has a name: a table is copied before it is read, so what happens to the file harms nobody.
    """

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self._folder = folder
        self._most_bytes = most_bytes

    @property
    def scratch(self) -> Path:
        """Where files without a name can be made: a folder of this process's own."""
        folder = self._folder / of_process()
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def find(self, key: str) -> Table | None:
        """Return the table that is kept under a key, or None; one that is not as it was written is deleted."""
        for path in self._folder.glob(f"{key}-*{_SUFFIX}"):
            with contextlib.suppress(FileNotFoundError), tempfile.TemporaryFile(dir=self.scratch) as copy:
                try:
                    with open(path, "rb", opener=regular) as file:
                        checksum = _copied(file, cast("BinaryIO", copy))
                except OddFileError:
                    checksum = -1
                if path.name == _name(key, checksum):
                    os.utime(path)
                    return read_table(cast("BinaryIO", copy))
                delete(path)
        return None

    def keep(self, key: str, file: BinaryIO) -> None:
        """Keep the table in a file under a key; where it cannot be written, it is not kept."""
        file.seek(0)
        self._put(key, lambda copy: _name(key, _copied(file, copy)))

    def keys(self) -> set[str]:
        """Return under which keys tables are kept."""
        return self.with_beside(_SUFFIX)

    def indexed(self) -> set[str]:
        """Return under which keys indexes are kept."""
        return self.with_beside(_INDEX)

    @contextmanager
    def index(self, key: str) -> Iterator[BinaryIO | None]:
        """Give the file of the index that is kept under a key, or None. It says itself whether it is as written."""
        try:
            file = open(self._folder / f"{key}-{_INDEX}", "rb", opener=regular)  # noqa: SIM115 # closed below
        except (FileNotFoundError, OddFileError):
            yield None
            return
        with file:
            os.utime(file.fileno())
            yield file

    def keep_index(self, key: str, write: Callable[[BinaryIO], bool]) -> None:
        """Keep the index that `write` writes; where it cannot be written, or `write` says False, there is none."""
        self._put(key, lambda file: f"{key}-{_INDEX}" if write(file) else None)

    def with_beside(self, kind: str) -> set[str]:
        """Return under which keys something of that kind is kept: COPIES or SHINGLES."""
        return {path.name.partition("-")[0] for path in self._folder.glob(f"*{kind}")}

    def beside(self, key: str, kind: str) -> bytes | None:
        """Return what of that kind is kept under a key, or None. It says itself whether it is as written."""
        path = self._folder / f"{key}-{kind}"
        with contextlib.suppress(FileNotFoundError, OddFileError), open(path, "rb", opener=regular) as file:
            os.utime(path)
            return file.read()
        return None

    def keep_beside(self, key: str, kind: str, raw: bytes) -> None:
        """Keep something of that kind under a key; where it cannot be written, it is not kept."""
        self._put(key, lambda file: f"{key}-{kind}" if file.write(raw) else None)

    def drop_index(self, key: str) -> None:
        """Delete an index."""
        delete(self._folder / f"{key}-{_INDEX}")

    def move(self, before: str, now: str) -> None:
        """Keep under another key what is kept under a key."""
        for path in (at for kind in (_SUFFIX, COPIES, SHINGLES) for at in self._folder.glob(f"{before}-*{kind}")):
            with contextlib.suppress(FileNotFoundError):
                path.rename(path.with_name(now + path.name.removeprefix(before)))

    def forget(self, key: str) -> None:
        """Delete what is kept under a key."""
        for path in self._folder.glob(f"{key}-*"):
            delete(path)

    def sweep(self, keys: Collection[str]) -> None:
        """Delete the tables but for those under some keys, and what broken work left a day ago."""
        for path in self._folder.glob("*"):
            with contextlib.suppress(FileNotFoundError):
                if path.suffix in _KEPT:
                    over = path.name.partition("-")[0] not in keys
                else:
                    over = time.time() - path.lstat().st_mtime > DAY_S
                if over:
                    delete(path)

    def _put(self, key: str, write: Callable[[BinaryIO], str | None]) -> None:
        """Keep what `write` writes under the name that it returns: nothing without one, or where the disk is full."""
        draft = self.scratch / f"{key}-{secrets.token_hex(8)}"
        try:
            with contextlib.suppress(OSError), open(draft, "wb", opener=private) as file:
                if (name := write(file)) is not None:
                    file.flush()
                    draft.rename(self._folder / name)
        finally:
            draft.unlink(missing_ok=True)
        self._drop_oldest()

    def _drop_oldest(self) -> None:
        found = []
        for path in self._folder.glob("*"):
            if path.suffix not in _KEPT:
                continue
            with contextlib.suppress(FileNotFoundError):
                facts = path.lstat()
                found.append((facts.st_mtime, facts.st_size, path))
        size = sum(size for _, size, _ in found)
        for _, bytes_, path in sorted(found):
            if size <= self._most_bytes:
                return
            delete(path)
            size -= bytes_


def _name(key: str, checksum: int) -> str:
    return f"{key}-{checksum:08x}{_SUFFIX}"


def _copied(file: BinaryIO, copy: BinaryIO) -> int:
    """Copy a file, and return its CRC-32."""
    checksum = 0
    while chunk := file.read(_CHUNK_BYTES):
        checksum = zlib.crc32(chunk, checksum)
        copy.write(chunk)
    copy.flush()
    return checksum
