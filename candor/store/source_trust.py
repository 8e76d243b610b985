"""Whom the source of a data set itself trusts, kept as a trust root of its owner that nothing uses unasked."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from candor.scoring.trust_root import RootAccount, TrustRoot

if TYPE_CHECKING:
    from collections.abc import Collection

    from candor.store import Store

MOST_TRUSTED = 10_000


class _ChangedMeanwhileError(Exception):
    """Somebody else wrote the trust root since it was read."""


def source_root(dataset_id: str) -> str:
    """Return the id of the trust root that is named after a data set."""
    return f"{dataset_id}-trusted"


def add_trusted(store: Store, owner: str, dataset_id: str, network: str, names: Collection[str]) -> str | None:
    """Add accounts, as records name them, to the trust root named after a data set, and return its id.

    Nobody who is suppressed is added, and nobody is taken out. None where there is nobody to add, and where the owner
    has a root of that name that is no list of accounts of the network, which stays as it is.
    """
    wanted = set(names) - (store.suppression.among(network, names) if names else set())
    root_id = source_root(dataset_id)
    there = store.trust_roots.get(owner, root_id)
    root = there or TrustRoot(kind="accounts", network=network)
    if not wanted or root.kind != "accounts" or root.network != network:
        return None
    if new := sorted(wanted - {each.account for each in root.accounts})[: max(0, MOST_TRUSTED - root.size)]:
        accounts = (*root.accounts, *(RootAccount(account=name) for name in new))
        with suppress(_ChangedMeanwhileError):  # they are added with what is kept next
            new_root = replace(root, id=root_id, accounts=accounts)
            store.trust_roots.put(owner, root_id, new_root, check=partial(_check_same, there))
    return root_id


def _check_same(before: TrustRoot | None, now: TrustRoot | None) -> None:
    """Raise _ChangedMeanwhileError where a trust root is not as it was when it was read."""
    if now != before:
        raise _ChangedMeanwhileError
