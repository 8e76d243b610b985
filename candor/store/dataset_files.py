"""The files that hold data sets: parts in the storage, which all machines see, and tables made of them on each."""

from __future__ import annotations

import hashlib
import secrets
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

import duckdb
import msgspec
import numpy as np

from candor.store import kept_copies
from candor.store.additions import Additions, WholeLookError
from candor.store.column_file import made_table
from candor.store.drafts import DRAFT
from candor.store.models import DAY_S
from candor.store.parts import (
    SUFFIX,
    Part,
    are_among,
    ascending,
    connected,
    keys_of,
    record_digests,
    rows_with,
    slices,
    write_part,
    write_some,
    write_table,
)
from candor.store.record_index import DamagedIndexError, RecordIndex, write_index
from candor.store.storage import DamagedFileError, checksum_of
from candor.store.table_cache import COPIES, SHINGLES
from candor.store.table_merge import TableMerge
from candor.store.table_without import write_without

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from numpy.typing import NDArray

    from candor.scoring.copies import Copies
    from candor.scoring.method import CopyRule
    from candor.scoring.table import Table
    from candor.store.additions import Added
    from candor.store.column_file import ColumnFile, Item
    from candor.store.kept_copies import KnownShingles
    from candor.store.own_storage import OwnStorage
    from candor.store.table_cache import TableCache
    from candor.store.table_without import Rest

    Parts = tuple[Part, ...]
    Keep = Callable[[Part, Path, NDArray[np.bool_]], None]

UNCLAIMED_S = 3600
SMALL_RECORDS = 60_000
MOST_SINCE = 100_000
"""Records that came since an index was made: of more a new one is made, of it and of them."""


class DatasetFiles:
    """Parts of data sets. Each is found by its name, which only whoever knows its owner and id can guess."""

    def __init__(self, storage: OwnStorage, cache: TableCache) -> None:
        self._storage = storage
        self._cache = cache
        self.confirm_storage = storage.confirm

    @property
    def scratch(self) -> Path:
        """Where files without a name can be made."""
        return self._cache.scratch

    def made(self, write: Callable[[ColumnFile], Item]) -> AbstractContextManager[tuple[Table, Item, BinaryIO]]:
        """Give the table that `write` writes, from a file that nobody else sees."""
        return made_table(self.scratch, write)

    def has(self, parts: Parts) -> bool:
        """Tell whether anything is left of the parts."""
        return any(self._storage.state(part.name) is not None for part in parts)

    def state(self, parts: Parts) -> object:
        """Return what a change to the parts changes."""
        return tuple(self._storage.state(part.name) for part in parts)

    def table(self, parts: Parts, is_current: Callable[[], bool]) -> Table:
        """Read the parts through, and return their table, which is kept at hand where a data set still has them then.

        Raises FileNotFoundError, DamagedFileError, OSError.
        """
        for part in parts:
            self._storage.check(part.name, part.checksum)
        table = self._cache.find(key_of(parts))
        if table is not None:
            return table
        for at_hand in _prefixes(parts, self._cache.keys()):
            if (old := self._cache.find(key_of(at_hand))) is not None:
                return self._merged(old, parts, len(at_hand), is_current)
        return self._made_of(parts, is_current)

    def copies(self, parts: Parts, table: Table, rule: CopyRule, is_current: Callable[[], bool]) -> Copies:
        """Return the near-copies among the posts of a table, which are kept at hand if it is that of the parts."""
        raw = self._cache.beside(key := key_of(parts), COPIES)
        if raw is not None and (kept := kept_copies.read_copies(raw, table, rule)) is not None:
            return kept
        found, shingles = kept_copies.copies_in(table, rule, self._shingles(parts, rule))
        if found.row.size >= kept_copies.WORTH_KEEPING:
            self._cache.keep_beside(key, COPIES, kept_copies.write_copies(found, table, rule))
            self._cache.keep_beside(key, SHINGLES, kept_copies.write_shingles(shingles, rule))
            if not is_current():
                self._cache.forget(key)
        return found

    def _shingles(self, parts: Parts, rule: CopyRule) -> KnownShingles:
        """Return what is at hand of the texts of the parts, or of as many first ones as whole uploads brought."""
        for some in _prefixes(parts, self._cache.with_beside(SHINGLES)):
            raw = self._cache.beside(key_of(some), SHINGLES)
            if raw is not None and (known := kept_copies.read_shingles(raw, rule)) is not None:
                return known
        return kept_copies.none_known()

    def added(
        self, parts: Parts, table: Table, examples: tuple[str, ...], most: int, is_current: Callable[[], bool]
    ) -> Added:
        """Return what the parts are with the records of a table; they are not read, but for what came last.

        An index that has to be made is kept where a data set still has the parts then. Raises WholeLookError where only
        the whole table can tell, and what `table` raises.
        """
        for part in parts:
            if self._storage.state(part.name) is None:
                raise FileNotFoundError(part.name)
        for indexed in _prefixes(parts, self._cache.indexed()):
            since = parts[len(indexed) :]
            try:
                with self._additions(indexed, since) as additions:
                    found = additions.with_table(table, examples, most)
                    if sum(part.records for part in since) > MOST_SINCE:
                        self._keep_index(parts, additions.write_index, is_current)
                        self._cache.drop_index(key_of(indexed))
                    return found
            except DamagedIndexError:
                self._cache.drop_index(key_of(indexed))
        try:
            self.make_index(parts, is_current)
            with self._additions(parts, ()) as additions:
                return additions.with_table(table, examples, most)
        except DamagedIndexError as error:
            raise WholeLookError from error

    def make_index(self, parts: Parts, is_current: Callable[[], bool]) -> None:
        """Keep an index of the parts at hand, unless there is one. Raises what `table` does."""
        if key_of(parts) not in self._cache.indexed():
            self._keep_index(parts, partial(write_index, self.table(parts, is_current)), is_current)

    @contextmanager
    def _additions(self, indexed: Parts, since: Parts) -> Iterator[Additions]:
        """Give what came with the parts since an index was made. Raises WholeLookError, DamagedIndexError."""
        with self._cache.index(key_of(indexed)) as file:
            if file is None:
                raise WholeLookError
            additions = Additions(RecordIndex(file))
            for part in since:
                with self._storage.reading(part.name, part.checksum) as path:
                    additions.add_part(keys_of(path, self.scratch))
            yield additions

    def _keep_index(self, parts: Parts, write: Callable[[BinaryIO], bool], is_current: Callable[[], bool]) -> None:
        self._cache.keep_index(key := key_of(parts), write)
        if not is_current():
            self._cache.drop_index(key)

    def _merged(self, old: Table, parts: Parts, known: int, is_current: Callable[[], bool]) -> Table:
        """Return the table of parts of which that of the first `known` is at hand, and keep it at hand."""
        with (
            self._reading(parts[known:]) as (new, _),
            self.made(TableMerge(old, new).write) as (table, _, file),
        ):
            self._keep_current(parts, file, is_current)
            return table

    def _made_of(self, parts: Parts, is_current: Callable[[], bool]) -> Table:
        """Return the table of parts, and keep it at hand."""
        with self._reading(parts) as (table, file):
            self._keep_current(parts, file, is_current)
            return table

    def _keep_current(self, parts: Parts, file: BinaryIO, is_current: Callable[[], bool]) -> None:
        self._cache.keep(key := key_of(parts), file)
        if not is_current():
            self._cache.forget(key)

    @contextmanager
    def _reading(self, parts: Parts) -> Iterator[tuple[Table, BinaryIO]]:
        with ExitStack() as opened:
            found = [(part, opened.enter_context(self._storage.reading(part.name, part.checksum))) for part in parts]
            try:
                with self.made(lambda file: write_table(found, file, self.scratch)) as (table, _, file):
                    yield table, file
            except duckdb.Error as error:
                raise DamagedFileError(f"a part of a data set cannot be read: {error}") from error

    def move_table(self, before: Parts, now: Parts, is_current: Callable[[], bool]) -> None:
        """Have the table at hand of some parts be that of others, which hold the same, where a data set has them."""
        self._cache.move(key_of(before), key_of(now))
        if not is_current():
            self._cache.forget(key_of(now))

    def keep_table(self, parts: Parts, file: BinaryIO) -> None:
        """Keep the table of the parts at hand."""
        self._cache.keep(key_of(parts), file)

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

    def without(self, table: Table, people: Collection[str]) -> Table:
        """Return a table without the people, from a file that nobody else sees: it goes with its last reader."""
        with self.made(lambda file: write_without(table, people, file)) as (left, _, _):
            return left

    def delete(self, parts: Sequence[Part], but: Sequence[Part] = ()) -> bool:
        """Delete parts `but` for some, and their table; False when none is there. Whoever has the table reads on."""
        gone = next((at for at, part in enumerate(parts) if part not in but), len(parts))
        for size in range(gone + 1, len(parts) + 1):
            self._cache.forget(key_of(parts[:size]))
        deleted = [self._storage.delete(part.name) for part in parts if part not in but]
        return any(deleted)

    def drop_tables(self, claimed: Iterable[Parts]) -> None:
        """Delete the tables at hand that are of other parts than these."""
        self._cache.sweep({key_of(parts[:size]) for parts in claimed for size in range(1, len(parts) + 1)})

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
        self.drop_tables(claimed)

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


def key_of(parts: Sequence[Part]) -> str:
    """Return the key of the table that is made of some parts."""
    return hashlib.sha256(msgspec.json.encode([part.name for part in parts])).hexdigest()[:32]


def _prefixes(parts: Parts, keys: Collection[str]) -> Iterator[Parts]:
    """Yield the parts, and as many first of them as whole uploads brought, that have a key; the most come first."""
    ends = [at for at in range(len(parts), 0, -1) if at == len(parts) or parts[at].upload != parts[at - 1].upload]
    return (parts[:at] for at in ends if key_of(parts[:at]) in keys)


def is_small(part: Part) -> bool:
    """Tell whether a part is better merged with others."""
    return part.records < SMALL_RECORDS


def part_prefix(owner: str, dataset_id: str) -> str:
    """Return what the parts of a data set have in common: their names begin with it."""
    return hashlib.sha256(msgspec.json.encode([owner, dataset_id])).hexdigest()[:24]
