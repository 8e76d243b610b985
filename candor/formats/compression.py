"""Unpacks gzip and zstd, told by their first bytes, in steps of bounded size and never beyond a limit; and 7z."""

from __future__ import annotations

import gzip
import io
import re
import shutil
import subprocess
import sys
import zlib
from contextlib import contextmanager
from itertools import chain
from typing import IO, TYPE_CHECKING, BinaryIO, NamedTuple, cast

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
CHUNK_BYTES = 64 * 1024
MOST_LAYERS = 2
MOST_TIMES, MOST_TIMES_FROM_BYTES = 200, 64 * 2**20
"""How many times larger than packed: records are 5 to 60 times. So few bytes may repeat more often."""
_WIDEST_WINDOW = 27
"""As a power of two: 128 MB, what zstd itself takes without being asked to."""


_OTHERS = {
    b"BZh": "this is packed with bzip2: pack it with gzip or zstd, or not at all",
    b"\xfd7zXZ\0": "this is packed with xz: pack it with gzip or zstd, or not at all",
    b"7z\xbc\xaf\x27\x1c": "this is packed as 7z: unpack it first, or send it as a zip",
    b"Rar!": "this is packed as RAR: unpack it first, or send it as a zip",
    b"PK\x07\x08": "this is one part of a split zip: put its parts together first (zip -s 0 IN.zip --out WHOLE.zip)",
    b"%PDF-": "this is a PDF: bring the data that it was made from",
    b"SQLite format 3\0": "this is a database of SQLite: write its tables as CSV or JSON",
    b"ARROW1": "this is an Arrow file: write it as Parquet",
    b"Obj\x01": "this is an Avro file: write it as Parquet or JSON",
    b"\xd0\xcf\x11\xe0": "this is an old document of Office: save it as CSV in UTF-8",
}
"""What is not read, by its first bytes, with what helps."""
_LONGEST_MAGIC = max(map(len, _OTHERS))


class UnreadableError(ValueError):
    """The bytes are not what they say they are; the words say how."""


class TooLargeError(UnreadableError):
    """There is more of it than is allowed."""


class ChunkReader(io.RawIOBase):
    """Chunks of bytes as a file to read from."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = memoryview(b"")
        self.taken = 0

    def readable(self) -> bool:
        """Say so."""
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override] # whatever can be written to
        """Read what is at hand, at most what fits."""
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = memoryview(chunk)
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        self.taken += size
        return size


def peek(chunks: Iterable[bytes], least: int) -> tuple[bytes, Iterator[bytes]]:
    """Return the first bytes, at least that many if there are, and all chunks from the beginning."""
    begun, rest = b"", iter(chunks)
    while len(begun) < least and (chunk := next(rest, None)) is not None:
        begun += chunk
    return begun, chain([begun] if begun else [], rest)


def unpacked(chunks: Iterable[bytes], limit: int, window: int = _WIDEST_WINDOW) -> Iterator[bytes]:
    """Yield what is in there, at most `limit` bytes; `window` is the widest of zstd, as a power of two.

    Raises UnreadableError, TooLargeError.
    """
    first, chunks = peek(chunks, _LONGEST_MAGIC)
    for _ in range(MOST_LAYERS):
        if not first.startswith((GZIP, ZSTD)):
            break
        chunks = _inflated(first, chunks, window)
        first, chunks = peek(chunks, _LONGEST_MAGIC)
    check_known(first)
    return bounded(chunks, limit)


def check_known(head: bytes) -> None:
    """Raise UnreadableError, with advice, for what begins as a file that is not read."""
    for magic, advice in _OTHERS.items():
        if head.startswith(magic):
            raise UnreadableError(advice)


def unpacked_head(head: bytes, most: int) -> bytes:
    """Return what the first bytes of a packed file unpack to, at most so many; those of any other as they are."""
    for _ in range(MOST_LAYERS):
        try:
            if head.startswith(GZIP):
                head = zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(head, most)
            elif head.startswith(ZSTD):
                head = zstd.ZstdDecompressor().decompress(head, most)
        except (zlib.error, zstd.ZstdError):
            return head
    return head


def inflated(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Yield what a stream that is said to be gzip or zstd holds. Raises UnreadableError."""
    first, chunks = peek(chunks, len(ZSTD))
    if first and not first.startswith({"gzip": GZIP, "zstd": ZSTD}[encoding]):
        raise UnreadableError(f"the body is not {encoding}")
    if first:
        yield from _inflated(first, chunks)


def _inflated(first: bytes, chunks: Iterator[bytes], window: int = _WIDEST_WINDOW) -> Iterator[bytes]:
    reader, size = ChunkReader(chunks), 0
    packed = cast("BinaryIO", io.BufferedReader(cast("io.RawIOBase", reader), CHUNK_BYTES))
    name = "gzip" if first.startswith(GZIP) else "zstd"
    try:
        with _opened(packed, name, window) as file:
            while chunk := file.read(CHUNK_BYTES):
                size += len(chunk)
                if size > max(MOST_TIMES * reader.taken, MOST_TIMES_FROM_BYTES):
                    raise TooLargeError(f"it unpacks to more than {MOST_TIMES} times its size")
                yield chunk
    except EOFError:
        raise UnreadableError(f"the {name} stream ends too early") from None
    except (gzip.BadGzipFile, zlib.error, zstd.ZstdError) as error:
        raise UnreadableError(f"the {name} stream is broken: {error}") from None


def _opened(packed: BinaryIO, name: str, window: int) -> BinaryIO:
    if name == "gzip":
        return cast("BinaryIO", gzip.GzipFile(fileobj=packed))
    options = {int(zstd.DecompressionParameter.window_log_max): window}
    return cast("BinaryIO", zstd.ZstdFile(packed, options=options))


def bounded(chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """Yield chunks up to a limit. Raises TooLargeError."""
    passed = 0
    for chunk in chunks:
        passed += len(chunk)
        if passed > limit:
            raise TooLargeError(f"it unpacks to more than {limit:,} bytes")
        yield chunk


_PLAIN = re.compile(r"(?:\w[\w. -]*/)*\w[\w. -]*")
"""A name that neither program takes for an option, a pattern or a list of names."""

MAGIC = b"7z\xbc\xaf\x27\x1c"
NO_PROGRAM = "this is packed as 7z: unpack it first, or install bsdtar (libarchive-tools) or 7z, which unpacks it here"
_DAMAGED = "the 7z file is damaged, or packed in a way that is not read here"


class _Program(NamedTuple):
    """How a program lists a file's entries, one a line after `before`, and how it writes one out."""

    name: str
    to_list: tuple[str, ...]
    before: str
    to_unpack: tuple[str, ...]


_PROGRAMS = (
    _Program("bsdtar", ("-tf",), "", ("-xOf",)),
    *(_Program(name, ("l", "-ba", "-slt"), "Path = ", ("x", "-so")) for name in ("7zz", "7z", "7za")),
)


class PackedFile:
    """A file in a 7z file, which is opened as a Path is."""

    def __init__(self, archive: Path, entry: str, program: _Program) -> None:
        self.name = entry.rpartition("/")[2]
        self._archive, self._entry, self._program = archive, entry, program

    @contextmanager
    def open(self, mode: str = "rb") -> Iterator[IO[bytes]]:
        """Unpack it as it is read. Raises UnreadableError where the program fails before all is read."""
        del mode
        with subprocess.Popen(  # noqa: S603 no shell, and no name that could be an option
            [self._program.name, *self._program.to_unpack, self._archive.absolute(), self._entry],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as running:
            if running.stdout is None:
                raise UnreadableError(_DAMAGED)
            try:
                yield running.stdout
                is_whole = not running.stdout.read(1)
            except GeneratorExit:
                is_whole = False
                raise
            finally:
                running.kill()
            if is_whole and running.wait() > 0:
                raise UnreadableError(_DAMAGED)


def is_packed(path: Path) -> bool:
    """Say whether a file is a 7z file."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def files_in(archive: Path) -> list[PackedFile]:
    """Return the files in a 7z file. Raises UnreadableError, which says what to install where no program is found."""
    program = next((each for each in _PROGRAMS if shutil.which(each.name)), None)
    if program is None:
        raise UnreadableError(NO_PROGRAM)
    ran = subprocess.run(  # noqa: S603 as above
        [program.name, *program.to_list, archive.absolute()],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if ran.returncode:
        raise UnreadableError(_DAMAGED)
    names = (line.removeprefix(program.before) for line in ran.stdout.splitlines() if line.startswith(program.before))
    return [PackedFile(archive, name, program) for name in names if _PLAIN.fullmatch(name)]
