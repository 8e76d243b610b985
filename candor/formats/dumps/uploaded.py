"""A dump as it was uploaded: one file, or the files of a zip, which formats open as they open files with a name."""

from __future__ import annotations

import io
import os
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from candor.formats.archive import ArchiveError, Limits, read_entries
from candor.formats.compression import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_ZIP = b"PK\x03\x04"
_READ = re.compile(r"\.(?:json|jsonl|ndjson|xml|csv|mbox|car|txt)(?:\.(?:gz|zst))?$|(?:^|/)MAINTAINERS$", re.IGNORECASE)
_ROOT = re.compile(rb"<(posts|votes|users|badges|comments)[\s>]")
_HEAD_BYTES = 1_000


class UploadedFile:
    """A stretch of a file without a name, opened as often as need be, each time from its beginning.

    As far as formats look, it is a Path to a file. What it unpacks to is at most `limit` bytes.
    """

    def __init__(self, file: BinaryIO, name: str, size: int, limit: int, first: int = 0) -> None:
        path = PurePosixPath(name)
        self.name, self.suffix, self.stem = path.name, path.suffix, path.stem
        self.limit = limit
        self.called = self.name
        self._file, self._first, self._size = file, first, size

    def __str__(self) -> str:
        return self.called

    def __lt__(self, other: UploadedFile) -> bool:
        return self.name < other.name

    def is_dir(self) -> bool:
        """Say that it is none."""
        return False

    def open(self, mode: str = "rb") -> BinaryIO:
        """Open it for reading."""
        del mode
        return cast("BinaryIO", io.BufferedReader(_Stretch(self._file.fileno(), self._first, self._size)))


class _Stretch(io.RawIOBase):
    """Reads a stretch of a file, wherever others read in it."""

    def __init__(self, number: int, first: int, size: int) -> None:
        super().__init__()
        self._number, self._first, self._size, self._at = number, first, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place of the stretch, in bytes. Raises OSError before its beginning."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise OSError("there is nothing before the beginning")
        self._at = start + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 whatever holds bytes
        """Read what fits; return how many bytes that were, none at the end."""
        view = memoryview(buffer).cast("B")
        found = os.pread(self._number, max(0, min(len(view), self._size - self._at)), self._first + self._at)
        view[: len(found)] = found
        self._at += len(found)
        return len(found)


class _Part(io.RawIOBase):
    """Writes the next part of a file."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file, self._written = file, 0

    def write(self, body: Any) -> int:  # noqa: ANN401 whatever holds bytes
        written = self._file.write(body)
        self._written += written
        return written

    def tell(self) -> int:
        return self._written


def uploaded_files(body: BinaryIO, spool: BinaryIO, limit: int, *, reads_zip: bool, called: str) -> Sequence[Path]:
    """Return what was uploaded as files to read; those of a zip wait in `spool`, unless the format `reads_zip` itself.

    `called` is the name of a file that comes alone, for messages.

    Raises UnreadableError.
    """
    head = body.read(_HEAD_BYTES)
    if head.startswith(_ZIP) and not reads_zip:
        body.seek(0)
        files = _unzipped(body, spool, limit)
    else:
        root = _ROOT.search(head)
        name = f"{root[1].decode()}.xml" if root else "upload.json"
        alone = UploadedFile(body, name, body.seek(0, io.SEEK_END), limit)
        alone.called, files = called, [alone]
    return cast("Sequence[Path]", files)


def _unzipped(body: BinaryIO, spool: BinaryIO, limit: int) -> list[UploadedFile]:
    parts: dict[str, tuple[int, _Part]] = {}

    def _aside(name: str, _size: int) -> BinaryIO:
        parts[name] = (spool.tell(), part := _Part(spool))
        return cast("BinaryIO", part)

    try:
        read_entries(body, lambda name: _READ.search(name) is not None, Limits(wanted_bytes=limit), aside=_aside)
    except ArchiveError as error:
        raise UnreadableError(str(error)) from None
    spool.flush()
    if not parts:
        raise UnreadableError("there is no file in the zip that could be read")
    return [UploadedFile(spool, name, part.tell(), limit, first) for name, (first, part) in sorted(parts.items())]
