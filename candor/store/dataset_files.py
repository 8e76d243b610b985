"""The files that hold data sets: parts in the storage, which all machines see, and tables made of them on each."""

from __future__ import annotations

import hashlib
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

import duckdb
import msgspec

from candor.store import kept_copies
from candor.store.additions import Additions, WholeLookError
from candor.store.column_file import made_table
from candor.store.part_files import PartFiles
from candor.store.parts import Part, keys_of, write_table
from candor.store.record_index import DamagedIndexError, RecordIndex, write_index
from candor.store.storage import DamagedFileError
from candor.store.table_cache import COPIES, SHINGLES
from candor.store.table_merge import TableMerge
from candor.store.table_without import write_without

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from candor.scoring.copies import Copies
    from candor.scoring.method import CopyRule
    from candor.scoring.table import Table
    from candor.store.additions import Added, ReadRecords
    from candor.store.column_file import ColumnFile, Item
    from candor.store.kept_copies import KnownShingles

    Parts = tuple[Part, ...]

MOST_SINCE = 100_000
"""Records that came since an index was made: of more a new one is made, of it and of them."""


class DatasetFiles(PartFiles):
    """Parts, and beside them on this machine what is made of them: tables, indexes, near-copies."""

    def made(self, write: Callable[[ColumnFile], Item]) -> AbstractContextManager[tuple[Table, Item, BinaryIO]]:
        """Give the table that `write` writes, from a file that nobody else sees."""
        return made_table(self.scratch, write)

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
        self, parts: Parts, read: ReadRecords, examples: tuple[str, ...], is_current: Callable[[], bool]
    ) -> Added:
        """Return what the parts are with records that were read; they are not read, but for what came last.

        An index that has to be made is kept where a data set still has the parts then. Raises WholeLookError where only
        the whole table can tell, as where a record has to be taken out, and what `table` raises.
        """
        for part in parts:
            if self._storage.state(part.name) is None:
                raise FileNotFoundError(part.name)
        for indexed in _prefixes(parts, self._cache.indexed()):
            since = parts[len(indexed) :]
            try:
                with self._additions(indexed, since) as additions:
                    found = additions.with_records(read, examples)
                    if sum(part.records for part in since) > MOST_SINCE:
                        self._keep_index(parts, additions.write_index, is_current)
                        self._cache.drop_index(key_of(indexed))
                    return found
            except DamagedIndexError:
                self._cache.drop_index(key_of(indexed))
        try:
            self.make_index(parts, is_current)
            with self._additions(parts, ()) as additions:
                return additions.with_records(read, examples)
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

    def without(self, table: Table, people: Collection[str]) -> Table:
        """Return a table without the people, from a file that nobody else sees: it goes with its last reader."""
        with self.made(lambda file: write_without(table, people, file)) as (left, _, _):
            return left

    def delete(self, parts: Sequence[Part], but: Sequence[Part] = ()) -> bool:
        """Delete parts `but` for some, and their table; False when none is there. Whoever has the table reads on."""
        gone = next((at for at, part in enumerate(parts) if part not in but), len(parts))
        for size in range(gone + 1, len(parts) + 1):
            self._cache.forget(key_of(parts[:size]))
        return super().delete(parts, but)

    def delete_expired(self, life_s: float, claimed: Collection[Parts], since_erasure_s: float) -> None:
        """Delete parts as PartFiles does, and the tables that are not of the `claimed` ones."""
        super().delete_expired(life_s, claimed, since_erasure_s)
        self.drop_tables(claimed)

    def drop_tables(self, claimed: Iterable[Parts]) -> None:
        """Delete the tables at hand that are of other parts than these."""
        self._cache.sweep({key_of(parts[:size]) for parts in claimed for size in range(1, len(parts) + 1)})


def key_of(parts: Sequence[Part]) -> str:
    """Return the key of the table that is made of some parts."""
    return hashlib.sha256(msgspec.json.encode([part.name for part in parts])).hexdigest()[:32]


def _prefixes(parts: Parts, keys: Collection[str]) -> Iterator[Parts]:
    """Yield the parts, and as many first of them as whole uploads brought, that have a key; the most come first."""
    ends = [at for at in range(len(parts), 0, -1) if at == len(parts) or parts[at].upload != parts[at - 1].upload]
    return (parts[:at] for at in ends if key_of(parts[:at]) in keys)
