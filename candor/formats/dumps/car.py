"""A Bluesky account's repository as its server exports it (com.atproto.sync.getRepo): a CAR file of DAG-CBOR blocks."""

from __future__ import annotations

import io
import tempfile
from array import array
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import cbor2
import msgspec
import numpy as np

from candor.formats.compression import GZIP, ZSTD
from candor.formats.dumps.bluesky_records import TELLING, Accounts
from candor.formats.dumps.dump import DumpError, Format, FormatFacts, Run, chunks_of
from candor.formats.dumps.objects import objects_in
from candor.formats.dumps.tap import written_at
from candor.formats.dumps.uploaded import Kinds
from candor.formats.reading import MALFORMED, read_item
from candor.scoring.written_times import time_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from candor.scoring.activity import Activity

FACTS = FormatFacts(
    id="car",
    label="Bluesky repository",
    files="the CAR file of an account, as its server or the app's export gives it; several accounts as several files; "
    "or the JSON of com.atproto.repo.listRecords",
    network="bluesky",
    account="DID",
    question="none: a post that answers none is a note",
    answer="a reply; a post with a post in it is a quote, a repost a reshare; places on curated lists and in starter "
    "packs; each dated as it says itself",
    accept="none: answers cannot be accepted there",
    lost="what others did, pictures, blocks and settings; what was deleted before; all of an account that asks not to "
    "be shown to strangers, counted",
)
_LINK = 42
_NO_REPOSITORY = "this is no repository as Bluesky exports it"
_UNKNOWN = datetime(1970, 1, 1, tzinfo=UTC)
_SHA_256, _V1, _DIGEST = b"\x12\x20", 1, 32
_PARTS = _DIGEST // 8
_LONGEST_BLOCK_BYTES = 2 * 2**20
_LONGEST_KEY_BYTES = 1024
_LONGEST_VARINT = 9
_MOST_BLOCKS = 4_000_000
_MOST_READ = 8
"""So many times its size may be read of a file: a record, and the begin of a key, may be named again and again."""


class _Listed(msgspec.Struct):
    """A record with its address."""

    uri: str
    value: dict[str, Any]

    @property
    def place(self) -> tuple[str, str]:
        """The account, and COLLECTION/KEY."""
        did, _, key = self.uri.removeprefix("at://").partition("/")
        return did, key


class _Page(msgspec.Struct):
    records: list[msgspec.Raw] = []


class _Entry(NamedTuple):
    """A key, COLLECTION/KEY, and the link to the block of its record."""

    key: str
    link: bytes


def read(paths: Sequence[Path], run: Run) -> Iterator[Activity]:
    """Yield the records of repositories, in the order of their keys. Raises DumpError."""
    yield from run.each_file(paths, lambda path: _listed(path, run) if _is_listed(path) else _account(path, run))


def _account(path: Path, run: Run) -> Iterator[Activity]:
    with _unpacked(path) as file:
        repository, accounts = _Repository(file), Accounts()
        for entry in repository.entries():
            if entry.key.partition("/")[0] in TELLING:
                _take_in(repository, accounts, entry)
        yield from accounts.declined()
        yield from run.each(repository.entries(), _Entry, partial(_said, repository, accounts, run))


def _is_listed(path: Path) -> bool:
    """Say whether a file holds JSON, as com.atproto.repo.listRecords gives the records of one collection."""
    with chunks_of(path) as chunks:
        return next(iter(chunks), b"").lstrip()[:1] in {b"{", b"["}


def _listed(path: Path, run: Run) -> Iterator[Activity]:
    accounts, is_empty = Accounts(), True
    for each in _records_listed(path):
        is_empty, (did, key) = False, each.place
        if key.partition("/")[0] in TELLING:
            accounts.take_in(did, key, each.value, time_of(each.value.get("createdAt"))[0] or _UNKNOWN)
    if is_empty:
        raise DumpError(_NO_REPOSITORY)
    yield from accounts.declined()
    yield from run.each(_records_listed(path), _Listed, partial(_said_in_list, accounts, run))


def _records_listed(path: Path) -> Iterator[_Listed]:
    """Yield the records in pages of the interface, or one a line; what is none is left out."""
    for thing in objects_in(path):
        with suppress(*MALFORMED):
            page = read_item(thing, _Page)
            for each in page.records or [thing]:
                with suppress(*MALFORMED):
                    yield read_item(each, _Listed)


def _said_in_list(accounts: Accounts, run: Run, listed: _Listed) -> Iterator[Activity]:
    did, key = listed.place
    at, has_zone = time_of(listed.value.get("createdAt"))
    if at is None or not has_zone:
        run.left_out["undated"] += 1
        return
    yield from accounts.records_of(did, key, listed.value, at, run)


@contextmanager
def _unpacked(path: Path) -> Iterator[IO[bytes]]:
    """Open a repository, which is read in no order, so that one that is packed waits in a file without a name."""
    with path.open("rb") as file:
        if not file.read(len(ZSTD)).startswith((GZIP, ZSTD)):
            file.seek(0)
            yield file
            return
    with tempfile.TemporaryFile() as spool, chunks_of(path) as chunks:
        spool.writelines(chunks)
        spool.seek(0)
        yield spool


def _take_in(repository: _Repository, accounts: Accounts, entry: _Entry) -> None:
    """Note what a record says of others. One that is not in the file is counted when it is read again."""
    with suppress(LookupError):
        accounts.take_in(repository.did, entry.key, repository.block(entry.link), repository.at)


def _said(repository: _Repository, accounts: Accounts, run: Run, entry: _Entry) -> Iterator[Activity]:
    key, link = entry
    said = repository.block(link)
    at, has_zone = time_of(said.get("createdAt")) if isinstance(said, dict) else (None, False)
    if key.partition("/")[0] in TELLING:  # not all of these are dated
        at, has_zone = repository.at, True
    if not isinstance(said, dict) or at is None or not has_zone:
        run.left_out["undated" if isinstance(said, dict) else "malformed"] += 1
        return
    yield from accounts.records_of(repository.did, key, said, at, run)


class _Places:
    """Where the blocks of a file are, by digest: 52 bytes each."""

    def __init__(self) -> None:
        self._digests, self._first, self._size = bytearray(), array("q"), array("q")

    def add(self, digest: bytes, first: int, size: int) -> None:
        """Note where a block is. Raises DumpError where there are too many."""
        if len(self._first) >= _MOST_BLOCKS:
            raise DumpError(f"it has more than {_MOST_BLOCKS:,} blocks")
        self._digests += digest
        self._first.append(first)
        self._size.append(size)

    def sort(self) -> None:
        """Be ready to find: a file may call any number of blocks alike, in the whole or in the beginning."""
        parts = np.frombuffer(self._digests, ">u8").reshape(-1, _PARTS).astype(np.uint64)
        self._order = np.lexsort(parts.T[::-1])
        self._parts = [np.ascontiguousarray(part[self._order]) for part in parts.T]
        self._digests = bytearray()

    def find(self, digest: bytes) -> tuple[int, int]:
        """Return where a block begins, and its size; of several that are called alike the first. Raises KeyError."""
        begin, end = 0, len(self._order)
        for place, part in enumerate(self._parts):
            wanted = np.uint64(int.from_bytes(digest[8 * place : 8 * place + 8], "big"))
            within = part[begin:end]
            begin, end = (begin + int(within.searchsorted(wanted, side)) for side in ("left", "right"))
            if begin == end:
                raise KeyError(digest)
        row = int(self._order[begin])
        return self._first[row], self._size[row]


class _Repository:
    """Where each block of a file is, and what its tree of keys says; blocks are read when they are asked for."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._places = _Places()
        self._left = _LONGEST_BLOCK_BYTES + _MOST_READ * file.seek(0, io.SEEK_END)
        file.seek(0)
        try:
            header = _decoded(self._read(_varint(file)))
            self._find_blocks()
            commit = self.block(header["roots"][0])
            self.did, self._top = str(commit["did"]), commit["data"]
            self.at = written_at(commit.get("rev")) or _UNKNOWN
        except (LookupError, TypeError, AttributeError, OSError) as error:
            raise DumpError(_NO_REPOSITORY) from error

    def block(self, link: bytes) -> Any:  # noqa: ANN401 whatever CBOR holds
        """Return what a block holds. Raises DumpError, KeyError where it is not in the file."""
        if not isinstance(link, bytes) or link[-_DIGEST - len(_SHA_256) : -_DIGEST] != _SHA_256:
            raise KeyError(link)
        first, size = self._places.find(link[-_DIGEST:])
        self._spend(size)
        self._file.seek(first)
        return _decoded(self._read(size))

    def _spend(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise DumpError("it names the same records, or long keys, again and again")

    def entries(self) -> Iterator[_Entry]:
        """Yield each key of the tree with the block of its record, in order. Raises DumpError."""
        seen: set[bytes] = set()
        waiting: list[_Entry | bytes] = [self._top]
        while waiting:
            self._spend(0)
            item = waiting.pop()
            if isinstance(item, _Entry):
                yield item
            elif item not in seen:
                seen.add(item)
                waiting += reversed(list(self._node(item)))

    def _node(self, link: bytes) -> Iterator[_Entry | bytes]:
        """Yield what stands in a node of the tree: nodes below, and keys, each of which begins as the one before."""
        try:
            node, key = self.block(link), b""
            if node.get("l") is not None:
                yield node["l"]
            for entry in node.get("e", ()):
                key = key[: entry["p"]] + entry["k"]
                if len(key) > _LONGEST_KEY_BYTES:
                    raise DumpError(f"a key in it is longer than {_LONGEST_KEY_BYTES:,} bytes")
                self._spend(len(key))
                yield _Entry(key.decode(), entry["v"])
                if entry.get("t") is not None:
                    yield entry["t"]
        except (LookupError, TypeError, AttributeError, UnicodeError) as error:
            raise DumpError("its tree of keys is damaged, or a part of it is not in the file") from error

    def _find_blocks(self) -> None:
        """Note where each block is."""
        while (size := _varint(self._file, may_end=True)) is not None:
            start = self._file.tell()
            digest = self._digest()
            first = self._file.tell()
            if first > start + size:
                raise DumpError("a block in it is shorter than its link")
            self._places.add(digest, first, start + size - first)
            self._file.seek(start + size)
        self._places.sort()

    def _digest(self) -> bytes:
        """Read a CID, of version 0, or of version 1 with its codec; its hash is SHA-256, as everywhere at Bluesky."""
        begun = self._read(len(_SHA_256))
        if begun != _SHA_256 and (begun[0] != _V1 or self._read(len(_SHA_256)) != _SHA_256):
            raise DumpError("a link in it is of an unknown kind")
        return self._read(_DIGEST)

    def _read(self, size: int | None) -> bytes:
        if size is None or not 0 <= size <= _LONGEST_BLOCK_BYTES:
            raise DumpError("a block in it is too long")
        body = self._file.read(size)
        if len(body) != size:
            raise DumpError("it ends too early")
        return body


def _varint(file: IO[bytes], *, may_end: bool = False) -> int | None:
    """Read an unsigned LEB128 number; None at the end of the file. Raises DumpError."""
    number = 0
    for place in range(_LONGEST_VARINT):
        byte = file.read(1)
        if not byte:
            if may_end and place == 0:
                return None
            raise DumpError("it ends too early")
        number |= (byte[0] & 0x7F) << (7 * place)
        if byte[0] < 0x80:  # the highest bit says that there is more
            return number
    raise DumpError("a number in it is too long")


def _decoded(block: bytes) -> Any:  # noqa: ANN401 whatever CBOR holds
    try:
        return cbor2.loads(block, tag_hook=_linked, allow_indefinite=False, strict_hashable_types=True)
    except (cbor2.CBORDecodeError, UnicodeError, RecursionError) as error:
        raise DumpError("a block in it is not CBOR") from error


def _linked(tag: cbor2.CBORTag, immutable: bool) -> Any:  # noqa: ANN401, FBT001 as cbor2 calls it
    """Return a link as the bytes of its CID."""
    del immutable
    return tag.value[1:] if tag.tag == _LINK and isinstance(tag.value, bytes) else None


FORMAT = Format(FACTS, read, Kinds(ending=".car"))
