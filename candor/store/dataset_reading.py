"""What is read of data sets: which there are, their records as columns, who is in them and who is written alike."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import TYPE_CHECKING

from candor.store import redis_keys
from candor.store.client import DamagedValueError
from candor.store.published_datasets import PublishedDatasets
from candor.store.storage import DamagedFileError
from candor.store.written_alike import written_alike

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from candor.scoring.copies import Copies
    from candor.scoring.method import CopyRule
    from candor.scoring.table import Table
    from candor.store.models import Dataset


class ReadableDatasets(PublishedDatasets):
    """The data sets of all owners, to read. Who is suppressed is in none."""

    def all_of(self, owner: str) -> list[Dataset]:
        """Return all data sets of an owner, by id."""
        kept = (kept for kept in self._all(owner) if self._files.has(kept.parts))
        return sorted((each.dataset for each in kept), key=lambda dataset: dataset.id)

    def get(self, owner: str, dataset_id: str) -> Dataset | None:
        """Return what is known of the owner's data set, or None: one whose file is gone is gone."""
        kept = self._find(redis_keys.dataset(owner, dataset_id))
        return None if kept is None else kept.dataset

    def is_kept(self, owner: str, dataset_id: str) -> bool:
        """Say whether there is such a data set, also where what is known of it is damaged."""
        try:
            return self.get(owner, dataset_id) is not None
        except DamagedValueError:
            return True

    def version(self, owner: str, dataset_id: str) -> object:
        """Return what differs whenever `activities` would: parts and suppression list; None without a data set."""
        kept = self._find(redis_keys.dataset(owner, dataset_id))
        if kept is None:
            return None
        lasting = kept.holding(kept.parts, expires_at=None)  # as they are kept longer, records stay the same
        return lasting, self._files.state(kept.parts), self._suppression.version()

    def activities(self, owner: str, dataset_id: str) -> Table:
        """Return the records, sorted by time, as columns.

        Raises LookupError when there is no such data set, DamagedFileError when a part is not as it was written.
        """
        kept, table = self._found(owner, dataset_id)
        people = self._suppression.among(kept.dataset.network, table.people.all())
        return self._files.without(table, people) if people else table

    def has_person(self, owner: str, dataset_id: str, account: str) -> bool:
        """Tell whether an account occurs in a data set and is not suppressed; takes as long for either.

        Raises LookupError and DamagedFileError as `activities` does.
        """
        kept, table = self._found(owner, dataset_id)
        is_suppressed = bool(self._suppression.among(kept.dataset.network, [account]))
        return table.people.has(account) and not is_suppressed

    def people_among(self, owner: str, dataset_id: str, accounts: Collection[str]) -> set[str]:
        """Return which of some accounts occur in a data set, but for people who are suppressed.

        Raises LookupError and DamagedFileError as `activities` does.
        """
        kept, table = self._found(owner, dataset_id)
        there = set(accounts).intersection(table.people.all())
        return there.difference(self._suppression.among(kept.dataset.network, sorted(there)))

    def people(self, owner: str, dataset_id: str, most: int) -> list[str]:
        """Return the people of a data set, but for who is suppressed; nobody where they are more than `most`.

        Raises LookupError and DamagedFileError as `activities` does.
        """
        kept, table = self._found(owner, dataset_id)
        if len(table.people) > most:
            return []
        there = list(table.people.all())
        gone = self._suppression.among(kept.dataset.network, there)
        return [name for name in there if name not in gone]

    def copies(self, owner: str, dataset_id: str, table: Table, rule: CopyRule) -> Copies:
        """Return the near-copies among the posts of a table that `activities` gave; of a data set they are kept.

        Raises LookupError when there is no such data set any more.
        """
        kept, key = self._whole(owner, dataset_id), redis_keys.dataset(owner, dataset_id)
        return self._files.copies(kept.parts, table, rule, partial(self._holds, key, kept.parts))

    def tables(self, is_wanted: Callable[[str], bool], owner: str | None = None) -> Iterator[tuple[str, Table]]:
        """Yield network and records of the data sets, an owner's or everybody's, of the networks that are wanted.

        Those that cannot be read are passed over.
        """
        for dataset in [kept.dataset for kept in self._all(owner) if is_wanted(kept.dataset.network)]:
            with contextlib.suppress(LookupError, DamagedFileError):
                yield dataset.network, self._found(dataset.owner, dataset.id)[1]

    def written_alike(self, network: str, name: str, owner: str | None = None) -> list[str]:
        """Return the accounts of a network in an owner's data sets, or in all, that somebody may have meant by a name.

        They are written so but for case and accents, or call themselves so; the name itself and who is suppressed are
        left out. While the storage is away nobody more is found: whoever asks to erase a name is not kept waiting.
        """
        found = set[str]()
        with contextlib.suppress(OSError):
            for _, table in self.tables(lambda other: other == network, owner):
                found.update(written_alike(table, name))
        found.discard(name)
        return sorted(found.difference(self._suppression.among(network, sorted(found))))
