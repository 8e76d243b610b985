"""Storage: where the parts of data sets lie, a folder of this machine's or an address that all machines see."""

from __future__ import annotations

import contextlib
import os
import time
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from candor.errors import OperatorError
from candor.store.secret import private

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DRAFT = ".part"
_CHUNK_BYTES = 2**20


class DamagedFileError(OperatorError):
    """A file of a data set is not as it was written: truncated, changed, or another file."""


class Storage(Protocol):
    """Keeps files that are written once, under names that nobody has used before."""

    def draft(self, name: str) -> Path:
        """Make an empty file that only we can read, to be filled and then kept."""

    def keep(self, draft: Path, name: str, like: str | None = None) -> None:
        """Keep a file under a name: when this returns, it is there, whole and safe. Raises OSError.

        It counts as written when the file `like` was, where that can be said.
        """

    def reading(self, name: str, checksum: int) -> contextlib.AbstractContextManager[Path]:
        """Give a file of this machine's with what is kept. Raises FileNotFoundError, DamagedFileError."""

    def state(self, name: str) -> tuple[int, ...] | None:
        """Return what a change to the file would change, as far as that can be seen at once; None where it is gone."""

    def delete(self, name: str) -> bool:
        """Delete a file; False when it is not there."""

    def names(self) -> Iterator[tuple[str, float]]:
        """Yield what is kept, with the seconds since it was written, drafts included."""


def checksum_of(path: Path) -> int:
    """Return the CRC-32 of a file, whatever is in it. Raises FileNotFoundError."""
    checksum = 0
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(_CHUNK_BYTES):
            checksum = zlib.crc32(chunk, checksum)
    return checksum


def empty_file(folder: Path, name: str) -> Path:
    """Make an empty file that only we can read."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{name}{DRAFT}"
    os.close(private(str(path), os.O_CREAT | os.O_WRONLY))
    return path


class Folder:
    """A folder, on a disk of this machine's or mounted by all machines."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def draft(self, name: str) -> Path:
        """See Storage."""
        return empty_file(self._path, name)

    def keep(self, draft: Path, name: str, like: str | None = None) -> None:
        """See Storage."""
        if like is not None:
            written_s = (self._path / like).stat().st_mtime
            os.utime(draft, (written_s, written_s))
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.rename(self._path / name)
        folder = os.open(self._path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    @contextmanager
    def reading(self, name: str, checksum: int) -> Iterator[Path]:
        """See Storage."""
        path = self._path / name
        if checksum_of(path) != checksum:
            raise _damaged(str(path))
        yield path

    def state(self, name: str) -> tuple[int, ...] | None:
        """See Storage."""
        try:
            found = (self._path / name).stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns

    def delete(self, name: str) -> bool:
        """See Storage."""
        try:
            (self._path / name).unlink()
        except FileNotFoundError:
            return False
        return True

    def names(self) -> Iterator[tuple[str, float]]:
        """See Storage."""
        for path in self._path.glob("*"):
            with contextlib.suppress(FileNotFoundError):  # other machines delete them too
                yield path.name, time.time() - path.stat().st_mtime


def _damaged(place: str) -> DamagedFileError:
    return DamagedFileError(
        f"{place} is not as it was written: look at the disk, and upload the data set again or put the file back from "
        "a backup"
    )
