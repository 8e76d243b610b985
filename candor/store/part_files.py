"""The parts of data sets as files of the storage, which all machines see: written once, written anew, deleted."""

from __future__ import annotations

import hashlib
import secrets
from functools import partial
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from candor.store.drafts import DRAFT
from candor.store.models import DAY_S
from candor.store.parts import (
    SUFFIX,
    Part,
    are_among,
    ascending,
    connected,
    record_digests,
    rows_with,
    slices,
    write_part,
    write_some,
)
from candor.store.storage import checksum_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from pathlib import Path

    import duckdb
    from numpy.typing import NDArray

    from candor.scoring.table import Table
    from candor.store.own_storage import OwnStorage
    from candor.store.table_cache import TableCache
    from candor.store.table_without import Rest

    Parts = tuple[Part, ...]
    Keep = Callable[[Part, Path, NDArray[np.bool_]], None]

UNCLAIMED_S = 3600
SMALL_RECORDS = 60_000


class PartFiles:
    """Parts of data sets. Each is found by its name, which only whoever knows its owner and id can guess."""

    def __init__(self, storage: OwnStorage, cache: TableCache) -> None:
        self._storage = storage
        self._cache = cache
        self.confirm_storage = storage.confirm

    @property
    def scratch(self) -> Path:
        """Where files without a name can be made."""
        return self._cache.scratch

    def has(self, parts: Parts) -> bool:
        """Tell whether anything is left of the parts."""
        return any(self._storage.state(part.name) is not None for part in parts)

    def state(self, parts: Parts) -> object:
        """Return what a change to the parts changes."""
        return tuple(self._storage.state(part.name) for part in parts)

    def write(
        self,
        owner: str,
        dataset_id: str,
        table: Table,
        rows: NDArray[np.int64],
        *,
        upload: int,
        like: str | None = None,
    ) -> Parts:
        """Write rows of a table as parts, one at least, or none when that fails; as old as the part `like`."""
        parts: list[Part] = []
        named = part_prefix(owner, dataset_id)
        try:
            for some in slices(table, rows):
                part = self._write(named, partial(write_part, table, some, scratch=self.scratch), like)
                parts.append(msgspec.structs.replace(part, records=some.size, upload=upload))
        except BaseException:
            self.delete(tuple(parts))
            raise
        return tuple(parts)

    def merge(self, owner: str, dataset_id: str, parts: Parts, table: Table) -> Parts:
        """Return parts that hold what these do, their table: large ones as they are, the small ones as few."""
        return self.rewrite(owner, dataset_id, parts, table, but=[part for part in parts if is_small(part)])

    def rewrite(
        self,
        owner: str,
        dataset_id: str,
        all_parts: Parts,
        table: Table,
        *,
        but: Collection[Part] = (),
        rest: Rest | None = None,
    ) -> Parts:
        """Return parts that hold what the table does and nothing else: those that do already, others written anew.

        What is in parts that are not to stay, `but`, is written anew, too. No record is in two of the parts then.
        `rest` says what makes the table differ, where each record of the parts was in one table: it is faster then.
        """
        parts = [part for part in all_parts if part not in but]
        made: list[Part] = []
        try:
            with connected(self.scratch) as connection:
                keep = partial(self._keep_some, made, connection)
                if rest is None:
                    rows = self._keep_wanted(connection, parts, table, keep)
                else:
                    rows = rest.anew
                    self._keep_but_for(connection, parts, rest.gone, keep)
            if rows.size or not made:
                made += self.write(
                    owner,
                    dataset_id,
                    table,
                    rows,
                    upload=max(part.upload for part in all_parts),
                    like=all_parts[-1].name,
                )
        except BaseException:
            self.delete(made, but=all_parts)
            raise
        return tuple(sorted(made, key=lambda part: part.upload))

    def delete(self, parts: Sequence[Part], but: Sequence[Part] = ()) -> bool:
        """Delete parts `but` for some; False when none is there."""
        deleted = [self._storage.delete(part.name) for part in parts if part not in but]
        return any(deleted)

    def delete_all_of(self, owner: str, dataset_id: str) -> None:
        """Delete every part of a data set of which nobody can tell which they are."""
        for name, *_ in list(self._storage.names()):
            if name.startswith(f"{part_prefix(owner, dataset_id)}-"):
                self._storage.delete(name)

    def delete_unclaimed(self, claimed: Iterable[Parts]) -> None:
        """Delete whatever has lain here for an hour, whoever may be in it, but for the `claimed` parts."""
        names = {part.name for parts in claimed for part in parts}
        for name, _, here_s in self._storage.names():
            if name.endswith(SUFFIX) and here_s > UNCLAIMED_S and name not in names:
                self._storage.delete(name)

    def delete_expired(self, life_s: float, claimed: Collection[Parts], since_erasure_s: float) -> None:
        """Delete the parts of sets to which nothing was added for so long, and what broken uploads left a day ago.

        Parts of a set that is known stay; others wait as long, for whoever puts Redis back from a backup, but for those
        of work that the last erasure may have found under way: who was erased may be in them.
        """
        names = {part.name for parts in claimed for part in parts}
        found = list(self._storage.names())
        youngest_s: dict[str, float] = {}
        for name, age_s, _ in found:
            of = name.partition("-")[0]
            youngest_s[of] = min(age_s, youngest_s.get(of, age_s))
        for name, age_s, here_s in found:
            over = age_s > DAY_S if name.endswith(DRAFT) else youngest_s[name.partition("-")[0]] > life_s + DAY_S
            over = over or here_s > max(UNCLAIMED_S, since_erasure_s - UNCLAIMED_S)
            if over and name not in names:
                self._storage.delete(name)

    def _keep_wanted(
        self, connection: duckdb.DuckDBPyConnection, parts: Sequence[Part], table: Table, keep: Keep
    ) -> NDArray[np.int64]:
        """Keep of the parts what the table has, but for what is in newer ones; return the rows that are in none."""
        wanted = np.ascontiguousarray(table.digests).view(np.int64)
        left = wanted
        for each in sorted({part.upload for part in parts}, reverse=True):
            there, sought = [], ascending(left)
            for part in [part for part in parts if part.upload == each]:
                with self._storage.reading(part.name, part.checksum) as path:
                    digests = record_digests(path, connection)
                    kept = are_among(digests, sought)
                    there.append(digests[kept])
                    keep(part, path, kept)
            left = left[~are_among(left, ascending(np.concatenate(there)))]
        return np.flatnonzero(are_among(wanted, ascending(left)))

    def _keep_but_for(
        self, connection: duckdb.DuckDBPyConnection, parts: Sequence[Part], gone: NDArray[np.uint8], keep: Keep
    ) -> None:
        """Keep of the parts all but the records of some digests."""
        for part in parts:
            with self._storage.reading(part.name, part.checksum) as path:
                kept = np.ones(part.records, np.bool_)
                kept[rows_with(path, gone, connection)] = False
                keep(part, path, kept)

    def _keep_some(
        self,
        made: list[Part],
        connection: duckdb.DuckDBPyConnection,
        part: Part,
        path: Path,
        kept: NDArray[np.bool_],
    ) -> None:
        """Add a part to those made: as it is where all of it is kept, or written anew."""
        if kept.all():
            made.append(part)
        elif kept.any():
            write = partial(write_some, path, kept, connection=connection)
            new = self._write(part.name.partition("-")[0], write, part.name)
            made.append(msgspec.structs.replace(new, records=int(kept.sum()), upload=part.upload))

    def _write(self, named: str, write: Callable[[Path], None], like: str | None) -> Part:
        """Keep a new part."""
        name = f"{named}-{secrets.token_hex(8)}{SUFFIX}"
        draft = self._storage.draft(name)
        try:
            write(draft)
            part = Part(name=name, records=0, bytes=draft.stat().st_size, checksum=checksum_of(draft))
            self._storage.keep(draft, name, like)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        return part


def is_small(part: Part) -> bool:
    """Tell whether a part is better merged with others."""
    return part.records < SMALL_RECORDS


def part_prefix(owner: str, dataset_id: str) -> str:
    """Return what the parts of a data set have in common: their names begin with it."""
    return hashlib.sha256(msgspec.json.encode([owner, dataset_id])).hexdigest()[:24]
