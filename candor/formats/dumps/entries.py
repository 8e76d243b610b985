"""The files of an export by name, in a folder, a zip or a tar, wherever in it the export begins."""

from __future__ import annotations

import re
import tarfile
import tempfile
import unicodedata
import zipfile
import zlib
from contextlib import ExitStack
from functools import partial
from typing import IO, TYPE_CHECKING, Self, cast

from candor.formats.archive import is_of_a_mac
from candor.formats.compression import GZIP, UnreadableError
from candor.formats.dumps.dump import DumpError, chunks_of
from candor.formats.encodings import as_utf_8

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_LARGEST_ENTRY_BYTES = 512 * 2**20
_PACKED = re.compile(r"\.(?:zip|7z|tar|tgz|tar\.\w+)$", re.IGNORECASE)
_TAR, _TAR_AT = b"ustar", 257
_DAMAGE = (
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, RuntimeError, NotImplementedError, OSError),
    *(UnicodeDecodeError, UnreadableError),
)


class Entries:
    """The JSON files of one export, each read whole when it is asked for; names begin where `first` lies.

    `names` has them in order, with / between folders, however they were packed.
    """

    def __init__(self, path: Path, first: str) -> None:
        self._path = path
        self._first = first
        self._opened = ExitStack()
        self._open: dict[str, Callable[[], IO[bytes]]] = {}
        self._packed: str | None = None
        self.names: list[str] = []

    def __enter__(self) -> Self:
        try:
            found = self._found()
        except DumpError:
            self._opened.close()
            raise
        except _DAMAGE:
            self._opened.close()
            raise DumpError(
                f"{self._path} is neither a folder nor a zip or tar file: bring the whole export, as it came"
            ) from None
        found = {unicodedata.normalize("NFC", name.replace("\\", "/")): each for name, each in found.items()}
        self._packed = next((name for name in found if _PACKED.search(name)), None)
        found = {name: each for name, each in found.items() if name.endswith(".json") and not is_of_a_mac(name)}
        begins = min((name for name in found if f"/{name}".endswith(f"/{self._first}")), key=len, default=self._first)
        before = begins.removesuffix(self._first)
        self._open = {name.removeprefix(before): each for name, each in found.items() if name.startswith(before)}
        self.names = sorted(self._open)
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def check(self) -> None:
        """Raise DumpError where the file that says what there is is missing."""
        if self._first in self.names:
            return
        if self._packed:
            raise DumpError(f"{self._packed} in it is packed itself: unpack it first")
        raise DumpError(f"there is no {self._first}: bring the whole export")

    def read(self, name: str) -> bytes:
        """Return what a file holds, in UTF-8. Raises DumpError where it is too large or damaged."""
        try:
            with self._open[name]() as file:
                body = file.read(_LARGEST_ENTRY_BYTES + 1)
            text = b"".join(as_utf_8([body]))
        except _DAMAGE as error:
            raise DumpError(f"{name} is damaged") from error
        if len(body) > _LARGEST_ENTRY_BYTES:
            raise DumpError(f"{name} is too large")
        return text

    def _found(self) -> dict[str, Callable[[], IO[bytes]]]:
        if self._path.is_dir():
            return {
                each.relative_to(self._path).as_posix(): partial(_opened, each)
                for each in self._path.rglob("*")
                if each.is_file()
            }
        file: IO[bytes] = self._opened.enter_context(self._path.open("rb"))
        head = file.read(_TAR_AT + len(_TAR))
        file.seek(0)
        if head.startswith(GZIP):
            file = self._unpacked()
            head = file.read(_TAR_AT + len(_TAR))
            file.seek(0)
        return self._in_tar(file) if head[_TAR_AT:] == _TAR else self._in_zip(file)

    def _unpacked(self) -> IO[bytes]:
        spool = self._opened.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 it is closed with the stack
        with chunks_of(self._path) as chunks:
            spool.writelines(chunks)
        spool.seek(0)
        return spool

    def _in_tar(self, file: IO[bytes]) -> dict[str, Callable[[], IO[bytes]]]:
        archive = self._opened.enter_context(tarfile.open(fileobj=file, mode="r:"))  # noqa: SIM115 as above
        extract = cast("Callable[[tarfile.TarInfo], IO[bytes]]", archive.extractfile)  # a file has something in it
        files = (member for member in archive if member.isfile())
        return {member.name.removeprefix("./"): partial(extract, member) for member in files}

    def _in_zip(self, file: IO[bytes]) -> dict[str, Callable[[], IO[bytes]]]:
        archive = self._opened.enter_context(zipfile.ZipFile(file))
        infos = archive.infolist()
        if any(info.flag_bits & 1 for info in infos):
            raise DumpError("it is locked with a password: unpack it with the password, and bring what is in it")
        return {info.filename: partial(archive.open, info) for info in infos}


def _opened(path: Path) -> IO[bytes]:
    return path.open("rb")
