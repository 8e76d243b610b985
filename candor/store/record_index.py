"""Index of the records of a data set: what adding to it has to know of them, so that it need not read them all.

It is made of a table once on each machine and never changed: what was added since is read from the parts that brought
it. Everything in it may be lost.
"""

from __future__ import annotations

import secrets
import zlib
from hashlib import sha256
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec
import numpy as np

from candor.scoring.arrays import changes
from candor.scoring.record_digest import DIGEST_BYTES
from candor.store.text_words import hashed, mixed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from candor.scoring.table import Table

    Hashes = NDArray[np.uint64]

_DIGEST = f"S{DIGEST_BYTES}"
_ENTRY = np.dtype([("key", "<u8"), ("digest", f"V{DIGEST_BYTES}"), ("object", "<u8")])
_BLOCK = 512
_DIGESTS_AT_ONCE = 65_536
_NONE = np.uint64(0)


class DamagedIndexError(Exception):
    """An index is not as it was written."""


class _Head(msgspec.Struct, frozen=True):
    """How many records there are, how many whose object is the id of none, and the CRC-32 of what follows."""

    seed: int
    entries: int
    strays: int
    crc_of_edges: int
    crc_of_strays: int
    crc_of_digests: int


class Entry(msgspec.Struct, frozen=True):
    """A record: its digest, and the hash of the id that it acts on, 0 for none."""

    digest: bytes
    object: int


class RecordIndex:
    """An index in a file: entries by the hash of their id, objects that are the id of no record, sorted digests.

    Records of accounts have no id: they are known by who and when. It is read piece by piece, and each piece checked.
    """

    def __init__(self, file: BinaryIO) -> None:
        """Read what it says of itself. Raises DamagedIndexError."""
        self._file = file
        try:
            size = int.from_bytes(self._at(0, 8), "little")
            self._head = msgspec.json.decode(self._at(8, min(size, 4096)), type=_Head)
        except msgspec.DecodeError as error:
            raise DamagedIndexError from error
        blocks = -(-self._head.entries // _BLOCK)
        self._entries_at = 8 + size
        self._edges_at = self._entries_at + self._head.entries * _ENTRY.itemsize
        self._strays_at = self._edges_at + 16 * blocks
        self._digests_at = self._strays_at + 8 * self._head.strays
        raw = self._at(self._edges_at, 16 * blocks)
        if zlib.crc32(raw) != self._head.crc_of_edges:
            raise DamagedIndexError
        edges = np.frombuffer(raw, "<u8").reshape(2, -1)
        self._first, self._checksums = edges[0], edges[1]

    @property
    def seed(self) -> int:
        """What hashes are made with."""
        return self._head.seed

    def __len__(self) -> int:
        return self._head.entries

    def find(self, keys: Sequence[int]) -> list[Entry | None]:
        """Return the records of some keys, or None. Raises DamagedIndexError."""
        found: dict[int, Entry | None] = dict.fromkeys(keys)
        ascending = np.sort(np.array(list(found), np.uint64))
        numbers = np.searchsorted(self._first, ascending, "right") - 1
        begins = np.flatnonzero(changes(numbers))
        for number, some in zip(numbers[begins].tolist(), np.split(ascending, begins[1:]), strict=bool(begins.size)):
            if number >= 0:
                found |= self._in_block(number, some)
        return [found[key] for key in keys]

    def strays(self) -> Hashes:
        """Return the objects that are the id of no record, ascending, as often as they are acted on."""
        raw = self._at(self._strays_at, 8 * self._head.strays)
        if zlib.crc32(raw) != self._head.crc_of_strays:
            raise DamagedIndexError
        return np.frombuffer(raw, "<u8")

    def digest_with(self, added: Sequence[bytes], gone: Sequence[bytes]) -> str:
        """Return the digest of all records, those added among them and those gone not: record_digest.combined."""
        whole, checksum = sha256(), 0
        more, less = (np.sort(np.array(each, _DIGEST)) for each in (added, gone))
        for first in range(0, len(self), _DIGESTS_AT_ONCE):
            size = min(_DIGESTS_AT_ONCE, len(self) - first)
            raw = self._at(self._digests_at + DIGEST_BYTES * first, DIGEST_BYTES * size)
            checksum = zlib.crc32(raw, checksum)
            digests = np.frombuffer(raw, _DIGEST)
            until = more.size if first + size == len(self) else int(np.searchsorted(more, digests[-1]))
            mine, more = more[:until], more[until:]
            digests = np.delete(digests, np.searchsorted(digests, less[(less >= digests[0]) & (less <= digests[-1])]))
            whole.update(np.insert(digests, np.searchsorted(digests, mine), mine).tobytes())
        if checksum != self._head.crc_of_digests:
            raise DamagedIndexError
        whole.update(more.tobytes())
        return "sha256:" + whole.hexdigest()

    def _in_block(self, number: int, keys: Hashes) -> dict[int, Entry]:
        """Return the records of those keys that are in a block."""
        size = min(_BLOCK, len(self) - number * _BLOCK)
        raw = self._at(self._entries_at + number * _BLOCK * _ENTRY.itemsize, size * _ENTRY.itemsize)
        if zlib.crc32(raw) != self._checksums[number]:
            raise DamagedIndexError
        block = np.frombuffer(raw, _ENTRY)
        at = np.minimum(np.searchsorted(block["key"], keys), size - 1)
        known = block["key"][at] == keys
        entries = (Entry(each["digest"].tobytes(), int(each["object"])) for each in block[at[known]])
        return dict(zip(keys[known].tolist(), entries, strict=True))

    def _at(self, first: int, size: int) -> bytes:
        self._file.seek(first)
        raw = self._file.read(size)
        if len(raw) != size:
            raise DamagedIndexError
        return raw


def write_index(table: Table, file: BinaryIO) -> bool:
    """Write the index of a table; False, and nothing, where records share a key or accounts have ids."""
    seed = secrets.randbits(63)
    entries = entries_of(table, seed)
    entries = entries[np.argsort(entries["key"])]
    named_accounts = bool((table.ids.row >= table.acts).any())
    if named_accounts or (entries["key"][1:] == entries["key"][:-1]).any():
        return False
    ids = entries["key"]
    acted_on = np.sort(entries["object"][entries["object"] != _NONE])
    at = np.searchsorted(ids, acted_on)
    at[at == ids.size] = 0
    strays = acted_on[ids[at] != acted_on] if ids.size else acted_on
    digests = np.sort(np.ascontiguousarray(table.digests).reshape(-1).view(_DIGEST))
    starts = range(0, entries.size, _BLOCK)
    checksums = [zlib.crc32(entries[first : first + _BLOCK].tobytes()) for first in starts]
    edges = np.array([ids[::_BLOCK], np.array(checksums, np.uint64)], "<u8").tobytes()
    head = msgspec.json.encode(
        _Head(
            seed,
            entries.size,
            strays.size,
            zlib.crc32(edges),
            zlib.crc32(strays.tobytes()),
            zlib.crc32(digests.data),
        )
    )
    file.write(len(head).to_bytes(8, "little") + head)
    file.writelines((entries.tobytes(), edges, strays.tobytes(), digests.data))
    file.flush()
    return True


def entries_of(table: Table, seed: int) -> NDArray[Any]:
    """Return an entry for each row: `key`, `digest` and `object`."""
    size = len(table)
    ids = np.zeros(size, np.uint64)
    ids[table.ids.row] = hashed(table.ids, seed)
    accounts = np.arange(table.acts, size)
    people = hashed(table.people, seed)
    ids[accounts] = moment_keys(people[table.actor[accounts]], np.asarray(table.published[accounts]))
    objects = np.concatenate((ids[: table.acts], np.zeros(size - table.acts, np.uint64), hashed(table.objects, seed)))
    entries = np.zeros(size, _ENTRY)
    entries["key"] = ids
    entries["digest"] = np.ascontiguousarray(table.digests).reshape(-1).view(f"V{DIGEST_BYTES}")
    entries["object"] = np.append(objects, _NONE)[table.object]
    return entries


def moment_keys(people: Hashes, published: NDArray[np.int64]) -> Hashes:
    """Return the keys of accounts as they were seen at some moments."""
    return mixed((people ^ published.astype(np.uint64)) + np.uint64(1))
