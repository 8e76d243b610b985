"""Which accounts of a trust root the records of a data set do not have, and what is written much like them there."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from candor.scoring.gaps import NAMED, written_much_like
from candor.store.storage import DamagedFileError
from service.context import context

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

_MOST_NAMED, _MOST_COMPARED = 5, 4_000  # each takes a tenth of a second among so many people


def missing_accounts(owner: str, dataset_id: str, accounts: Sequence[str]) -> str | None:
    """Name those of some accounts that an owner's data set does not have, up to five; None where it has all."""
    with suppress(LookupError, DamagedFileError, OSError):
        there = context().store.datasets.people_among(owner, dataset_id, accounts)
        return named_missing(owner, dataset_id, accounts, there)
    return None


def named_missing(owner: str, dataset_id: str, accounts: Sequence[str], there: Collection[str]) -> str | None:
    """Name those of some accounts that are not `there`, up to five, with what is written like them in a data set."""
    missing = [account for account in accounts if account not in there]
    if not missing:
        return None
    people: list[str] = []
    with suppress(LookupError, DamagedFileError, OSError):
        people = context().store.datasets.people(owner, dataset_id, _MOST_COMPARED)
    more = ", …" if len(missing) > _MOST_NAMED else ""
    return ", ".join(_with_near(account, people) for account in missing[:_MOST_NAMED]) + more


def _with_near(account: str, people: Sequence[str]) -> str:
    near = ", ".join(f'"{each}"' for each in written_much_like(account, people)[:NAMED])
    return f'"{account}" (written much like it: {near})' if near else f'"{account}"'
