"""Opens zip and tar.gz files of strangers: only what is wanted, only in memory, within limits that are counted."""

from __future__ import annotations

import gzip
import io
import re
import stat
import tarfile
import zipfile
import zlib
from dataclasses import dataclass
from functools import partial
from typing import IO, TYPE_CHECKING, Any, BinaryIO

from candor.formats.compression import UnreadableError
from candor.formats.encodings import as_utf_8

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_CHUNK_BYTES = 2**16
_LONGEST_READ_BYTES = 2**20
_SHORTEST_HEADER_BYTES = 30
TAR, TAR_AT = b"ustar", 257
"""Where a tar says that it is one."""
_END_OF_ZIP, _END_BYTES, _LONGEST_COMMENT_BYTES = b"PK\x05\x06", 22, 2**16
_TEXT = re.compile(r"\.(?:json|jsonl|ndjson|js|csv|tsv|xml|html|txt|log)$", re.IGNORECASE)
_DAMAGED = "the archive is damaged, one part of a split one, or packed in a way that is not read here"
_DAMAGE = (
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, OSError),
    *(NotImplementedError, RuntimeError, UnicodeDecodeError),
)


class ArchiveError(ValueError):
    """The file is not an archive that Candor reads, or is built to do harm; the words say which."""


@dataclass(frozen=True)
class ArchiveLimits:
    """How many entries, how many bytes of those wanted, and how many times larger than packed (exports: 5 to 20).

    Pictures travel along, so there are many entries that nobody wants; the list of all of them has to be read first.
    Small files may shrink by more, so the ratio counts from `ratio_from_bytes` on.
    """

    entries: int = 500_000
    list_bytes: int = 64 * 2**20
    wanted_bytes: int = 512 * 2**20
    ratio: int = 200
    ratio_from_bytes: int = 2**20

    def check_ratio(self, unpacked: int, packed: int) -> None:
        """Raise ArchiveError when something is too many times larger than packed."""
        if unpacked > self.ratio_from_bytes and unpacked > self.ratio * max(packed, 1):
            raise ArchiveError(f"it unpacks to more than {self.ratio} times its size")


def read_entries(
    file: BinaryIO,
    wanted: Callable[[str], bool],
    limits: ArchiveLimits = ArchiveLimits(),
    *,
    aside: Callable[[str, int], BinaryIO | None] = lambda name, size: None,  # noqa: ARG005 none
) -> dict[str, bytes]:
    """Return the wanted entries of a zip, tar or tar.gz file by name. `file` can seek. Raises ArchiveError.

    Where `aside` gives a file for a name and size, the entry is written into it and is not among those returned.

    Refused are links and devices, names that lead out of the folder or stand twice, entries that share bytes, and
    whatever goes beyond the limits, both by what is declared and by what comes out.
    """
    head = file.read(TAR_AT + len(TAR))
    file.seek(0)
    collector = _EntryCollector(wanted, limits, aside)
    try:
        if head[:2] == b"PK":
            _read_zip(file, collector)
        elif head[:2] == b"\x1f\x8b":
            with gzip.GzipFile(fileobj=file) as unpacked:
                _read_tar(unpacked, file, collector)
        elif head[TAR_AT:] == TAR:
            _read_tar(file, file, collector)
        else:
            raise ArchiveError("this is neither a zip nor a tar.gz file")
    except _DAMAGE as error:
        raise ArchiveError(_DAMAGED) from error
    except UnreadableError as error:
        raise ArchiveError(str(error)) from error
    return collector.entries


def names_in(file: BinaryIO, limits: ArchiveLimits = ArchiveLimits()) -> list[str]:
    """Return the names of the files in a zip, but for what macOS notes beside them. Raises ArchiveError."""
    try:
        _check_list(file, limits)
        with zipfile.ZipFile(file) as archive:
            names = [_with_slashes(info.filename) for info in archive.infolist() if not info.is_dir()]
    except _DAMAGE as error:
        raise ArchiveError(_DAMAGED) from error
    file.seek(0)
    return [name for name in names if not is_of_a_mac(name)]


def heads_in(file: BinaryIO, names: Iterable[str]) -> Iterator[bytes]:
    """Yield the first bytes of files in a zip by their names. Raises ArchiveError."""
    try:
        with zipfile.ZipFile(file) as archive:
            infos = {_with_slashes(info.filename): info for info in archive.infolist()}
            for name in names:
                with archive.open(infos[name]) as entry:
                    yield entry.read(_CHUNK_BYTES)
    except _DAMAGE as error:
        raise ArchiveError(_DAMAGED) from error
    finally:
        file.seek(0)


def _with_slashes(name: str) -> str:
    r"""Return a name as most programs write it, where some of Windows have a \\ between folders."""
    return name.replace("\\", "/")


def is_of_a_mac(name: str) -> bool:
    """Say whether an entry holds what macOS notes about a file beside it, and was in no export: `__MACOSX/._a.json`."""
    return name.startswith("__MACOSX/") or name.rpartition("/")[2].startswith("._")


class _EntryCollector:
    """Takes entries one by one, and refuses what is not to be taken."""

    def __init__(
        self, wanted: Callable[[str], bool], limits: ArchiveLimits, aside: Callable[[str, int], BinaryIO | None]
    ) -> None:
        self.entries: dict[str, bytes] = {}
        self._wanted = wanted
        self._aside = aside
        self.limits = limits
        self._names: set[str] = set()
        self._left = limits.wanted_bytes

    def take(self, name: str, size: int, open_entry: Callable[[], IO[bytes] | None], packed: int | None = None) -> None:
        """Read the entry if it is wanted; `size` is what it says of itself.

        Where `packed` is known, what comes out is held against it.
        """
        self.check(name)
        if is_of_a_mac(name) or not self._wanted(name) or (entry := open_entry()) is None:
            return
        kept = self._aside(name, size)
        body = io.BytesIO() if kept is None else kept
        chunks = iter(partial(entry.read, _CHUNK_BYTES), b"")
        for chunk in as_utf_8(chunks) if _TEXT.search(name) else chunks:
            body.write(chunk)
            if body.tell() > self._left:
                limit = self.limits.wanted_bytes
                raise ArchiveError(f"what is to be read of it is too large: more than {limit:,} bytes")
            if packed is not None:
                self.limits.check_ratio(body.tell(), packed)
        self._left -= body.tell()
        if isinstance(body, io.BytesIO):
            self.entries[name] = body.getvalue()

    def check(self, name: str) -> None:
        """Raise ArchiveError for a name that leads elsewhere, or stands there twice."""
        parts = name.split("/")
        if name.startswith("/") or ".." in parts or "\0" in name or ":" in parts[0]:
            raise ArchiveError(f"the name {name[:100]!r} leads elsewhere")
        if name in self._names:
            raise ArchiveError(f"the name {name[:100]!r} stands there twice")
        self._names.add(name)
        if len(self._names) > self.limits.entries:
            raise ArchiveError(f"it has more than {self.limits.entries} entries")


def _read_zip(file: BinaryIO, collector: _EntryCollector) -> None:
    _check_list(file, collector.limits)
    with zipfile.ZipFile(file) as archive:
        infos = sorted(archive.infolist(), key=lambda info: info.header_offset)
        end = 0
        for info in infos:
            if info.header_offset < end:
                raise ArchiveError("entries share bytes")
            end = info.header_offset + _SHORTEST_HEADER_BYTES + info.compress_size
            if info.flag_bits & 1:
                name = repr(info.filename[:100])
                raise ArchiveError(
                    f"{name} is locked with a password: unpack it with the password, and bring what is in it"
                )
            if stat.S_IFMT(info.external_attr >> 16) not in {0, stat.S_IFREG, stat.S_IFDIR}:
                raise ArchiveError(f"{info.filename[:100]!r} is a link or a device")
            collector.limits.check_ratio(info.file_size, info.compress_size)
        for info in infos:
            name = _with_slashes(info.filename)
            if name.endswith("/"):
                collector.check(name.rstrip("/"))
            else:
                collector.take(name, info.file_size, partial(archive.open, info), info.compress_size)


def _check_list(file: BinaryIO, limits: ArchiveLimits) -> None:
    """Raise ArchiveError where the list of entries, which is read whole, is too long."""
    end = file.seek(0, io.SEEK_END)
    file.seek(max(0, end - _END_BYTES - _LONGEST_COMMENT_BYTES))
    _, found, record = file.read().rpartition(_END_OF_ZIP)
    file.seek(0)
    size = int.from_bytes(record[8:12], "little") if found else 0
    if size > limits.list_bytes and size != 2**32 - 1:
        raise ArchiveError(f"it has more than {limits.entries} entries")


def _read_tar(unpacked: BinaryIO | gzip.GzipFile, file: BinaryIO, collector: _EntryCollector) -> None:
    metered: Any = _Metered(unpacked, file, collector.limits)
    with tarfile.open(fileobj=metered, mode="r:") as archive:
        for member in archive:
            if not (member.isfile() or member.isdir()):
                raise ArchiveError(f"{member.name[:100]!r} is a link or a device")
            name = member.name.removeprefix("./").replace("\\", "/")
            if member.isdir():
                collector.check(name)
            else:
                collector.take(name, member.size, partial(archive.extractfile, member))


class _Metered:
    """Goes forward through a tar, or what gzip unpacks, and holds it against what was packed."""

    def __init__(self, unpacked: BinaryIO | gzip.GzipFile, packed: BinaryIO, limits: ArchiveLimits) -> None:
        self._unpacked = unpacked
        self._packed = packed
        self._limits = limits
        self._done = 0

    def tell(self) -> int:
        """Return how far it has gone."""
        return self._done

    def seek(self, position: int) -> int:
        """Go forward. Raises ReadError when sent back."""
        if position < self._done:
            raise tarfile.ReadError("sent back")
        while position > self._done and self.read(min(_CHUNK_BYTES, position - self._done)):
            pass
        return self._done

    def read(self, size: int) -> bytes:
        """Read up to `size` bytes. A header says itself how long it is, so there is a limit to believing that."""
        if size > _LONGEST_READ_BYTES:
            raise ArchiveError("a header in it is too long")
        chunk = self._unpacked.read(size)
        self._done += len(chunk)
        self._limits.check_ratio(self._done, self._packed.tell())
        return chunk
