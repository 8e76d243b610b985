"""Storage: where the parts of data sets lie, a folder of this machine's or an address that all machines see."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import time
import zlib
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from candor.errors import OperatorError
from candor.store.drafts import DRAFT, of_process
from candor.store.secret import OddFileError, private, random_file, regular

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DIRECTORY_ID = "directory-id"
STORAGE_ID = "storage-id"
NO_STORAGE = "the storage of data sets does not answer"
_CHUNK_BYTES = 2**20


class DamagedFileError(OperatorError):
    """A file of a data set is not as it was written: truncated, changed, or another file."""


class StorageAwayError(OSError, OperatorError):
    """The place where data sets lie does not answer, or refuses what is asked."""


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

    def check(self, name: str, checksum: int) -> None:
        """Raise what `reading` would, as far as that can be seen without fetching the file."""

    def state(self, name: str) -> tuple[int, ...] | None:
        """Return what a change to the file would change, as far as that can be seen at once; None where it is gone."""

    def delete(self, name: str) -> bool:
        """Delete a file; False when it is not there."""

    def names(self) -> Iterator[tuple[str, float, float]]:
        """Yield what is kept, drafts included, with the seconds since it counts as written and since it was put there.

        The first may be those of the file that it took the place of.
        """

    def mark(self) -> bytes | None:
        """Return random bytes by which the place is told from every other; None where none were made."""

    def make_mark(self) -> None:
        """Make them where there are none."""


def checksum_of(path: Path) -> int:
    """Return the CRC-32 of a file, whatever is in it. Raises FileNotFoundError, OddFileError."""
    checksum = 0
    with open(path, "rb", buffering=0, opener=regular) as file:
        while chunk := file.read(_CHUNK_BYTES):
            checksum = zlib.crc32(chunk, checksum)
    return checksum


def empty_file(folder: Path, name: str) -> Path:
    """Make an empty file that only we can read."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{name}.{of_process()}{DRAFT}"
    os.close(private(str(path), os.O_CREAT | os.O_WRONLY))
    return path


class Folder:
    """A folder, on a disk of this machine's or mounted by all machines."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mark = path / DIRECTORY_ID

    def __str__(self) -> str:
        return f"the data directory {self._path.parent}"

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
        """See Storage. Also where it is deleted within the block, whatever reading it raised then."""
        self.check(name, checksum)
        try:
            yield self._path / name
        except Exception as error:
            if self.state(name) is None:
                raise FileNotFoundError(errno.ENOENT, "deleted while it was read", name) from error
            raise

    def check(self, name: str, checksum: int) -> None:
        """See Storage."""
        try:
            is_whole = checksum_of(self._path / name) == checksum
        except OddFileError:
            is_whole = False
        if not is_whole:
            raise _damaged(str(self._path / name))

    def state(self, name: str) -> tuple[int, ...] | None:
        """See Storage."""
        try:
            found = (self._path / name).lstat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns

    def delete(self, name: str) -> bool:
        """See Storage."""
        try:
            (self._path / name).unlink()
        except FileNotFoundError:
            return False
        except IsADirectoryError:
            shutil.rmtree(self._path / name, ignore_errors=True)
        return True

    def names(self) -> Iterator[tuple[str, float, float]]:
        """See Storage."""
        for path in (path for path in self._path.glob("*") if path != self._mark):
            with contextlib.suppress(FileNotFoundError):  # other machines delete them too
                found = path.lstat()
                yield path.name, time.time() - found.st_mtime, time.time() - found.st_ctime

    def mark(self) -> bytes | None:
        """See Storage."""
        try:
            return random_file(self._mark) if os.path.lexists(self._mark) else None
        except FileNotFoundError:
            return None

    def make_mark(self) -> None:
        """See Storage."""
        random_file(self._mark)


class ObjectStorage:
    """An address that fsspec knows, such as s3://bucket/prefix; files are fetched into a folder to be read.

    Whatever speaks to the place raises, this raises FileNotFoundError, FileExistsError or StorageAwayError.
    """

    def __init__(self, address: str, scratch: Path) -> None:
        self._address = address.rstrip("/")
        self._scratch = scratch

    def __str__(self) -> str:
        return f"the storage {self._address}"

    def draft(self, name: str) -> Path:
        """See Storage."""
        return empty_file(self._scratch, name)

    def keep(self, draft: Path, name: str, like: str | None = None) -> None:
        """See Storage."""
        del like  # nobody can say when an object was written
        with self._asked() as (files, root):
            files.put_file(str(draft), f"{root}/{name}")
            there = files.info(f"{root}/{name}")["size"]
        if there != draft.stat().st_size:
            raise OSError(f"{self._address}/{name} has {there} bytes, not {draft.stat().st_size}")
        draft.unlink()

    @contextmanager
    def reading(self, name: str, checksum: int) -> Iterator[Path]:
        """See Storage."""
        path = empty_file(self._scratch, f"{name}.{secrets.token_hex(8)}")
        try:
            with self._asked() as (files, root):
                files.get_file(f"{root}/{name}", str(path))
            if checksum_of(path) != checksum:
                raise _damaged(f"{self._address}/{name}")
            yield path
        finally:
            path.unlink(missing_ok=True)

    def check(self, name: str, checksum: int) -> None:
        """See Storage."""

    def state(self, name: str) -> tuple[int, ...] | None:
        """See Storage: an object is never changed, and asking for each would take longer than a score."""
        del name
        return ()

    def delete(self, name: str) -> bool:
        """See Storage."""
        try:
            with self._asked() as (files, root):
                files.rm_file(f"{root}/{name}")
        except FileNotFoundError:
            return False
        return True

    def names(self) -> Iterator[tuple[str, float, float]]:
        """See Storage."""
        with self._asked() as (files, root):
            try:
                found = files.ls(root, detail=True, refresh=True)
            except FileNotFoundError:
                found = []
            for each in found:
                name = each["name"].rpartition("/")[2]
                if name and name != STORAGE_ID:
                    age_s = time.time() - files.modified(each["name"]).timestamp()
                    yield name, age_s, age_s

    def mark(self) -> bytes | None:
        """See Storage."""
        try:
            with self._asked() as (files, root):
                return bytes(files.cat_file(f"{root}/{STORAGE_ID}"))
        except FileNotFoundError:
            return None

    def make_mark(self) -> None:
        """See Storage."""
        with contextlib.suppress(FileExistsError), self._asked() as (files, root):
            files.makedirs(root, exist_ok=True)
            files.pipe_file(f"{root}/{STORAGE_ID}", secrets.token_bytes(32), mode="create")

    @contextmanager
    def _asked(self) -> Iterator[tuple[Any, str]]:
        """Give what speaks to the place, and the path there; looked up anew, as a process that forked needs its own."""
        try:
            opened = import_module("fsspec.core").url_to_fs(self._address, use_listings_cache=False)
        except (ImportError, ValueError) as error:  # a protocol that nothing here knows is a ValueError
            needs = "what reads such addresses (fsspec; for s3:// pip install s3fs)"
            raise OperatorError(f"CANDOR_STORAGE={self._address} needs {needs}") from error
        try:
            yield opened
        except (FileNotFoundError, FileExistsError):
            raise
        except Exception as error:
            if isinstance(error, OSError) and error.errno == errno.ENOSPC:
                raise
            raise StorageAwayError(f"{self._address}: {type(error).__name__}: {error}") from error


def open_storage(address: str | None, data_dir: Path, scratch: Path) -> Storage:
    """Return the storage at an address, in the data directory where there is none."""
    return Folder(data_dir / "datasets") if address is None else ObjectStorage(address, scratch)


def _damaged(place: str) -> DamagedFileError:
    return DamagedFileError(
        f"{place} is not as it was written: look at the disk, and upload the data set again or put the file back from "
        "a backup"
    )
