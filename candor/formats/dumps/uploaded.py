"""The files of a dump: named, in a folder, in a zip, or without a name; formats open all of them as files."""

from __future__ import annotations

import io
import os
import re
import sys
import tempfile
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, cast

from candor.formats.archive import ArchiveError, ArchiveLimits, is_of_a_mac, read_entries
from candor.formats.compression import UnreadableError
from candor.formats.workbook import is_workbook

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Sequence
    from contextlib import ExitStack
    from pathlib import Path

_ZIP = b"PK\x03\x04"
_READ = re.compile(
    r"\.(?:json|jsonl|ndjson|xml|csv|tsv|xlsx|parquet|mbox|car|txt|log|7z)(?:\.(?:gz|zst|bz2|xz))?$|(?:^|/)MAINTAINERS$|\.zst$",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"\.(?:png|jpe?g|gif|webp|svg|bmp|ico|heic|tgs|mp4|m4a|mov|webm|mkv|mp3|ogg|oga|opus|wav|css|js|woff2?|msf|docx?)$"
    r"|(?:^|/)(?:readme|licen[cs]e)[^/]*$",
    re.IGNORECASE,
)
"""What travels along and nobody counts: media, what shows a page, words about the files."""
_PACKED = re.compile(r"\.(?:zip|7z|rar|tar|tgz|tar\.\w+)$", re.IGNORECASE)
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


class Kinds(NamedTuple):
    """Which files a format reads: with `any_name` whatever they are called; packed ones and folders maybe itself.

    Of several it reads those alone that end in `ending`, where that is said.
    """

    any_name: bool = False
    whole_zip: bool = False
    whole_folder: bool = False
    ending: str = ""


BY_NAME = Kinds()


class _Chosen:
    """Says by name which files are read; counts those that are not, and says what helps where none is."""

    def __init__(self, kinds: Kinds, left_out: Counter[str]) -> None:
        self._kinds, self._left_out = kinds, left_out
        self._any, self._packed, self._page = False, "", False

    def __call__(self, name: str) -> bool:
        if is_of_a_mac(name) or any(part[:1] == "." != part for part in name.split("/")) or _ASIDE.search(name):
            return False
        is_read = not _PACKED.search(name) if self._kinds.any_name else _READ.search(name) is not None
        is_read &= re.search(rf"{re.escape(self._kinds.ending)}(?:\.(?:gz|zst))?$", name, re.IGNORECASE) is not None
        self._any |= is_read
        if not is_read:
            self._left_out["files"] += 1
            self._packed = self._packed or (name if _PACKED.search(name) else "")
            self._page |= name.lower().endswith((".html", ".htm"))
        return is_read

    def check(self, where: str) -> None:
        """Raise UnreadableError where no file was to be read."""
        if self._any:
            return
        if packed := self._packed:
            raise UnreadableError(
                f"there is no file in {where} that could be read: {packed} in it is packed itself, unpack it first"
            )
        if self._page:
            raise UnreadableError(
                f"there is no file in {where} that could be read: it is written as HTML, ask for JSON"
            )
        raise UnreadableError(f"there is no file in {where} that could be read")


def files_at(path: Path, kinds: Kinds, left_out: Counter[str], opened: ExitStack) -> Sequence[Path]:
    """Return a file itself, or the files in a folder or a zip, which wait in a file of `opened`.

    What is not among them and is no medium is counted as `files`. Raises UnreadableError, OSError.
    """
    if isinstance(path, UploadedFile):
        return [path]
    chosen = _Chosen(kinds, left_out)
    if path.is_dir():
        if kinds.whole_folder:
            return [path]
        names = {each.relative_to(path).as_posix(): each for each in sorted(path.rglob("*")) if each.is_file()}
        files = [each for name, each in names.items() if chosen(name)]
        chosen.check("the folder")
        return files
    with path.open("rb") as body:
        head = body.read(_HEAD_BYTES)
        if kinds.whole_zip or not head.startswith(_ZIP) or is_workbook(head):
            return [path]
        spool = cast("BinaryIO", opened.enter_context(tempfile.TemporaryFile()))  # noqa: SIM115 it is closed with the stack
        return cast("Sequence[Path]", _unzipped(cast("BinaryIO", body), spool, sys.maxsize, chosen))


def uploaded_files(
    body: BinaryIO, spool: BinaryIO, limit: int, *, kinds: Kinds, called: str, left_out: Counter[str]
) -> Sequence[Path]:
    """Return what was uploaded as files to read; those of a zip wait in `spool`, unless the format reads it itself.

    `called` is the name of a file that comes alone, for messages. What is left out is counted as by `files_at`.

    Raises UnreadableError.
    """
    body.seek(0)
    head = body.read(_HEAD_BYTES)
    if head.startswith(_ZIP) and not kinds.whole_zip:
        files = _unzipped(body, spool, limit, _Chosen(kinds, left_out))
    else:
        alone = UploadedFile(body, "upload.json", body.seek(0, io.SEEK_END), limit)
        alone.called, files = called, [alone]
    return cast("Sequence[Path]", files)


def _unzipped(body: BinaryIO, spool: BinaryIO, limit: int, chosen: _Chosen) -> list[UploadedFile]:
    parts: dict[str, tuple[int, _Part]] = {}

    def _aside(name: str, _size: int) -> BinaryIO:
        parts[name] = (spool.tell(), part := _Part(spool))
        return cast("BinaryIO", part)

    body.seek(0)
    try:
        read_entries(body, chosen, ArchiveLimits(wanted_bytes=limit), aside=_aside)
    except ArchiveError as error:
        raise UnreadableError(str(error)) from None
    spool.flush()
    chosen.check("the zip")
    return [UploadedFile(spool, name, part.tell(), limit, first) for name, (first, part) in sorted(parts.items())]
