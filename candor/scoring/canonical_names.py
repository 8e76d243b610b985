"""The one name of each account of a network, by how records write it, and records with these names."""

from __future__ import annotations

import contextlib
import zlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

from msgspec.structs import replace

from candor.names.account_text import UnknownAccountError, as_read, chosen_name
from candor.names.accounts import account_namer
from candor.names.shown_names import JOINERS, shown_name
from candor.scoring.activity import Activity
from candor.scoring.long_numbers import CUT_OFF, is_cut_off
from candor.scoring.record_batch import RecordBatch
from candor.scoring.record_faults import NO_OWNER

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_MOST_KNOWN = 1_000_000
_MOST_UNSEEN = 10_000
_BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)


class People(dict[str, str]):
    """The one name of each account of a network, by how records write it. Raises UnknownAccountError for no account.

    Words for `nobody` name none: what is done by or towards them is by or towards nobody known. `shown` has the names
    of accounts that are written with joiners which a reader sees, as emoji and Persian are: accounts have none.
    `unseen` has the names that were also written with what a reader does not see, such as a space without width.
    """

    def __init__(self, network: str, nobody: Collection[str] = ()) -> None:
        super().__init__()
        self._nobody = nobody
        self._name = account_namer(network)
        self._canonical: set[str | None] = {None}
        self.shown: dict[str, str] = {}
        self.unseen: set[str] = set()

    def __missing__(self, written: str) -> str:
        if len(self) >= _MOST_KNOWN:
            self.clear()
            self._canonical = {None}
        if is_cut_off(written):
            raise UnknownAccountError(CUT_OFF)
        name = self._name(written)
        self[written] = found = written if name == written else name
        if found is written:
            self._canonical.add(written)
        elif len(self.unseen) < _MOST_UNSEEN and as_read(written) != normalize("NFC", written):
            self.unseen.add(name)
        if found is not written and any(joiner in written for joiner in JOINERS):
            shown = shown_name(written)
            if shown != name and chosen_name("", shown) == name:  # a name, and no address of an account
                self.shown.setdefault(name, shown)
        return found

    def with_canonical_names(self, activity: Activity) -> Activity:
        """Return the record with the one names of the accounts in it. Raises UnknownAccountError."""
        actor, target = activity.actor, activity.target_actor
        if actor in self._nobody or target in self._nobody:
            return self._without_nobody(activity)
        by, to = actor and self[actor], target and self[target]
        return activity if by == actor and to == target else replace(activity, actor=by, target_actor=to)

    def _without_nobody(self, activity: Activity) -> Activity:
        actor, target = (None if name in self._nobody else name for name in (activity.actor, activity.target_actor))
        if actor is None and activity.type == "account":
            raise UnknownAccountError(NO_OWNER)
        return self.with_canonical_names(replace(activity, actor=actor, target_actor=target))

    def all_with_canonical_names(self, batch: RecordBatch) -> RecordBatch:
        """Return some records with the one names of the accounts in them. Raises UnknownAccountError."""
        actors, targets = batch.columns["actor"], batch.columns["target_actor"]
        known = self._canonical
        if known.issuperset(actors) and (not any(targets) or known.issuperset(targets)):
            return batch
        new: set[Any] = {*actors, *targets} - known
        if not any(name in self._nobody for name in new) and all(self[name] == name for name in new):
            return batch
        return RecordBatch(list(map(self.with_canonical_names, batch)))

    def looking_alike(self) -> list[str]:
        """Return the accounts that are written both with and without what a reader does not see, by name."""
        return sorted(name for name in self.unseen if name in self._canonical)

    def told_names(self) -> list[Activity]:
        """Return the names in `shown` as records of accounts, and forget them.

        They are dated before anything that an account says of itself, which so takes their place; two spellings of
        one are two records.
        """
        told = [
            Activity(type="account", actor=name, name=shown, published=_BEFORE_ALL + _moment_of(shown))
            for name, shown in self.shown.items()
        ]
        self.shown = {}
        return told

    def names(self, written: Iterable[str]) -> list[str]:
        """Return the one names of accounts, each once; what is no account's is left out."""
        found: dict[str, None] = {}
        for each in written:
            with contextlib.suppress(UnknownAccountError):
                found[self[each]] = None
        return list(found)

    def pointer(self, activity: Activity) -> str:
        """Say which field of a record that has no canonical name is the wrong one."""
        return "/target_actor" if activity.actor is None or activity.actor in self else "/actor"


def _moment_of(name: str) -> timedelta:
    return timedelta(microseconds=zlib.crc32(name.encode()))
