"""Index of the records of a data set: what adding to it has to know of them, so that it need not read them all.

It is made of a table once on each machine and never changed: what was added since is read from the parts that brought
it, until that is much and another is made of both. Everything in it may be lost.
"""

from __future__ import annotations

import secrets
import zlib
from hashlib import sha256
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec
import numpy as np

from candor.scoring.arrays import changes, is_among
from candor.scoring.record_digest import DIGEST_BYTES
from candor.store.text_words import hashed, mixed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from candor.scoring.table import Table

    Hashes = NDArray[np.uint64]
    Entries = NDArray[
        Any
    ]  # of records: hash of the id, digest, and hashes of the id acted on and of who did it, 0 for none

_DIGEST = f"S{DIGEST_BYTES}"
_ENTRY = np.dtype([("key", "<u8"), ("digest", f"V{DIGEST_BYTES}"), ("object", "<u8"), ("actor", "<u8")])
_BLOCK = 128  # a thousand records stand in nearly as many blocks: of each little is read
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

    def find(self, keys: Hashes) -> Entries:
        """Return the entries of those of some keys, distinct and ascending, that are there.

        Raises DamagedIndexError.
        """
        numbers = np.searchsorted(self._first, keys, "right") - 1
        there = numbers[changes(numbers) & (numbers >= 0)] if keys.size else numbers
        entries = np.frombuffer(b"".join(map(self._block, there.tolist())), _ENTRY)
        if not entries.size:
            return entries
        known = np.ascontiguousarray(entries["key"])
        at = np.minimum(np.searchsorted(known, keys), known.size - 1)
        found: Entries = entries[at[known[at] == keys]]
        return found

    def strays(self) -> Hashes:
        """Return the objects that are the id of no record, ascending, as often as they are acted on."""
        raw = self._at(self._strays_at, 8 * self._head.strays)
        if zlib.crc32(raw) != self._head.crc_of_strays:
            raise DamagedIndexError
        return np.frombuffer(raw, "<u8")

    def digest_with(self, added: Entries, gone: Entries) -> str:
        """Return the digest of all records, those added among them and those gone not: record_digest.combined."""
        whole = sha256()
        for digests in self._digests_with(added, gone):
            whole.update(digests.data)
        return "sha256:" + whole.hexdigest()

    def write_with(self, added: Entries, gone: Entries, file: BinaryIO) -> bool:
        """Write the index with entries added, ascending, in the place of those gone. Raises DamagedIndexError."""
        entries = np.frombuffer(b"".join(map(self._block, range(self._first.size))), _ENTRY)
        entries = np.delete(entries, np.searchsorted(entries["key"], gone["key"]))
        entries = np.insert(entries, np.searchsorted(entries["key"], added["key"]), added)
        strays = self._strays_with(added, gone)
        _write(file, self.seed, entries, strays, np.concatenate([*self._digests_with(added, gone)]))
        return True

    def _strays_with(self, added: Entries, gone: Entries) -> Hashes:
        """Return the strays, ascending, with entries added in the place of those gone."""
        strays, objects = self.strays(), np.sort(gone["object"])
        at = np.searchsorted(strays, objects) + np.arange(objects.size) - np.searchsorted(objects, objects)
        left = np.delete(strays, at[at < np.searchsorted(strays, objects, "right")])
        left = left[~among(left, added["key"])]
        acted_on = added["object"][(added["object"] != _NONE) & ~among(added["object"], added["key"])]
        more = np.sort(acted_on[~among(acted_on, self.find(distinct_hashes(acted_on))["key"])])
        return np.insert(left, np.searchsorted(left, more), more)

    def _digests_with(self, added: Entries, gone: Entries) -> Iterator[NDArray[Any]]:
        """Yield the digests of all records, ascending, one or more at a time."""
        checksum = 0
        more, less = (np.sort(np.ascontiguousarray(each["digest"]).view(_DIGEST)) for each in (added, gone))
        for first in range(0, len(self), _DIGESTS_AT_ONCE):
            size = min(_DIGESTS_AT_ONCE, len(self) - first)
            raw = self._at(self._digests_at + DIGEST_BYTES * first, DIGEST_BYTES * size)
            checksum = zlib.crc32(raw, checksum)
            digests = np.frombuffer(raw, _DIGEST)
            until = more.size if first + size == len(self) else int(np.searchsorted(more, digests[-1]))
            mine, more = more[:until], more[until:]
            yield from _replaced(digests, mine, less[(less >= digests[0]) & (less <= digests[-1])])
        if checksum != self._head.crc_of_digests:
            raise DamagedIndexError
        yield more

    def _block(self, number: int) -> bytes:
        """Read the entries of a block."""
        size = min(_BLOCK, len(self) - number * _BLOCK)
        raw = self._at(self._entries_at + number * _BLOCK * _ENTRY.itemsize, size * _ENTRY.itemsize)
        if zlib.crc32(raw) != self._checksums[number]:
            raise DamagedIndexError
        return raw

    def _at(self, first: int, size: int) -> bytes:
        self._file.seek(first)
        raw = self._file.read(size)
        if len(raw) != size:
            raise DamagedIndexError
        return raw


def _replaced(digests: NDArray[Any], added: NDArray[Any], gone: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """Yield digests with those added among them and those gone not, all ascending: no copy is made of what stays."""
    more = ((at, 0, place) for place, at in enumerate(np.searchsorted(digests, added).tolist()))
    less = ((at, 1, place) for place, at in enumerate(np.searchsorted(digests, gone).tolist()))
    begin = 0
    for at, is_gone, place in sorted((*more, *less)):
        yield digests[begin:at]
        if not is_gone:
            yield added[place : place + 1]
        begin = at + is_gone
    yield digests[begin:]


def write_index(table: Table, file: BinaryIO) -> bool:
    """Write the index of a table; False, and nothing, where records share a key or accounts have ids."""
    seed = secrets.randbits(63)
    entries = entries_of(table, seed)
    if (table.ids.row >= table.acts).any() or has_twice(entries):
        return False
    ids = entries["key"]
    acted_on = np.sort(entries["object"][entries["object"] != _NONE])
    at = np.searchsorted(ids, acted_on)
    at[at == ids.size] = 0
    strays = acted_on[ids[at] != acted_on] if ids.size else acted_on
    digests = np.sort(np.ascontiguousarray(table.digests).reshape(-1).view(_DIGEST))
    _write(file, seed, entries, strays, digests)
    return True


def _write(file: BinaryIO, seed: int, entries: Entries, strays: Hashes, digests: NDArray[Any]) -> None:
    """Write an index of entries, strays and digests, all ascending."""
    starts = range(0, entries.size, _BLOCK)
    checksums = [zlib.crc32(entries[first : first + _BLOCK].tobytes()) for first in starts]
    edges = np.array([entries["key"][::_BLOCK], np.array(checksums, np.uint64)], "<u8").tobytes()
    sums = (zlib.crc32(each) for each in (edges, strays.tobytes(), digests.data))
    head = msgspec.json.encode(_Head(seed, entries.size, strays.size, *sums))
    file.write(len(head).to_bytes(8, "little") + head)
    file.writelines((entries.tobytes(), edges, strays.tobytes(), digests.data))
    file.flush()


def entries_of(table: Table, seed: int) -> Entries:
    """Return an entry for each row, by key: `key`, `digest`, `object` and `actor`."""
    size = len(table)
    ids = np.zeros(size, np.uint64)
    ids[table.ids.row] = hashed(table.ids, seed)
    accounts = np.arange(table.acts, size)
    people = hashed(table.people, seed)
    ids[accounts] = moment_keys(people[table.actor[accounts]], np.asarray(table.published[accounts]))
    objects = np.concatenate((ids[: table.acts], np.zeros(size - table.acts, np.uint64), hashed(table.objects, seed)))
    digests = np.ascontiguousarray(table.digests).reshape(-1)
    return made_of(ids, digests, np.append(objects, _NONE)[table.object], np.append(people, _NONE)[table.actor])


def made_of(keys: Hashes, digests: NDArray[np.uint8], objects: Hashes, actors: Hashes) -> Entries:
    """Return entries, by key; digests are one behind the other."""
    order = np.argsort(keys)
    entries = np.zeros(keys.size, _ENTRY)
    entries["key"] = keys[order]
    entries["digest"] = digests.view(f"V{DIGEST_BYTES}")[order]
    entries["object"] = objects[order]
    entries["actor"] = actors[order]
    return entries


def has_twice(entries: Entries) -> bool:
    """Tell whether two of some entries, by key, share one."""
    return bool((entries["key"][1:] == entries["key"][:-1]).any())


def among(keys: Hashes, others: Hashes) -> NDArray[np.bool_]:
    """Say which keys are among others: numpy.isin takes twenty times as long with 64 bits that say nothing."""
    return is_among(keys.view(np.int64), np.sort(others.view(np.int64)))


def distinct_hashes(keys: Hashes) -> Hashes:
    """Return each key once, ascending."""
    ascending = np.sort(keys)
    return ascending[changes(ascending.view(np.int64))] if keys.size else ascending


def newest(before: Entries, after: Entries) -> Entries:
    """Return two lists of entries as one, by key, in which those after take the place of those before."""
    left = before[~among(before["key"], after["key"])]
    return np.insert(left, np.searchsorted(left["key"], after["key"]), after)


def moment_keys(people: Hashes, published: NDArray[np.int64]) -> Hashes:
    """Return the keys of accounts as they were seen at some moments."""
    return mixed((people ^ published.astype(np.uint64)) + np.uint64(1))
